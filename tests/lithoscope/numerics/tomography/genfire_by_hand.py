"""The published algorithm written out on the whole padded grid, for small volumes: the peer of `genfire`."""

import numpy as np

from lithoscope.numerics.tomography.schedule import cutoff_switches


def sizes(n_x, n_y, oversampling_ratio):
    """Return the even sizes (z, y, x) of the padded grid."""
    even = [2 * int(np.ceil(n * oversampling_ratio / 2 - 1e-9)) for n in (n_x, n_y, n_x)]
    return tuple(even)


def frequencies(shape):
    """Return kz, ky and kx of every point of the grid."""
    return np.meshgrid(*[np.fft.fftfreq(n, 1 / n) for n in shape], indexing="ij")


def reachable(shape, *, circle=True):
    """Say which points stand for one frequency, within the Nyquist sphere of the images."""
    k = frequencies(shape)
    inside = np.logical_and.reduce([abs(each) < n / 2 for each, n in zip(k, shape, strict=True)])
    return inside & (sum((2 * each / n) ** 2 for each, n in zip(k, shape, strict=True)) < 1) if circle else inside


def plane_values(image, u, v, shape, axis_px):
    """Sum the discrete Fourier transform of an image at points (u, v), one by one."""
    place_y, place_x = np.indices(image.shape)
    place_y, place_x = place_y - (len(image) - 1) / 2, place_x - axis_px
    return np.array(
        [
            np.sum(image * np.exp(-2j * np.pi * (place_x * a / shape[2] + place_y * b / shape[1])))
            for a, b in zip(u, v, strict=True)
        ]
    )


def gridded(series, angles_deg, shape, radius, axis_px):
    """Average every plane at the feet of the grid points near it, weighted by their distance."""
    kz, ky, kx = frequencies(shape)
    total, weights = np.zeros(shape, complex), np.zeros(shape)
    for image, angle in zip(series, np.deg2rad(angles_deg), strict=True):
        distance = abs(kz * np.cos(angle) - kx * np.sin(angle))
        foot = kx * np.cos(angle) + kz * np.sin(angle)
        near = (distance < radius) & (abs(foot) <= shape[2] / 2)
        weight = 1 / np.maximum(distance[near], 1e-5)
        total[near] += weight * plane_values(image, foot[near], ky[near], shape, axis_px)
        weights[near] += weight
    return total, weights


def scattered(series, angles_deg, shape, radius, axis_px):
    """Scatter every sample of every plane to the grid points around it."""
    total, weights = np.zeros(shape, complex), np.zeros(shape)
    u, v = np.meshgrid(*[np.arange(1 - n // 2, n // 2) for n in (shape[2], shape[1])])
    for image, angle in zip(series, np.deg2rad(angles_deg), strict=True):
        values = plane_values(image, u.ravel(), v.ravel(), shape, axis_px)
        sample_x, sample_z = u.ravel() * np.cos(angle), u.ravel() * np.sin(angle)
        reach = round(radius)
        for shift_z, shift_y, shift_x in np.ndindex(*[2 * reach + 1] * 3):
            x, z = np.rint(sample_x) + shift_x - reach, np.rint(sample_z) + shift_z - reach
            y = v.ravel() + shift_y - reach
            squared = (x - sample_x) ** 2 + (z - sample_z) ** 2 + (y - v.ravel()) ** 2
            near = (squared <= radius**2) & (abs(x) < shape[2] / 2) & (abs(z) < shape[0] / 2)
            at = tuple(each[near].astype(int) for each in (z, y, x))
            np.add.at(total, at, values[near] / (squared[near] + 1e-5))
            np.add.at(weights, at, 1 / (squared[near] + 1e-5))
    return total, weights


def symmetric(total, weights):
    """Average every point with the conjugate of its opposite, where both were measured."""
    values = np.divide(total, weights, out=np.zeros_like(total), where=weights > 0)
    measured = weights > 0
    opposite = tuple(np.meshgrid(*[-np.arange(n) for n in values.shape], indexing="ij"))
    count = measured + measured[opposite].astype(int)
    both = np.where(measured, values, 0) + np.where(measured[opposite], values[opposite].conj(), 0)
    return np.divide(both, count, out=np.zeros_like(both), where=count > 0), count > 0


def reconstruct(series, angles_deg, *, iterations, ratio, radius, gridding, axis_px, support, resolution, circle=True):
    """Return the best volume (z, y, x), the error of every iteration and the filled fraction."""
    n_y, n_x = series.shape[1:]
    shape = sizes(n_x, n_y, ratio)
    grid = gridded if gridding == "dft" else scattered
    measured, filled = symmetric(*grid(series.astype(float), angles_deg, shape, radius, axis_px))
    filled &= reachable(shape, circle=circle)
    k = frequencies(shape)
    radius_k = np.sqrt(sum((2 * each / n) ** 2 for each, n in zip(k, shape, strict=True)))
    middle = ((n_x - 1) / 2, (n_y - 1) / 2, (n_x - 1) / 2)
    ramp = np.exp(2j * np.pi * sum(each * c / n for each, c, n in zip(k, middle, shape, strict=True)))
    block = np.zeros(shape)
    block[:n_x, :n_y, :n_x] = 1 if support is None else support
    switches = cutoff_switches(resolution, iterations)
    volume, errors, best, least = np.zeros(shape), [], None, np.inf
    for iteration in range(1, iterations + 1):
        if iteration in switches:
            enforced, least = filled & (1 - radius_k > switches[iteration]), np.inf
        volume = np.maximum(volume, 0) * block
        values = np.fft.fftn(volume) * ramp
        errors.append(np.sum(abs(abs(values) - abs(measured))[filled]) / np.sum(abs(measured)[filled]))
        if errors[-1] < least:
            best, least = volume, errors[-1]
        values[enforced] = measured[enforced]
        volume = np.fft.ifftn(values / ramp).real
    return best[:n_x, :n_y, :n_x], np.array(errors), filled.mean()
