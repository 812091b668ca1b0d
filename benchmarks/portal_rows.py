"""A facility some years old: 10,000 samples in twenty projects, 100,000 jobs and what goes with them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.infra import tokens
from app.infra.clock import now
from app.infra.db.counters import take_number
from app.infra.db.models import (
    Alarm,
    AuditEntry,
    Blob,
    Counter,
    Dataset,
    Exposure,
    Instrument,
    Job,
    JobEvent,
    LineageEdge,
    Login,
    Membership,
    Project,
    Region,
    Result,
    Sample,
    User,
)
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.storage import tree_key
from app.lab.audit.service import GENESIS, digest_of
from benchmarks.bench_custody import compute_clocks
from benchmarks.custody_rows import GENERATIONS, Rows, seed
from lithoscope.methods import catalogue
from tests.objects import add_everything

PROJECTS, PEOPLE, INSTRUMENTS = 20, 200, 20
DATASETS, JOBS, ALARMS, ACTS = 20_000, 100_000, 2_000, 100_000
WAITING, RUNNING = 200, 4
EVENTS_OF_A_JOB = 6
OF_THE_BUSIEST = 0.01  # one sample has a hundredth of all data, jobs and results
OPEN_ALARMS = 0.1
BATCH = 5_000
FAR = 4e9  # a lease nobody takes back while pages are measured


@dataclass(frozen=True)
class Facility:
    """
    What was made, and whom pages are shown to.

    Parameters
    ----------
    ids : dict of str
        One thing of every kind, by the names that the addresses' parameters have; samples and data are the busiest.
    people : dict of str
        Ids of an administrator and of a member of one project.
    """

    ids: dict[str, str]
    people: dict[str, str]


def fill(house: House, *, samples: int = 10_000, events: int = 100_000, share: float = 1.0) -> Facility:
    """
    Fill an empty database.

    Parameters
    ----------
    house : House
        With all tables.
    samples, events : int
        How many.
    share : float
        Of all else.
    """
    rows = seed(house, samples=samples, events=events)
    compute_clocks(house, rows)
    dice = random.Random(0)
    with house.database.writing() as session:
        people = _people(session)
        owned = _Owned(rows, _projects(session, rows, people), dice)
        instruments = _instruments(session)
        busiest = session.get_one(Sample, owned.busiest)
        project, instrument = session.get_one(Project, busiest.project_id), session.get_one(Instrument, instruments[0])
    ids = add_everything(house, project, busiest, instrument)
    with house.database.writing() as session:
        found = _data(session, owned, instruments, people, share)
        _alarms(session, owned, int(ALARMS * share))
        _acts(session, people, int(ACTS * share))
    found |= {"user_id": people["member"], "calibration_id": ids["gas_calibration_id"]}
    return Facility(ids | found, {name: people[name] for name in ("administrator", "member")})


class _Owned:
    """Whose is what: samples by chance, one of them more often than any other."""

    def __init__(self, rows: Rows, projects: list[str], dice: random.Random) -> None:
        self.rows, self.dice = rows, dice
        self.busiest = rows.sample_ids[GENERATIONS - 1]
        self._project_of = {
            sample: projects[number // GENERATIONS % PROJECTS] for number, sample in enumerate(rows.sample_ids)
        }

    def place(self) -> dict[str, str]:
        """Choose a sample and name its project."""
        busy = self.dice.random() < OF_THE_BUSIEST
        return self.of(self.busiest if busy else self.dice.choice(self.rows.sample_ids))

    def of(self, sample_id: str) -> dict[str, str]:
        """Name a sample and its project."""
        return {"sample_id": sample_id, "project_id": self._project_of[sample_id]}


def _insert(session: Session, table: type, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, BATCH)):
        session.execute(insert(table), some)


def _people(session: Session) -> dict[str, str]:
    """Make an administrator, a member and many others; returns identifiers by login."""
    logins = ["administrator", "member", *(f"person{number}" for number in range(2, PEOPLE))]
    people = {login: new_id("usr") for login in logins}
    _insert(
        session,
        User,
        (
            {"id": each, "login": login, "display_name": f"{login.title()} of the bench", "created_at": now(),
             "facility_role": "admin" if login == "administrator" else "member"}
            for login, each in people.items()
        ),
    )  # fmt: skip
    return people


def sign_in(session: Session, user_id: str) -> str:
    """Sign somebody in; returns the cookie's value."""
    cookie, at = tokens.new_secret(), now()
    session.add(
        Login(
            token_digest=tokens.digest(cookie),
            user_id=user_id,
            csrf_token=tokens.new_secret(),
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(hours=12),
        )
    )
    return cookie


def _projects(session: Session, rows: Rows, people: dict[str, str]) -> list[str]:
    """Spread the seeded rows over projects, chain by chain, and give each project members."""
    made = [rows.project_id, *(new_id("prj") for _ in range(1, PROJECTS))]
    new = ({"id": each, "code": f"BENCH-{number}", "title": f"Bench {number}", "quota_bytes": 2**40,
            "created_by": "system", "created_at": now()} for number, each in enumerate(made) if number)  # fmt: skip
    _insert(session, Project, new)
    for number, project in enumerate(made[1:], 1):
        chains = range(number * GENERATIONS, len(rows.sample_ids), PROJECTS * GENERATIONS)
        own = [each for first in chains for each in rows.sample_ids[first : first + GENERATIONS]]
        session.execute(update(Sample).where(Sample.id.in_(own)).values(project_id=project))
        for table in (Dataset, Job, Result):
            session.execute(update(table).where(table.sample_id.in_(own)).values(project_id=project))
    members = {(made[number % PROJECTS], each) for number, each in enumerate(people.values())}
    members.add((made[0], people["member"]))
    at = now()
    _insert(session, Membership, ({"project_id": project, "user_id": user, "role": "analyst", "created_at": at}
                                  for project, user in sorted(members)))  # fmt: skip
    return made


def _instruments(session: Session) -> list[str]:
    made = [new_id("ins") for _ in range(INSTRUMENTS)]
    _insert(session, Instrument, ({"id": each, "code": f"bench-{number}", "name": f"Microscope {number}", "version": 1,
                                   "technique": "stem", "created_at": now(), "last_heartbeat_at": now()}
                                  for number, each in enumerate(made)))  # fmt: skip
    return made


def _data(
    session: Session, owned: _Owned, instruments: list[str], people: dict[str, str], share: float
) -> dict[str, str]:
    """Add datasets with the exposures and regions they came from, then jobs and results; names one of each."""
    regions = {each: new_id("rgn") for each in owned.rows.sample_ids[GENERATIONS - 1 :: GENERATIONS]}
    corners = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]
    more = {"phases": ["Li"], "version": 1, "created_by": "system", "created_at": now()}
    _insert(session, Region, ({"id": region, "sample_id": sample, "name": "window", "polygon_um": corners, **more}
                              for sample, region in regions.items()))  # fmt: skip
    for sample, region in regions.items():
        session.execute(update(Exposure).where(Exposure.sample_id == sample).values(region_id=region))
    datasets = [{"id": new_id("ds"), **owned.place()} for _ in range(int(DATASETS * share))]
    datasets.append({"id": new_id("ds"), **owned.of(owned.busiest)})
    _datasets(session, owned, datasets, instruments)
    jobs = list(_jobs(owned, datasets, list(people.values()), int(JOBS * share)))
    _insert(session, Job, iter(jobs))
    _insert(session, JobEvent, _said(jobs))
    ended = [job for job in jobs if job["state"] == "succeeded"]
    _insert(session, Result, (_result(owned, job) for job in ended))
    _insert(session, LineageEdge, _arrows(jobs))
    last = ended[-1]
    exposure = session.scalars(select(Exposure.id).where(Exposure.sample_id == owned.busiest).limit(1)).one()
    found = {"dataset_id": last["inputs"]["tilt_series"], "job_id": last["id"], "result_id": last["result_id"]}
    return found | {"exposure_id": exposure, "region_id": regions[owned.busiest], "object_id": last["result_id"]}


def _datasets(session: Session, owned: _Owned, made: list[dict[str, Any]], instruments: list[str]) -> None:
    """Every dataset is a volume of the shared tree."""
    digest, arrays, _ = owned.rows.tree
    at = now()
    sums = {each["id"]: each["id"][3:] * 2 for each in made}
    _insert(session, Blob, ({"sha256": each, "size_bytes": 9, "created_at": at} for each in sums.values()))
    empty = {"quantities": {}, "calibration": {}, "calibration_history": [], "original": {}, "attributes": {}}
    for number, each in enumerate(made):
        each |= {"filename": f"series_{number:06d}.dm3", "sha256": sums[each["id"]], "size_bytes": 9, "version": 1,
                 "state": "rejected" if number % 50 == 0 else "readable", "kind": "volume", "arrays": arrays,
                 "problem": {"detail": "The file ends early."} if number % 50 == 0 else None, "created_by": "system",
                 "instrument_id": owned.dice.choice(instruments), "store_key": tree_key(digest), "created_at": at,
                 "warnings": [], **empty}  # fmt: skip
    _insert(session, Dataset, iter(made))
    _insert(session, LineageEdge, ({"source_id": each["id"], "target_id": each["sample_id"], "created_at": at,
                                    "relation": "wasDerivedFrom"} for each in made))  # fmt: skip


def _jobs(owned: _Owned, datasets: list[dict[str, Any]], people: list[str], count: int) -> Iterator[dict[str, Any]]:
    methods, begin = sorted(catalogue()), now() - timedelta(days=700)
    for number in range(count):
        dataset = owned.dice.choice(datasets)
        job_id, at = new_id("job"), begin + timedelta(days=700) * (number / count)
        yield {
            "id": job_id, "project_id": dataset["project_id"], "sample_id": dataset["sample_id"], "kind": "analysis",
            "method": methods[number % len(methods)], "method_version": "1", "queue": "cpu-short", "seed": 0,
            "inputs": {"tilt_series": dataset["id"]}, "params": {}, "created_by": owned.dice.choice(people),
            "created_at": at, "last_event_seq": EVENTS_OF_A_JOB, **_fate(number, count, at),
        }  # fmt: skip


def _fate(number: int, count: int, at: datetime) -> dict[str, Any]:
    """Say how a job stands: the newest wait or run, of the others some failed."""
    ended = {"started_at": at, "finished_at": at + timedelta(seconds=30 + number % 300), "lease_until": None,
             "problem": None, "result_id": None, "progress": {"done": 100, "total": 100}}  # fmt: skip
    if number >= count - WAITING:
        return ended | {"state": "queued", "started_at": None, "finished_at": None, "progress": None}
    if number >= count - WAITING - RUNNING:
        return ended | {"state": "running", "finished_at": None, "lease_until": FAR}
    if number % 16 == 0:
        problem = {"title": "The computation failed", "detail": "tilt 7 has no signal inside the mask: exclude it"}
        return ended | {"state": "failed", "problem": problem}
    return ended | ({"state": "cancelled"} if number % 61 == 0 else {"state": "succeeded", "result_id": new_id("res")})


def _said(jobs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for job in jobs:
        for seq in range(1, EVENTS_OF_A_JOB + 1):
            about = (
                {"state": job["state"]} if seq == 1 else {"done": seq, "total": EVENTS_OF_A_JOB, "residual": 1 / seq}
            )
            yield {"job_id": job["id"], "seq": seq, "type": "state" if seq == 1 else "progress", "payload": about,
                   "at": job["created_at"]}  # fmt: skip


def _result(owned: _Owned, job: dict[str, Any]) -> dict[str, Any]:
    digest, outputs, size = owned.rows.tree
    given = {"reference": job["inputs"]["tilt_series"], "object_id": job["inputs"]["tilt_series"], "digest": digest}
    record = {
        "job_id": job["id"], "method": job["method"], "method_version": "1", "params": {}, "seed": 0,
        "inputs": {"tilt_series": given}, "software": {"python": "3.11.7", "numpy": "2.4.0", "scipy": "1.17.0"},
        "machine": {"cpu": "x86_64", "cores": 2}, "started_at": job["started_at"].isoformat(),
        "finished_at": job["finished_at"].isoformat(), "attempts": 1, "crashes": 0, "lost_leases": 0,
        "cpu_s": 12.5, "peak_rss_bytes": 2**28, "warnings": [],
    }  # fmt: skip
    return {"id": job["result_id"], "job_id": job["id"], "project_id": job["project_id"], "digest": digest,
            "sample_id": job["sample_id"], "store_key": tree_key(digest), "size_bytes": size, "outputs": outputs,
            "run_record": record, "state": "available", "created_at": job["finished_at"]}  # fmt: skip


def _arrows(jobs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for job in jobs:
        source, at = job["inputs"]["tilt_series"], {"created_at": job["created_at"]}
        yield {"source_id": job["id"], "target_id": source, "relation": "used", **at}
        if job["result_id"]:
            yield {"source_id": job["result_id"], "target_id": job["id"], "relation": "wasGeneratedBy", **at}
            yield {"source_id": job["result_id"], "target_id": source, "relation": "wasDerivedFrom", **at}


def _alarms(session: Session, owned: _Owned, count: int) -> None:
    at = now()
    _insert(session, Alarm, ({"id": new_id("alm"), "key": f"clock.due:{number}", "topic": "clock.due", **owned.place(),
                              "record": {"message": "The shelf-life clock of the lamella is due."}, "raised_at": at,
                              "acknowledged_at": None if number >= count * (1 - OPEN_ALARMS) else at}
                             for number in range(count)))  # fmt: skip


def _acts(session: Session, people: dict[str, str], count: int) -> None:
    """Write a whole chain of acts, so that verifying it is measured too."""
    first = take_number(session, "audit")
    actors, rows = list(people.values()), []
    previous = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == first - 1)) or GENESIS
    for seq in range(first, first + count):
        entry = AuditEntry(seq=seq, at=now(), actor_id=actors[seq % len(actors)], action="sample.create",
                           object_id=new_id("smp"), project_id=None, details={"code": f"B-{seq}"}, request_id=None,
                           previous_hash=previous)  # fmt: skip
        previous = entry.hash = digest_of(entry)
        rows.append({column.key: getattr(entry, column.key) for column in AuditEntry.__table__.columns})
    _insert(session, AuditEntry, iter(rows))
    session.execute(update(Counter).where(Counter.name == "audit").values(value=first + count - 1))
