"""Planned events and exposures as rows that are never added: the rooms read them as they read recorded ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn

from app.errors import Invalid, LabError
from app.infra.db.models import CustodyEvent, Exposure
from app.lab.custody.checking import check_disposal, check_place
from app.lab.custody.event_types import COMMON_FIELDS, NewEvent
from app.lab.custody.happenings import Recorded, happenings
from app.lab.dose.conditions import conditions_of, numbers_of
from app.lab.dose.exposure_types import NewExposure
from app.lab.dose.legs import polygon_of
from app.lab.dose.recording import GEOMETRY, OutOfRange
from app.lab.dose.service import RecordedExposure
from app.lab.doubts import BeforeSample, check_interval, question
from lithoscope.rules.custody import Happening
from lithoscope.rules.regions import polygon_problem

_NOT_PLANNED = ("supersedes_id", "dataset_id", "region_id")


def events_of(plan: Sequence[NewEvent], history: Sequence[Recorded], beams: Sequence[Happening] = ()) -> list[Recorded]:
    """
    Return planned events beside a history and the exposures on record.

    Raises
    ------
    LabError
        As recording them would: the times run backwards, two places at one time, something after a disposal.
    """
    planned = [Recorded(_event(new, f"events/{number}"), None, None) for number, new in enumerate(plan)]
    for number, new in enumerate(plan):
        with pointing_to(f"events/{number}"):
            _refuse_references(new)
            check_interval(new.occurred_at, planned[number].event.ended_at)
    before = [*happenings(history), *beams]
    for happening in happenings(planned):
        with pointing_to(happening.id):
            check_disposal(happening, before)
            check_place(happening, before)
        before.append(happening)
    return planned


def exposures_of(
    plan: Sequence[NewExposure], history: Sequence[Happening], *, prepared_at: datetime | None
) -> tuple[list[RecordedExposure], list[str]]:
    """
    Return planned exposures and what is doubtful about them, refusing what recording them would refuse.

    Parameters
    ----------
    plan : sequence of NewExposure
        The planned exposures.
    history : sequence of Happening
        Recorded and planned events: none of the beams comes before the disassembly or goes on after a disposal.
    prepared_at : datetime or None
        When the sample was made, as far as it is known.
    """
    opened_at = min((event.occurred_at for event in history if event.type == "disassembly"), default=None)
    rows: list[RecordedExposure] = []
    warnings: list[str] = []
    for number, new in enumerate(plan):
        place = f"exposures/{number}"
        with pointing_to(place):
            _refuse_references(new)
            _check_exposure(new, opened_at=opened_at, prepared_at=prepared_at)
            check_disposal(Happening("exposure", new.occurred_at, new.ended_at), history)
            doubts = question(numbers_of(conditions_of(new)), is_confirmed=new.confirm)
            rows.append(RecordedExposure(_exposure(new, place), None, None))
            warnings += [f"{place}: {doubt}" for doubt in doubts]
    return rows, warnings


def _check_exposure(new: NewExposure, *, opened_at: datetime | None, prepared_at: datetime | None) -> None:
    check_interval(new.occurred_at, new.ended_at)
    if new.recorded_scans is not None and new.recorded_scans < new.frames:
        detail = "recorded_scans counts every frame on record, so it cannot be below frames"
        raise OutOfRange(detail, errors=[{"pointer": "/body/recorded_scans", "detail": detail}])
    if new.field_um is not None and (problem := polygon_problem(polygon_of(new.field_um) or ())):
        raise Invalid.field("/body/field_um", problem)
    if prepared_at is not None and new.occurred_at < prepared_at:
        _refuse_time("occurred_at lies before the sample was prepared: correct one of them")
    if opened_at is not None and new.mode != "xray" and new.occurred_at < opened_at:
        _refuse_time("occurred_at lies before the disassembly: correct one of them")


def _refuse_time(detail: str) -> NoReturn:
    raise BeforeSample(detail, errors=[{"pointer": "/body/occurred_at", "detail": detail}])


@contextmanager
def pointing_to(place: str) -> Iterator[None]:
    """Let refusals name the field where it stands in the plan."""
    try:
        yield
    except LabError as refusal:
        for error in refusal.errors:
            error["pointer"] = error["pointer"].replace("/body/", f"/body/{place}/", 1)
        raise


def _refuse_references(new: NewEvent | NewExposure) -> None:
    for name in _NOT_PLANNED:
        if getattr(new, name, None) is not None:
            raise Invalid.field(f"/body/{name}", "A plan adds to a history and names nothing of it: leave this out.")


def _event(new: NewEvent, name: str) -> CustodyEvent:
    return CustodyEvent(
        id=name,
        type=new.type,
        occurred_at=new.occurred_at,
        happened_at=new.occurred_at,
        ended_at=getattr(new, "ended_at", None),
        clock_offset_s=None,
        place=new.place,
        payload=new.model_dump(mode="json", exclude={*COMMON_FIELDS, "type"}),
    )


def _exposure(new: NewExposure, name: str) -> Exposure:
    stated = {each: getattr(new, each, None) for each in GEOMETRY}
    return Exposure(
        id=name,
        instrument_id=new.instrument_id,
        mode=new.mode,
        purpose=new.purpose,
        field_um=None if new.field_um is None else [list(point) for point in new.field_um],
        is_running=False,
        conditions={each: quantity.to_json() for each, quantity in conditions_of(new).items()},
        geometry={each: value for each, value in stated.items() if value is not None},
        frames=new.frames,
        recorded_scans=new.frames if new.recorded_scans is None else new.recorded_scans,
        occurred_at=new.occurred_at,
        happened_at=new.occurred_at,
        ended_at=new.ended_at,
    )
