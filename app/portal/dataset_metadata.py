"""A dataset's metadata in the groups people look for them in, each value with its unit and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from app.infra.db.models import Dataset
from app.lab.datasets.schemas import CalibrationName

SAMPLE_AND_BEAM = (
    "beam_energy_kV",
    "beam_current_nA",
    "convergence_mrad",
    "dose_per_frame_e_per_A2",
    "temperature_K",
)
CORRECTABLE: tuple[str, ...] = get_args(CalibrationName)
_STEPS = {"pixel_size_nm": "yx", "slice_spacing_nm": "z", "energy_step_eV": "e"}


@dataclass(frozen=True)
class Row:
    """One quantity: its name, its record, and whether a person may correct it."""

    name: str
    record: Mapping[str, Any]
    is_correctable: bool = False


@dataclass
class MetadataGroup:
    """Quantities under one heading."""

    title: str
    rows: list[Row] = field(default_factory=list)


def groups_of(dataset: Dataset) -> list[MetadataGroup]:
    """
    Put what the header says in groups: sample and beam, acquisition, calibration.

    A quantity that is also a calibration value stands there alone, with what people know better; one that the arrays
    need and nobody stated is said to be unknown.
    """
    beam, acquisition = MetadataGroup("Sample and beam"), MetadataGroup("Acquisition")
    for name, record in dataset.quantities.items():
        if name not in dataset.calibration:
            (beam if name in SAMPLE_AND_BEAM else acquisition).rows.append(Row(name, record))
    beam.rows.sort(key=lambda row: SAMPLE_AND_BEAM.index(row.name))
    calibration = MetadataGroup("Calibration", _calibration(dataset))
    return [group for group in (beam, acquisition, calibration) if group.rows]


def _calibration(dataset: Dataset) -> list[Row]:
    own = dataset.arrays if dataset.kind != "points" else []  # maps of events are counted, with steps we chose
    axes = {axis for array in own if array["kind"] != "table" for axis in array.get("axes", "")}
    needed = [name for name in CORRECTABLE if name not in dataset.calibration and axes & set(_STEPS[name])]
    rows = [Row(name, record, name in CORRECTABLE) for name, record in dataset.calibration.items()]
    return rows + [Row(name, {"value": None, "source": "unknown", "note": ""}, is_correctable=True) for name in needed]
