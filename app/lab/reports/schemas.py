"""What reports and publications look like from outside."""

from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from app.lab.schemas import Body, ObjectId, Out, QuantityOut
from lithoscope.rules.report import Report

ReportFormat = Literal["json", "html", "pdf", "svg", "png"]
#: The model itself is the shape of the JSON.
REPORT: TypeAdapter[Report] = TypeAdapter(Report)


class NewPublication(Body):
    """What to publish: a sample, dataset or result whose report lacks nothing."""

    target_id: ObjectId


class PublicationRow(Out):
    """A published report as lists show it; `digest` is the SHA-256 of the canonical JSON of the report."""

    id: str
    target_id: str
    project_id: str
    digest: str
    published_by: str
    published_at: datetime


class PublicationOut(PublicationRow):
    """A published report as it stood."""

    report: dict[str, Any]


class LiteratureOut(Out):
    """A number of the literature, how it is bounded, and where it stands."""

    id: str
    title: str
    value: float
    unit: str
    bound: Literal["exactly", "more than", "less than", "nearly"]
    citation: str


class ReportingStatisticsOut(Out):
    """
    How many datasets report their dose, beside the literature.

    A complete report states beam energy and dose of every exposure, and with electrons the dose rate. Low dose is below
    the literature's line in every exposure to electrons; an unknown rate is not low.
    """

    project_id: str | None
    datasets: int
    with_exposure: int
    complete: int
    of_electrons: int
    low_dose: int
    complete_share: QuantityOut
    low_dose_share: QuantityOut
    literature: list[LiteratureOut]
