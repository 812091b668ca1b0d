"""The published figures, drawn anew from what the tomography demonstration found, next to what was planted."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.cli.tomography_found import ELEMENTS, VALENCES, Found
from lithoscope.figures import Figure, Film
from lithoscope.figures.comparison import figure_of_comparison
from lithoscope.figures.films import Side, film_per_map
from lithoscope.figures.maps import maps_of
from lithoscope.figures.montage import figure_of_tilts
from lithoscope.figures.plots import figure_of_table
from lithoscope.figures.profiles import figure_of_profiles
from lithoscope.figures.renderings import Rendered, figure_of_renderings
from lithoscope.numerics.twins.small import FULL_SIZE

MANGANESE, COBALT = VALENCES[:3], VALENCES[3:]
LIMITS = "paper"
FILM_PX = 200
#: Frames of a film, at full size and for a quick look.
FRAMES, FEW_FRAMES = 36, 12
Drawn = Figure | Film


def draw_all(found: Sequence[Found], folder: Path, *, say: Callable[[str], None]) -> list[Path]:
    """
    Write every figure as PNG, SVG and caption, every film as GIF and caption.

    Parameters
    ----------
    found : sequence of Found
        Particles, the pristine one first.
    folder : Path
        Made when it is missing; figures of an earlier run are replaced.
    say : callable
        Told each name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, drawn in figures(found):
        written.append(_saved(folder / name, drawn))
        say(f"drawn: {written[-1].name}")
    return written


def figures(found: Sequence[Found]) -> Iterator[tuple[str, Drawn]]:
    """Draw the figures one after the other, each with the name of its file."""
    first = found[0]
    yield "figure_2a-d_composition", figure_of_renderings(_rows(found, ELEMENTS), name="composition")
    yield "figure_2e_mean_composition", _means(found, ELEMENTS)
    yield "figure_2f_rich_regions", _rich(found, "particle")
    yield "figure_2g_surface_composition", _means(found, ELEMENTS, is_surface=True)
    yield "figure_2h_rich_surface", _rich(found, "surface")
    yield "figure_2i-l_depth_profiles", _profiles(found, ELEMENTS)
    yield "figure_3a-e_valence", figure_of_renderings(_rows(found, VALENCES), name="valence states")
    yield "figure_3f-g_mean_valence", _means(found, VALENCES)
    yield "figure_3h-i_surface_valence", _means(found, VALENCES, is_surface=True)
    yield "figure_3j-l_manganese_profiles", _profiles(found, MANGANESE)
    yield "figure_3m-n_cobalt_profiles", _profiles(found, COBALT)
    yield "figure_4_inhomogeneity", _scatter(found)
    yield "supplementary_1_direct_and_fused", figure_of_renderings(_fused(first), name="direct and fused")
    for each in found:
        yield (
            f"supplementary_3_composition_{each.particle.state}",
            figure_of_profiles(
                {"measured": each.profiles(ELEMENTS, is_planted=False)},
                truth={"measured": each.profiles(ELEMENTS, is_planted=True)},
                name=f"depth profiles, {each.title}",
            ),
        )
        yield f"supplementary_4_valence_maps_{each.particle.state}", _valence_maps(each)
    yield "supplementary_9_beam_stability", _repeated(first)
    yield from _tilts(first)
    yield "supplementary_11_tilt_levels", figure_of_table(first.table("composition", "tilt_factors"))
    for each in found:
        for name, film in zip((*ELEMENTS, *VALENCES), _films(each), strict=True):
            yield f"film_{name.rstrip('+')}_{each.particle.state}", film


def _maps(each: Found, names: Sequence[str], *, is_planted: bool = False) -> tuple[Any, NDArray[np.bool_]]:
    """Return maps of elements or states with their mask."""
    is_composition = names == ELEMENTS
    unit = "at%" if is_composition else "1"
    if is_planted:
        volume, mask = each.planted("composition" if is_composition else "valence"), each.planted_mask
    else:
        volume, mask = each.composition if is_composition else each.valence, each.mask
    return maps_of(volume, names, unit, mask, limits=LIMITS), mask


def _rows(found: Sequence[Found], names: Sequence[str]) -> list[Rendered]:
    """Return a row for each particle as measured, and one as planted."""
    rows = []
    for each in found:
        for word, is_planted in (("measured", False), ("planted", True)):
            maps, mask = _maps(each, names, is_planted=is_planted)
            rows.append(Rendered(f"{each.title}\n{word}", maps, mask, each.voxel_nm))
    return rows


def _fused(each: Found) -> list[Rendered]:
    """Return the composition of the direct reconstruction and that of the fused one, with the same k-factors."""
    factors = np.array(each.table("composition", "k_factors").columns["k"], np.float32)
    atoms = each.values("fused", "volumes") * factors[:, None, None, None]
    total = atoms.sum(axis=0)
    fused = np.divide(100 * atoms, total, out=np.full_like(atoms, np.nan), where=total > 0)
    return [
        Rendered(word, maps_of(volume, ELEMENTS, "at%", each.mask, limits=LIMITS), each.mask, each.voxel_nm)
        for word, volume in (("direct", each.composition), ("fused", fused))
    ]


def _means(found: Sequence[Found], names: Sequence[str], *, is_surface: bool = False) -> Figure:
    """Draw the means of maps over particles or their outermost shells by state, with the planted ones."""
    scale = 1.0 if tuple(names) == ELEMENTS else 100.0
    states: dict[str, dict[str, list[float | None]]] = {}
    truth: dict[str, dict[str, float]] = {}
    for each in found:
        known = [one for one in each.recoveries if one.name in names]
        pairs = {
            one.name: (float(one.found_profile[0]), float(one.planted_profile[0]))
            if is_surface
            else (one.found, one.planted)
            for one in known
        }
        states[each.title] = {name: [scale * pair[0]] for name, pair in pairs.items()}
        truth[each.title] = {name: scale * pair[1] for name, pair in pairs.items()}
    words = "means of the surface by cycling state" if is_surface else "means by cycling state"
    return figure_of_comparison(
        states, units=dict.fromkeys(names, "at%" if scale == 1 else "%"), truth=truth, name=words
    )


def _rich(found: Sequence[Found], where: str) -> Figure:
    """Draw the share of voxels rich in an element, measured and planted."""
    shares = {each.title: each.rich_percent(where) for each in found}
    states = {title: {f"{name}-rich": [pair[0]] for name, pair in known.items()} for title, known in shares.items()}
    truth = {title: {f"{name}-rich": pair[1] for name, pair in known.items()} for title, known in shares.items()}
    units = {f"{name}-rich": "%" for name in ELEMENTS}
    return figure_of_comparison(states, units=units, truth=truth, name=f"element-rich voxels of the {where}")


def _scatter(found: Sequence[Found]) -> Figure:
    """Draw the inhomogeneity of Mn and Co by depth, as published and without the noise of counting."""
    measured, planted = (
        {each.title: each.scatter(("Mn", "Co"), is_planted=is_planted) for each in found}
        for is_planted in (False, True)
    )
    return figure_of_profiles(measured, truth=planted, name="inhomogeneity")


def _profiles(found: Sequence[Found], names: tuple[str, ...]) -> Figure:
    measured, planted = (
        {each.title: each.profiles(names, is_planted=is_planted) for each in found} for is_planted in (False, True)
    )
    return figure_of_profiles(measured, truth=planted, name="depth profiles")


def _valence_maps(each: Found) -> Figure:
    """Draw the states in every pixel of the untilted scan."""
    flat = int(np.argmin(np.abs(_angles(each))))
    maps = [
        each.values(f"{metal}_states", f"fraction_{place}")[flat]
        for metal, count in (("manganese", 3), ("cobalt", 2))
        for place in range(1, count + 1)
    ]
    pictures = 100 * np.stack(maps)[:, None]
    return figure_of_tilts(
        pictures,
        _angles(each)[flat : flat + 1],
        names=VALENCES,
        unit="%",
        limits=LIMITS,
        pixel_nm=each.voxel_nm,
        name="valence maps",
    )


def _repeated(each: Found) -> Figure:
    """Draw the scans repeated at one tilt, before, within and after the series: dark field and L3 of Mn and Co."""
    maps = np.concatenate([each.values("stability", "dark_field")[None], each.values("stability", "maps")])
    names = ("dark field", "Mn L3", "Co L3")
    return figure_of_tilts(
        maps, np.zeros(maps.shape[1]), names=names, pixel_nm=each.voxel_nm, name="repeated scans in order of time"
    )


def _tilts(each: Found) -> Iterator[tuple[str, Drawn]]:
    """Draw the tilt series of the dark field and of every X-ray map."""
    yield (
        "supplementary_10_dark_field",
        figure_of_tilts(each.series("dark_field"), _angles(each), pixel_nm=each.voxel_nm, name="dark field"),
    )
    maps = each.values("x_ray_maps", "maps")
    for name, values in zip(ELEMENTS, maps, strict=False):
        yield (
            f"supplementary_10_x_rays_{name}",
            figure_of_tilts(values, _angles(each), names=(name,), pixel_nm=each.voxel_nm, name=f"X-rays of {name}"),
        )


def _angles(each: Found) -> NDArray[np.float64]:
    return np.asarray(each.particle.dataset.arrays["dark_field"].summary["coordinates"]["t"], np.float64)


def _films(each: Found) -> Iterator[Film]:
    """Turn the particle as measured beside the planted one, a film for every map."""
    sides = []
    for word, is_planted in (("measured", False), ("planted", True)):
        pairs = [_maps(each, names, is_planted=is_planted) for names in (ELEMENTS, VALENCES)]
        sides.append(Side(word, [one for maps, _ in pairs for one in maps], pairs[0][1], each.voxel_nm))
    frames = FRAMES if each.mask.shape[-1] >= FULL_SIZE else FEW_FRAMES
    return film_per_map(sides, side_px=FILM_PX, frames=frames)


def _saved(path: Path, drawn: Drawn) -> Path:
    """Write a drawing beside its caption; return the picture's file."""
    path.with_suffix(".txt").write_text(drawn.caption + "\n", encoding="utf-8")
    if isinstance(drawn, Film):
        path.with_suffix(".gif").write_bytes(drawn.gif)
        return path.with_suffix(".gif")
    path.with_suffix(".svg").write_text(drawn.svg, encoding="utf-8")
    path.with_suffix(".png").write_bytes(drawn.png)
    return path.with_suffix(".png")
