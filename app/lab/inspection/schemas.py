"""What is told of one voxel, and of the values in a part of an array."""

from typing import Literal

from app.lab.provenance.schemas import BeamOut, RawDataOut, SampleStepOut, TracedLabelOut
from app.lab.schemas import Out, QuantityOut

Validity = Literal["valid", "not_valid", "no_value", "not_recorded"]


class VoxelSpectraOut(Out):
    """
    Raw spectra behind a voxel: `place` is index along t, y and x, of a region also its last row and column.

    Of a voxel that was reconstructed it is the pixel that its projection falls on at the tilt nearest to zero.
    `mapped_by` says how the place was found, or why it is unknown; then `place` names at most the tilt.
    """

    dataset_id: str
    filename: str
    array: str
    place: dict[str, int]
    is_known: bool
    tilt_deg: float | None
    mapped_by: str


class VoxelOut(Out):
    """
    One voxel: its value, how sure it is, and what it was made from.

    `place` is the index along each axis, `position` the same in the axis' own unit. The uncertainty in `value` is
    that of a map of uncertainties beside the array; it is null, and the note says so, where there is none.
    `validity` is what the method's own map says: `no_value` is an empty place, `not_recorded` that no such map was
    made. `exposures` are the beams that gave the data: `fluence` is the dose of each with its source, `before` what
    the sample had taken earlier. `spectra` are those of the raw data it was computed from. Datasets as they were
    read have no job. `samples` are those that carry the data, with their ancestors. `unknowns` say what nobody
    recorded.
    """

    id: str
    array: str
    kind: str
    place: dict[str, int]
    position: dict[str, QuantityOut]
    value: QuantityOut
    validity: Validity
    label: TracedLabelOut | None
    job_id: str | None
    method: str | None
    method_version: str | None
    method_title: str | None
    samples: list[SampleStepOut]
    datasets: list[RawDataOut]
    exposures: list[BeamOut]
    spectra: list[VoxelSpectraOut]
    unknowns: list[str]


class StatisticsOut(Out):
    """
    The values in a part of an array; places without a value are counted in `left_out` and count for nothing else.

    `sd` is the standard deviation with n - 1. `box` is begin and end (excluded) along each axis. `level` is 0 for the
    stored values; of a part with more than 2^27 of them a coarser level is read, whose values are means of as many
    voxels as `voxels_per_value` says. `selected_by` is the array whose labels or depths chose the voxels.
    """

    n: int
    left_out: int
    unit: str
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None
    median: float | None
    box: dict[str, tuple[int, int]]
    level: int
    voxels_per_value: int
    selected_by: str | None
