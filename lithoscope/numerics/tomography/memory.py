"""What the engines need at once, told before anything is allocated. Bytes per point were measured with tracemalloc."""

from lithoscope.numerics.common.memory import refuse_too_large

#: GENFIRE: what all maps share per measured point, and what each map adds.
SHARED_POINT_BYTES, MAP_POINT_BYTES = 90, 34
#: The volume of a map and the best one so far; its series in two forms.
SLAB_BYTES, SERIES_BYTES = 8, 8
#: Engines in space: an entry of the matrix of a slice and its copies, a voxel of a map, a ray of a map.
ENTRY_BYTES, VOXEL_BYTES, RAY_BYTES = 32, 16, 16
#: Detector pixels that a voxel's shadow may touch.
ENTRIES_PER_VOXEL = 3


def genfire_bytes(shape: tuple[int, ...], *, columns: int, padded_y_px: int) -> int:
    """
    Estimate what GENFIRE holds at once.

    Parameters
    ----------
    shape : tuple of int
        Of the maps (map, t, y, x).
    columns : int
        Measured columns of half the padded grid.
    padded_y_px : int
        Points of each.
    """
    maps, tilts, n_y, n_x = shape
    points = columns * padded_y_px
    each = MAP_POINT_BYTES * points + SLAB_BYTES * n_x * n_x * n_y + SERIES_BYTES * tilts * n_y * n_x
    return SHARED_POINT_BYTES * points + maps * each


def algebraic_bytes(shape: tuple[int, ...], *, tilts_at_once: int) -> int:
    """
    Estimate what an engine in space holds at once.

    Parameters
    ----------
    shape : tuple of int
        Of the maps (map, t, y, x).
    tilts_at_once : int
        Tilts whose matrix is held.
    """
    maps, tilts, n_y, n_x = shape
    entries = ENTRIES_PER_VOXEL * tilts_at_once * n_x * n_x
    return ENTRY_BYTES * entries + maps * (VOXEL_BYTES * n_x * n_x * n_y + RAY_BYTES * tilts * n_y * n_x)


def refuse_genfire(shape: tuple[int, ...], *, columns: int, padded_y_px: int) -> None:
    """Refuse maps that GENFIRE cannot hold in the memory of this process (NeedsTooMuchMemory)."""
    refuse_too_large(
        genfire_bytes(shape, columns=columns, padded_y_px=padded_y_px),
        what=f"GENFIRE of {_size(shape)}",
        remedy="lower oversampling_ratio or interpolation_radius_px, bin the images, or reconstruct fewer maps at once",
    )


def refuse_algebraic(shape: tuple[int, ...], *, engine: str, tilts_at_once: int) -> None:
    """Refuse maps that an engine in space cannot hold in the memory of this process (NeedsTooMuchMemory)."""
    refuse_too_large(
        algebraic_bytes(shape, tilts_at_once=tilts_at_once),
        what=f"{engine} of {_size(shape)}",
        remedy="bin the images, crop them, or reconstruct fewer maps at once",
    )


def _size(shape: tuple[int, ...]) -> str:
    maps, _, n_y, n_x = shape
    return f"{'one map' if maps == 1 else f'{maps} maps'} of {n_y} by {n_x} pixels"
