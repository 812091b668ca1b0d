"""What a result looks like from outside."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from app.infra.db.models import Result
from app.infra.exports import formats_of
from app.lab.schemas import Out, QuantityOut, Stamped
from lithoscope.methods import Method
from lithoscope.recipes.paragraph import result_paragraph

ExportFormat = Literal["ome-zarr", "hdf5", "mrc", "tiff", "csv", "png", "svg", "gif", "zarr"]


class OutputOut(Out):
    """
    One output. What does not belong to its kind is null: a scalar has `quantity`, a table `columns` (name to unit) and,
    where it is to be drawn, `plot`. `labels` are names along an axis, such as the elements of maps along `c`.

    `slices` are axes with a picture at `outputs/{name}/slices/{axis}.png`; `formats` are what `download` offers;
    `has_display` says that a copy for viewers, half as large, is at `outputs/{name}/display/`.
    A figure or film has a `caption` and an `alternative` for who does not see it; its files are at
    `outputs/{name}/picture.{format}`.
    """

    name: str
    kind: str
    title: str
    unit: str | None = None
    axes: str | None = None
    shape: list[int] | None = None
    dtype: str | None = None
    spacing: dict[str, QuantityOut] | None = None
    coordinates: dict[str, list[float]] | None = None
    statistics: dict[str, float | None] | None = None
    quantity: QuantityOut | None = None
    labels: dict[str, list[str]] | None = None
    columns: dict[str, str] | None = None
    plot: dict[str, Any] | None = None
    rows: int | None = None
    has_display: bool = False
    caption: str | None = None
    alternative: str | None = None
    slices: list[str] = []  # noqa: RUF012 - pydantic copies it
    formats: list[str] = []  # noqa: RUF012 - pydantic copies it

    @classmethod
    def of(cls, summary: dict[str, Any]) -> Self:
        """Describe an output by its summary."""
        axes = [picture.rpartition("/")[2].removesuffix(".png") for picture in summary.get("slices", [])]
        return cls.model_validate({**summary, "slices": axes, "formats": list(formats_of(summary))})


class ResultSummaryOut(Stamped):
    """A result without its run record."""

    job_id: str
    project_id: str
    sample_id: str | None
    digest: str
    size_bytes: int
    outputs: list[OutputOut]

    @classmethod
    def of(cls, result: Result) -> Self:
        """Describe a result."""
        own = {name: getattr(result, name) for name in cls.model_fields}
        return cls.model_validate({**own, "outputs": [OutputOut.of(summary) for summary in result.outputs]})


class ResultOut(ResultSummaryOut):
    """A result with the whole account of how it was made, and the same in sentences."""

    run_record: dict[str, Any]
    methods_paragraph: str

    @classmethod
    def told(cls, result: Result, methods: Mapping[str, Method]) -> Self:
        """Describe a result; methods give titles, references and units."""
        record = result.run_record
        about = ResultSummaryOut.of(result).model_dump()
        return cls(**about, run_record=record, methods_paragraph=result_paragraph(record, methods))
