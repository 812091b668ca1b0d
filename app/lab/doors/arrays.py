"""Routes of one array, alike for datasets and results: chunks, slices, table, spectra, maps of counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response

from app.lab.doors.dependencies import CurrentLab
from app.lab.doors.grants import remember
from app.lab.doors.problems import refuses
from app.lab.doors.spectra import MAP, Energy, Index, SpectrumOut, energy_map, spectrum_of
from app.lab.doors.trees import array_path, display_path, serve_tree_file, slice_path

ArrayName = Annotated[str, Path(max_length=120)]
BYTES: dict[str, Any] = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes", **BYTES},
    206: {"description": "A range of the bytes", **BYTES},
}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"description": "The picture", "content": {"image/png": {}}}}
TABLE: dict[int | str, dict[str, Any]] = {
    200: {"description": "Columns and their units", "content": {"application/json": {}}}
}


@dataclass(frozen=True, slots=True)
class StoredArray:
    """
    An array that the actor may read.

    Parameters
    ----------
    tree : str or None
        Key of the tree it lies in; None is a thing without a tree.
    name : str
    summary : callable
        Returns its entry; NotFound when the thing has no such array.
    """

    tree: str | None
    name: str
    summary: Callable[[], Mapping[str, Any]]


def add_array_routes(router: APIRouter, under: str, thing: str, find: Callable[..., StoredArray]) -> None:
    """
    Serve the arrays of a kind of thing.

    Parameters
    ----------
    router : APIRouter
        Of the room.
    under : str
        Path of one array, ending in ``{name}``.
    thing : str
        Word of the operations' identifiers: ``get<thing>Chunk``.
    find : callable
        Dependency that takes what the path names and returns the array, or refuses.
    """
    _add_files(router, under, thing, find)
    _add_spectra(router, under, thing, find)


def _add_files(router: APIRouter, under: str, thing: str, find: Callable[..., StoredArray]) -> None:
    found = Annotated[StoredArray, Depends(find)]

    @router.get(
        f"{under}/zarr/{{path:path}}",
        operation_id=f"get{thing}Chunk",
        response_class=Response,
        responses={**refuses(416, 500), **FILE},
    )
    def get_chunk(array: found, path: str, lab: CurrentLab, request: Request) -> Response:
        """Return one file of an array's OME-Zarr group; a chunk that is not found holds the fill value."""
        remember(request, array.tree)
        return serve_tree_file(lab.house, request, array.tree, array_path(array.name, path))

    @router.get(
        f"{under}/display/{{path:path}}",
        operation_id=f"get{thing}DisplayChunk",
        response_class=Response,
        responses={**refuses(416, 500), **FILE},
    )
    def get_display_chunk(array: found, path: str, lab: CurrentLab, request: Request) -> Response:
        """
        Return one file of the copy that viewers read, where `has_display`: 16-bit codes in the array's own levels.

        A value is `offset + scale * code` by the group's `lithoscope.display`; code 0 is a place without one.
        """
        remember(request, array.tree)
        return serve_tree_file(lab.house, request, array.tree, display_path(array.name, path))

    @router.get(
        f"{under}/slices/{{axis}}.png",
        operation_id=f"get{thing}Slice",
        response_class=Response,
        responses={**refuses(500), **PICTURE},
    )
    def get_slice(array: found, axis: Literal["z", "y", "x", "t", "e"], lab: CurrentLab, request: Request) -> Response:
        """Return the picture of an array's middle slice across an axis."""
        return serve_tree_file(lab.house, request, array.tree, slice_path(array.name, axis))

    @router.get(
        f"{under}/table",
        operation_id=f"get{thing}Table",
        response_class=Response,
        responses={**refuses(500), **TABLE},
    )
    def get_table(array: found, lab: CurrentLab, request: Request) -> Response:
        """Return the columns of a table and their units as JSON."""
        return serve_tree_file(lab.house, request, array.tree, f"{array.name}.json")


def _add_spectra(router: APIRouter, under: str, thing: str, find: Callable[..., StoredArray]) -> None:
    found = Annotated[StoredArray, Depends(find)]

    @router.get(f"{under}/spectrum", operation_id=f"get{thing}Spectrum", responses=refuses(500, 503))
    def get_spectrum(
        array: found,
        lab: CurrentLab,
        t: Index = None,
        y: Index = None,
        x: Index = None,
        y_to: Index = None,
        x_to: Index = None,
    ) -> SpectrumOut:
        """
        Return the spectrum of one pixel, of which only that pixel is read; without a pixel the mean of all.

        With `y_to` and `x_to`, the last row and column of a region, it is the mean of the region. Of a tilt series
        without `t` it is the tilt nearest to zero.
        """
        summary = array.summary()
        lab.session.rollback()  # a sum takes long: the connection goes back first
        place = {"t": t, "y": y, "x": x, "y_to": y_to, "x_to": x_to}
        return spectrum_of(lab.house, array.tree, summary, place)

    @router.get(
        f"{under}/energy-map",
        operation_id=f"get{thing}EnergyMap",
        response_class=Response,
        responses={**refuses(500, 503), **MAP},
    )
    def get_energy_map(
        array: found,
        lab: CurrentLab,
        request: Request,
        t: Index = None,
        low_eV: Energy = None,
        high_eV: Energy = None,
    ) -> Response:
        """Return every pixel's counts summed over a window of energies, all of them without a window."""
        summary = array.summary()
        lab.session.rollback()
        return energy_map(lab.house, request, array.tree, summary, tilt=t, low_eV=low_eV, high_eV=high_eV)
