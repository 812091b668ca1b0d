"""Spectra of published trees over HTTP, shared by datasets and results: one pixel's, the mean, a map of counts."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.errors import Invalid, LabError, NotFound
from app.infra.exports import DamagedTree
from app.infra.house import House
from app.infra.spectra import SpectraBusy, StoredSpectra
from app.lab.doors.files import IntegrityFailure
from app.lab.doors.trees import files_of
from app.lab.schemas import Out

Index = Annotated[int | None, Query(ge=0, le=10_000_000, description="Index along this axis, counted from 0")]
Energy = Annotated[float | None, Query(allow_inf_nan=False, description="End of the window [eV]")]
#: Of one answer, which stands in the memory of the service; measured spectra have far fewer.
MOST_CHANNELS, MOST_PIXELS = 1 << 18, 1 << 24
MAP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Little-endian float32, row by row; `X-Shape` is rows and columns, `X-Unit` their unit",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class SpectraAreBusy(LabError):
    """More tilts are asked for at this moment than can be summed."""

    code, status, title = "spectra-busy", 503, "Many spectra are being summed"

    def __init__(self) -> None:
        super().__init__("Try again in a moment; the spectrum of one pixel needs no sum.", headers={"Retry-After": "5"})


class NoSpectra(LabError):
    """The array holds no spectra."""

    code, status, title = "no-spectra", 422, "The array holds no spectra"

    def __init__(self) -> None:
        super().__init__("Only arrays of kind spectra have a spectrum in each pixel: choose one of these.")


class SpectraTooLarge(LabError):
    """The spectra have more channels or pixels than one answer holds."""

    code, status, title = "spectra-too-large", 422, "The spectra are too large to show"

    def __init__(self) -> None:
        super().__init__(
            f"An answer holds at most {MOST_CHANNELS} channels and {MOST_PIXELS} pixels: download the array instead."
        )


class SpectrumOut(Out):
    """
    A spectrum: `place` is the pixel, or the first and last of a region, without x and y it is the mean of all.

    `pixels` is over how many it is a mean; `energies` are null where unknown.
    """

    place: dict[str, int]
    is_mean: bool
    pixels: int
    energies: list[float] | None
    values: list[float | None]
    unit: str


def spectrum_of(
    house: House, tree: str | None, summary: Mapping[str, Any], place: Mapping[str, int | None]
) -> SpectrumOut:
    """
    Read one pixel's spectrum, the mean of a region, or that of a tilt where neither row nor column is given.

    Parameters
    ----------
    house : House
        Where the tree lies.
    tree : str or None
        Key of the tree.
    summary : mapping
        The array's entry.
    place : mapping
        Index along ``t``, ``y`` and ``x``; a tilt that is not given is the one nearest to zero. ``y_to`` and ``x_to``
        are the last row and column of a region.
    """
    spectra = _spectra(house, tree, summary)
    given = _place(summary, place)
    region = _region(summary, given, place)
    is_mean = region is not None or not any(axis in given for axis in "yx")
    if not is_mean and (missing := [axis for axis in summary["axes"] if axis in "yx" and axis not in given]):
        raise Invalid.field(f"/query/{missing[0]}", "A pixel has a row and a column: give both, or neither.")
    lengths = dict(zip(summary["axes"], summary["shape"], strict=True))
    try:
        if region is not None:
            found, pixels = spectra.region(given.get("t"), *region), len(region[0]) * len(region[1])
        elif is_mean:
            found, pixels = spectra.mean(given.get("t")), lengths.get("y", 1) * lengths.get("x", 1)
        else:
            found, pixels = spectra.spectrum(list(given.values())), 1
    except DamagedTree:
        raise IntegrityFailure from None
    except SpectraBusy:
        raise SpectraAreBusy from None
    known = [value if value == value else None for value in found]  # noqa: PLR0124 - NaN is not itself
    energies = (summary.get("coordinates") or {}).get("e")
    return SpectrumOut(
        place=given | ({"y_to": region[0].stop - 1, "x_to": region[1].stop - 1} if region else {}),
        is_mean=is_mean,
        pixels=pixels,
        energies=energies,
        values=known,
        unit=str(summary.get("unit") or "1"),
    )


def energy_map(
    house: House,
    request: Request,
    tree: str | None,
    summary: Mapping[str, Any],
    *,
    tilt: int | None,
    low_eV: float | None,
    high_eV: float | None,
) -> Response:
    """Sum every pixel's counts over a window of energies, as float32; all energies where no window is given."""
    spectra = _spectra(house, tree, summary)
    lengths = dict(zip(summary["axes"], summary["shape"], strict=True))
    if not {"y", "x"} <= lengths.keys():
        raise NoSpectra
    given = _place(summary, {"t": tilt})
    channels = _channels(summary, low_eV, high_eV)
    tag = f'"{spectra.sha256[:32]}-{given.get("t", 0)}-{channels.start}-{channels.stop}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "X-Shape": f"{lengths['y']},{lengths['x']}",
        "X-Unit": str(summary.get("unit") or "1"),
        "X-Content-Type-Options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        content = spectra.counts(given.get("t"), channels)
    except DamagedTree:
        raise IntegrityFailure from None
    except SpectraBusy:
        raise SpectraAreBusy from None
    return Response(content, headers=headers, media_type="application/octet-stream")


def _spectra(house: House, tree: str | None, summary: Mapping[str, Any]) -> StoredSpectra:
    if summary["kind"] != "spectra" or not str(summary.get("axes", "")).endswith("e"):
        raise NoSpectra
    lengths = dict(zip(summary["axes"], summary["shape"], strict=True))
    if lengths["e"] > MOST_CHANNELS or lengths.get("y", 1) * lengths.get("x", 1) > MOST_PIXELS:
        raise SpectraTooLarge
    sha256 = files_of(house.store, tree).get(summary["path"]) if tree else None
    if sha256 is None:
        raise NotFound
    return StoredSpectra(house.store, f"{tree}/{summary['path']}", sha256, summary["axes"])


def _place(summary: Mapping[str, Any], place: Mapping[str, int | None]) -> dict[str, int]:
    """Return the given indices of the array's own axes, each within its length; a series always has a tilt."""
    found: dict[str, int] = {}
    for axis, length in zip(summary["axes"], summary["shape"], strict=True):
        index = place.get(axis)
        if axis == "t" and index is None:
            tilts = (summary.get("coordinates") or {}).get("t") or range(length)
            index = min(range(length), key=lambda at: abs(tilts[at]))
        if index is None:
            continue
        if index >= length:
            raise Invalid.field(f"/query/{axis}", f"The array has {length} places along {axis}, counted from 0.")
        found[axis] = index
    return found


def _region(
    summary: Mapping[str, Any], given: Mapping[str, int], place: Mapping[str, int | None]
) -> tuple[range, range] | None:
    """Return the rows and columns of a region, both ends within it; None where none is asked for."""
    ends = {axis: place.get(f"{axis}_to") for axis in "yx"}
    if ends["y"] is None and ends["x"] is None:
        return None
    lengths = dict(zip(summary["axes"], summary["shape"], strict=True))
    found = []
    for axis in "yx":
        first, last = given.get(axis), ends[axis]
        if first is None or last is None:
            raise Invalid.field(f"/query/{axis}", "A region has a first and last row and column: give all four.")
        if not first <= last < lengths.get(axis, 0):
            raise Invalid.field(
                f"/query/{axis}_to", f"The last place along {axis} lies from the first to {lengths.get(axis, 0) - 1}."
            )
        found.append(range(first, last + 1))
    return found[0], found[1]


def _channels(summary: Mapping[str, Any], low_eV: float | None, high_eV: float | None) -> slice:
    """Turn a window of energies into channels; an axis may run downward."""
    count = summary["shape"][-1]
    if low_eV is None and high_eV is None:
        return slice(0, count)
    energies = (summary.get("coordinates") or {}).get("e")
    if not energies:
        raise Invalid.field("/query/low_eV", "The energies of this array are unknown: leave the window out.")
    rising = energies if energies[0] <= energies[-1] else energies[::-1]
    first = 0 if low_eV is None else bisect_left(rising, low_eV)
    last = count if high_eV is None else bisect_right(rising, high_eV)
    if first >= last:
        raise Invalid.field(
            "/query/low_eV", f"The window holds no channel between {rising[0]:g} and {rising[-1]:g} eV."
        )
    return slice(first, last) if rising is energies else slice(count - last, count - first)
