"""Looks at single voxels and at parts of stored arrays."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.errors import Invalid, NotFound
from app.infra.db.models import Result
from app.infra.exports import DamagedTree
from app.infra.ids import prefix_of
from app.infra.storage import Store
from app.infra.voxels import StoredArray
from app.lab.access import Actor
from app.lab.datasets.service import DatasetService
from app.lab.inspection.asking import Wanted, box_of, check_stored, place_of, shell_of
from app.lab.inspection.pixels import Pixel, pixel_of
from app.lab.inspection.schemas import VoxelOut, VoxelSpectraOut
from app.lab.inspection.selecting import Choice, Part, factors_of
from app.lab.inspection.ways import SHIFTS, Columns, way_of
from app.lab.provenance import values
from app.lab.provenance.schemas import RawDataOut
from app.lab.provenance.service import ProvenanceService
from app.lab.results.service import ResultService
from lithoscope.methods import Method

_HISTORY = ("datasets", "exposures", "samples", "unknowns")
DEPTH = "depth"  # what `particle_profiles` calls the depth of each voxel


@dataclass(frozen=True)
class Seen:
    """An array that the actor may read, in the tree it lies in, with those beside it."""

    id: str
    tree: str
    summary: Mapping[str, Any]
    siblings: Sequence[Mapping[str, Any]]

    @property
    def form(self) -> tuple[str, list[int]]:
        """Return its axes and lengths without channels."""
        axes, shape = self.summary["axes"], self.summary["shape"]
        return axes.replace("c", ""), [n for axis, n in zip(axes, shape, strict=True) if axis != "c"]

    def group(self, store: Store) -> StoredArray:
        """Return its group of levels."""
        return StoredArray(store, self.tree, str(self.summary["path"]), values.files_of(store, self.tree))

    def level(self, store: Store, level: int) -> StoredArray:
        """Return one level; 0 is the array itself."""
        path = f"{self.summary['path']}/{level}"
        return StoredArray(store, self.tree, path, values.files_of(store, self.tree))


class InspectionService:
    """Says what stands in a voxel, how sure it is and where it comes from; and what the voxels of a part are like."""

    def __init__(
        self,
        results: ResultService,
        datasets: DatasetService,
        *,
        provenance: ProvenanceService,
        store: Store,
        methods: Mapping[str, Method],
    ) -> None:
        self._results = results
        self._datasets = datasets
        self._provenance = provenance
        self._store = store
        self._methods = methods

    def voxel(self, actor: Actor, object_id: str, name: str, given: Mapping[str, int | None]) -> VoxelOut:
        """
        Look at one voxel of a result or dataset.

        Parameters
        ----------
        actor : Actor
            Who looks.
        object_id, name : str
            The result or dataset, and its array.
        given : mapping of axis letter to int or None
            Index along each axis.
        """
        seen = self._seen(actor, object_id, name)
        place = place_of(seen.summary, given)
        told = self._of_result(actor, seen, place) if prefix_of(object_id) == "res" else self._read(actor, seen, place)
        told["spectra"] = self._spectra(actor, seen, place, told["datasets"]) if told["job_id"] else []
        validity = values.validity(self._store, seen.tree, seen.summary, place, siblings=seen.siblings)
        where = dict(zip(seen.summary["axes"], place, strict=True))
        about = {"id": seen.id, "array": name, "kind": seen.summary["kind"], "place": where, "validity": validity}
        return VoxelOut.model_validate(about | told)

    def part(self, actor: Actor, object_id: str, name: str, wanted: Wanted) -> Part:
        """Find a part of an array; its values are read when its statistics are asked for."""
        seen = self._seen(actor, object_id, name)
        box = box_of(seen.summary, wanted)
        return Part(
            partial(seen.level, self._store),
            axes=seen.summary["axes"],
            unit=str(seen.summary.get("unit") or "1"),
            box=box,
            factors=factors_of(seen.group(self._store)),
            choice=self._choice(actor, seen, wanted),
        )

    def _seen(self, actor: Actor, object_id: str, name: str) -> Seen:
        if prefix_of(object_id) == "res":
            result = self._results.get(actor, object_id)
            return Seen(result.id, result.store_key or "", self._results.output(result, name), result.outputs)
        dataset = self._datasets.get(actor, object_id)
        return Seen(dataset.id, dataset.store_key or "", self._datasets.array(dataset, name), dataset.arrays)

    def _of_result(self, actor: Actor, seen: Seen, place: tuple[int, ...]) -> dict[str, Any]:
        voxel = ",".join(map(str, place))
        found = self._provenance.of_number(actor, seen.id, seen.summary["name"], voxel=voxel)
        run = found.runs[0] if found.runs else None
        told = {name: getattr(found, name) for name in ("position", "value", "label", *_HISTORY)}
        names = ("job_id", "method", "method_version")
        method = self._methods.get(run.method) if run else None
        titled = {"method_title": method.title if method else None}
        return told | titled | {name: getattr(run, name, None) for name in names}

    def _spectra(
        self, actor: Actor, seen: Seen, place: tuple[int, ...], datasets: Sequence[RawDataOut]
    ) -> list[VoxelSpectraOut]:
        """Find the pixel of each array of raw spectra that a voxel came from."""
        raw = [(each, array) for each in datasets for array in self._raw_spectra(actor, each.id)]
        if not raw:
            return []
        way = way_of(self._provenance.steps(seen.id), self._methods, self._shifts)
        at = dict(zip(seen.summary["axes"], place, strict=True))
        return [_told(each, array, pixel_of(seen.summary, at, array, way)) for each, array in raw]

    def _raw_spectra(self, actor: Actor, dataset_id: str) -> list[dict[str, Any]]:
        try:
            arrays = self._datasets.get(actor, dataset_id).arrays
        except NotFound:
            return []  # deleted: what it held is gone
        return [each for each in arrays if each["kind"] == "spectra" and str(each.get("axes", "")).endswith("yxe")]

    def _shifts(self, result: Result) -> Columns | None:
        """Read a result's table of shifts."""
        tree, path = result.store_key or "", f"{SHIFTS}.json"
        sha256 = values.files_of(self._store, tree).get(path) if tree else None
        if sha256 is None:
            return None
        content = self._store.read(f"{tree}/{path}")
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DamagedTree(path)
        columns: Columns = json.loads(content)["columns"]
        return columns

    def _read(self, actor: Actor, seen: Seen, place: tuple[int, ...]) -> dict[str, Any]:
        """Tell of a voxel of a dataset, which no job made."""
        value = values.voxel(
            self._store, seen.tree, seen.summary, place, made_by="as read from the file", siblings=seen.siblings
        )
        history = self._provenance.history(actor, seen.id)
        told = {name: history[name] for name in _HISTORY}
        made = dict.fromkeys(("label", "job_id", "method", "method_version", "method_title"))
        return told | made | {"position": values.position_of(seen.summary, place), "value": value}

    def _choice(self, actor: Actor, seen: Seen, wanted: Wanted) -> Choice | None:
        if wanted.label is not None and wanted.shell is not None:
            raise Invalid.field("/query/shell", "Choose by label or by shell, not by both.")
        if wanted.label is not None:
            chosen = self._chooser(actor, seen, wanted, field="label")
            return Choice(partial(chosen.level, self._store), _called(chosen), label=wanted.label)
        if wanted.shell is not None:
            shell = shell_of(wanted.shell)
            chosen = self._chooser(actor, seen, wanted, field="shell")
            return Choice(partial(chosen.level, self._store), _called(chosen), shell_nm=shell)
        if wanted.by is not None:
            raise Invalid.field("/query/by", "It chooses by a label or a shell: give one of them too.")
        return None

    def _chooser(self, actor: Actor, seen: Seen, wanted: Wanted, *, field: str) -> Seen:
        """Return the array of labels or depths: the one named, or the only one that fits beside the array."""
        if wanted.by is not None:
            object_id, _, name = wanted.by.partition("/")
            try:
                chosen = self._seen(actor, object_id, name)
            except NotFound:
                raise Invalid.field("/query/by", "There is no such array: write it as RESULT/NAME.") from None
            check_stored(chosen.summary)
            if chosen.form != seen.form or "c" in chosen.summary["axes"] or not _fits(chosen.summary, field):
                raise Invalid.field("/query/by", f"It is no array of {_KINDS[field]} with the same axes and lengths.")
            return chosen
        beside = [Seen(seen.id, seen.tree, each, seen.siblings) for each in seen.siblings if _fits(each, field)]
        fitting = [each for each in beside if each.form == seen.form and "c" not in each.summary["axes"]]
        fitting = [each for each in fitting if each.summary["name"] == DEPTH] if field == "shell" else fitting
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            names = ", ".join(each.summary["name"] for each in fitting)
            raise Invalid.field("/query/by", f"Several arrays could choose: name one of {names} as {seen.id}/NAME.")
        raise Invalid.field(
            f"/query/{field}",
            f"No array of {_KINDS[field]} is beside it: name one as by=RESULT/NAME, or make one first.",
        )


_KINDS = {"label": "labels", "shell": "depths in nm (method particle_profiles)"}


def _fits(summary: Mapping[str, Any], field: str) -> bool:
    is_right = summary["kind"] == "labels" if field == "label" else summary.get("unit") == "nm"
    return bool(is_right) and str(summary.get("path", "")).endswith(".ome.zarr")


def _told(raw: RawDataOut, array: Mapping[str, Any], pixel: Pixel) -> VoxelSpectraOut:
    return VoxelSpectraOut(
        dataset_id=raw.id,
        filename=raw.filename,
        array=str(array["name"]),
        place=dict(pixel.place),
        is_known="y" in pixel.place,
        tilt_deg=pixel.tilt_deg,
        mapped_by=pixel.mapped_by,
    )


def _called(seen: Seen) -> str:
    return f"{seen.id}/{seen.summary['name']}"
