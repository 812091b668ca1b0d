"""A long timeline is shown in parts, and every record is found on the part that has it."""

from datetime import timedelta

from app.infra.clock import now
from app.infra.db.models import Blob, Dataset, Job
from app.infra.ids import new_id
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.custody.event_types import Note
from app.portal.timeline import timeline
from app.portal.windows import SHOWN
from tests.app.portal.test_pages import HTML
from tests.objects import _filled


def test_what_is_not_shown_is_not_read_and_nothing_shown_is_missed(house, project, sample):
    begin = now() - timedelta(days=1)
    place = {"project_id": project.id, "sample_id": sample.id, "created_by": "system"}
    job = {"kind": "analysis", "method": "raster_dose", "method_version": "1", "queue": "cpu-short", "seed": 0}
    rows = []
    for i in range(SHOWN + 40):
        at = begin + timedelta(seconds=i)
        blob = Blob(sha256=f"{i:064x}", size_bytes=1, created_at=at)
        data = {"filename": "a.tif", "sha256": blob.sha256, "size_bytes": 1, "array_kinds": "", "state": "readable"}
        make = Job(**job, state="failed", **place) if i % 4 == 0 else Dataset(**data, **place)
        make.id, make.created_at = new_id("job" if i % 4 == 0 else "ds"), at
        rows += [blob, make]
    with house.database.writing() as session:
        session.add_all(rows[::2])
        session.flush()
        session.add_all(_filled(row) for row in rows[1::2])
        session.flush()
        session.expunge_all()
        lab = Lab(house, session)
        parts = [timeline(lab, SYSTEM, sample, number=number)[0] for number in (1, 0)]
        assert [moment.identifier for part in parts for moment in reversed(part.rows)] == [row.id for row in rows[1::2]]


def test_parts_follow_each_other_and_each_record_names_its_own(house, project, sample):
    begin, count = now() - timedelta(days=1), 2 * SHOWN + 5
    place = {"project_id": project.id, "sample_id": sample.id, "created_by": "system", "state": "readable"}
    ids = [new_id("ds") for _ in range(count)]
    with house.database.writing() as session:
        for i, each in enumerate(ids):
            session.add(Blob(sha256=f"{i:064x}", size_bytes=1, created_at=begin))
            row = Dataset(id=each, filename="a.tif", sha256=f"{i:064x}", size_bytes=1, array_kinds="", **place)
            row.created_at = begin + timedelta(seconds=i)
            session.flush()
            session.add(_filled(row))
        session.flush()
        lab = Lab(house, session)
        parts = [timeline(lab, SYSTEM, sample, number=number)[0] for number in range(3)]
        told = [moment.identifier for part in reversed(parts) for moment in reversed(part.rows)]
        assert told == ids
        assert [part.has_older for part in parts] == [True, True, False]
        assert timeline(lab, SYSTEM, sample, number=9)[0].number == 2
        assert timeline(lab, SYSTEM, sample, around=ids[0])[0].number == 2
        assert parts[0].at(f"#{ids[0]}") == f"?around={ids[0]}#{ids[0]}"
        assert parts[2].at(f"#{ids[0]}") == f"#{ids[0]}"


def test_a_page_of_many_moments_says_which_they_are(house, project, sample, people):
    with house.database.writing() as session:
        lab = Lab(house, session)
        for minutes in range(SHOWN + 3):
            lab.custody.record(
                SYSTEM, sample.id, Note(type="note", note="x", occurred_at=now() - timedelta(minutes=minutes + 1))
            )
    person = people.make(role="viewer", project=project)
    pages = [person.get(f"/samples/{sample.id}?part={number}", headers=HTML).text for number in (0, 1)]
    assert "Moments 1 to 100, counted from the newest." in pages[0]
    assert "Moments 101 to 103, counted from the newest." in pages[1]
