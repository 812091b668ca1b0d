"""One job from claim to end: inputs, process, publication."""

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.errors import LabError
from app.infra.clock import now
from app.infra.db.models import Dataset
from app.infra.house import House
from app.infra.log import get_logger
from app.infra.queue import Claim, Leases
from app.infra.storage import sha256_of, sync
from app.lab.composition import Lab
from app.lab.datasets.places import bytes_of, placed_of
from app.lab.jobs.bench import Made
from app.lab.jobs.doubts import doubts_about
from app.lab.jobs.inputs import Found, Input, each
from app.lab.series import sweeping as series
from workers import run_record
from workers.folders import job_folder, lend, seal
from workers.in_place import lent_in_place
from workers.keeping import LeaseKeeper
from workers.progress import ProgressLog
from workers.sandbox import Outcome, Sandbox, Wish

MIB = 1024 * 1024
#: A long series takes longer to read than a limit on small hostile files allows: more time by size.
READER_BYTES_PER_CPU_S = 4 * MIB

log = get_logger(__name__)


class Execution:
    """
    Runs the job of one claim.

    Parameters
    ----------
    house : House
        Database, store and settings.
    claim : Claim
        The job held.
    stopping : Event
        Set when the worker is to end: the job is given back.
    """

    def __init__(self, house: House, claim: Claim, stopping: threading.Event) -> None:
        self._house = house
        self._claim = claim
        self._stopping = stopping
        self._words = ProgressLog(house, claim)
        self._started_at = now().isoformat()
        self._inputs: Found = {}

    def run(self) -> None:
        """Run it; whatever happens the row says so, or belongs to another by then."""
        with (
            structlog.contextvars.bound_contextvars(job_id=self._claim.job_id),
            LeaseKeeper(self._house, self._claim) as keeper,
            job_folder(self._house, self._claim) as folder,
        ):
            try:
                outcome = self._compute(folder, keeper)
            except LabError as refusal:  # an input was deleted while the job waited
                outcome = Outcome("refused", refusal.code, refusal.detail)
            except Exception as error:
                log.exception("job could not be run")
                outcome = Outcome("error", "worker-error", f"The worker failed ({type(error).__name__}): try again.")
            self._conclude(outcome, folder, keeper)
        series.sweep(self._house)  # one that waited for this job need not wait for the sweeper

    def _compute(self, folder: Path, keeper: LeaseKeeper) -> Outcome:
        with ExitStack() as held:
            task = self._task(folder, held) | {"kind": self._claim.kind, "folder": str(folder)}
            sandbox = Sandbox(
                memory_bytes=self._memory_bytes,
                ask=lambda: self._wish(keeper),
                tell=self._words.tell,
            )
            outcome = sandbox.run(task)
        self._words.flush()
        if outcome.log:
            self._words.note(outcome.log)
        return outcome

    @property
    def _memory_bytes(self) -> int:
        settings = self._house.settings
        return (settings.reader_memory_mib if self._claim.kind == "ingest" else settings.job_memory_mib) * MIB

    def _wish(self, keeper: LeaseKeeper) -> Wish:
        if keeper.is_lost or keeper.is_cancelled or self._stopping.is_set():
            return "stop"
        return "finish-early" if keeper.is_finish_asked else "go-on"

    def _task(self, folder: Path, held: ExitStack) -> dict[str, Any]:
        if self._claim.kind == "ingest":
            return self._ingest_task(folder, held)
        return self._analysis_task(held)

    def _analysis_task(self, held: ExitStack) -> dict[str, Any]:
        settings = self._house.settings
        with self._house.database.reading() as session:
            self._inputs = Lab(self._house, session).bench.inputs(self._claim)
        return {
            "method": self._claim.method,
            "extra_methods": settings.extra_methods,
            "inputs": {
                name: [self._lent(one, held) for one in given] if isinstance(given, tuple) else self._lent(given, held)
                for name, given in self._inputs.items()
            },
            "params": self._claim.params,
            "seed": self._claim.seed,
            "limits": {
                "cpu_s": settings.job_cpu_s,
                "file_bytes": settings.job_file_mib * MIB,
                "resident_bytes": settings.job_memory_mib * MIB,
            },
        }

    def _lent(self, given: Input, held: ExitStack) -> dict[str, Any]:
        if given.record:
            return {"exposure": given.record}
        return {"folder": str(held.enter_context(self._house.store.local(given.store_key))), "summary": given.summary}

    def _ingest_task(self, folder: Path, held: ExitStack) -> dict[str, Any]:
        settings = self._house.settings
        with self._house.database.reading() as session:
            bench = Lab(self._house, session).bench
            dataset = bench.dataset(self._claim)
            companions = bench.companions(self._claim)
        self._inputs = {
            "dataset": Input(dataset.id, dataset.id, dataset.project_id, dataset.sample_id, digest=dataset.sha256)
        }
        return self._lent_file(dataset, folder, held) | {
            "name": dataset.filename,
            "calibration": {name: value for name, value in dataset.calibration.items() if value["source"] == "user"},
            "side_car": dataset.attributes.get("side_car"),
            "companions": [
                str(self._lend(row, folder / "companions", f"{index}{Path(row.filename).suffix}", held))
                for index, row in enumerate(companions)
            ],
            "limits": {
                "cpu_s": settings.reader_cpu_s + dataset.size_bytes // READER_BYTES_PER_CPU_S,
                "file_bytes": settings.job_file_mib * MIB,
                "address_space_bytes": settings.reader_memory_mib * MIB,
            },
        }

    def _lent_file(self, dataset: Dataset, folder: Path, held: ExitStack) -> dict[str, Any]:
        """Lend the bytes of a dataset: stored ones in the job's folder, registered files where they lie."""
        if dataset.place is None:
            return {"file": str(self._lend(dataset, folder / "input", "data", held))}
        return {"in_place": lent_in_place(placed_of(self._house, dataset.place))}

    def _lend(self, dataset: Dataset, folder: Path, name: str, held: ExitStack) -> Path:
        store, key = bytes_of(self._house, dataset)
        lent = lend(held.enter_context(store.local(key)), folder, name, link=dataset.place is None)
        if dataset.place is not None:
            bytes_of(self._house, dataset)  # refused when it was written to while it was copied
        return lent

    def _conclude(self, outcome: Outcome, folder: Path, keeper: LeaseKeeper) -> None:
        if keeper.is_lost:
            log.warning("lease lost")
            return
        if outcome.ending == "done":
            self._publish(self._seal(outcome, folder))
            return
        with self._house.database.writing() as session:
            leases = Leases(session)
            if keeper.is_cancelled:
                leases.cancelled(self._claim)
            elif outcome.ending == "stopped":
                leases.give_back(self._claim)
            elif outcome.ending == "crashed":
                self._count_crash(Lab(self._house, session), outcome)
            else:
                self._fail(Lab(self._house, session), outcome)
            self._go_on(session)
        self._house.queue.poke()

    def _go_on(self, session: Session) -> None:
        """Carry on what waits for the job, in the transaction in which it ended."""
        Lab(self._house, session).ended(self._claim.job_id)

    def _seal(self, outcome: Outcome, folder: Path) -> Made:
        arrays, report = outcome.made["arrays"], outcome.made["report"]
        digest, size = seal(folder / "output", arrays)
        record = run_record.account(
            self._claim,
            self._inputs,
            outcome.made["run"],
            started_at=self._started_at,
            warnings=[*self._doubts(), *report.get("warnings", [])],
        )
        return Made(folder / "output", digest, size, arrays, report, record, _whole(outcome, folder))

    def _doubts(self) -> list[str]:
        """Return what is doubtful about the inputs of an analysis and stays so."""
        method = self._house.methods.get(self._claim.method)
        doubts = [doubt for given in each(self._inputs) for doubt in given.doubts]
        return [] if method is None else doubts_about(method, doubts)

    def _publish(self, made: Made) -> None:
        """Publish in one transaction; a cancellation that came first wins."""
        with self._house.database.writing() as session:
            if not self._published(Lab(self._house, session), made):
                Leases(session).cancelled(self._claim)
            self._go_on(session)
        self._house.queue.poke()

    def _published(self, lab: Lab, made: Made) -> bool:
        if self._claim.kind == "ingest":
            return lab.bench.publish_reading(self._claim, made)
        if self._claim.kind == "assembly":
            return lab.series_assembling.publish(self._claim, made)
        return lab.bench.publish_result(self._claim, made) is not None

    def _count_crash(self, lab: Lab, outcome: Outcome) -> None:
        if self._claim.kind == "ingest":
            lab.bench.crash_of_reading(self._claim, problem_of(outcome))
        else:
            Leases(lab.session).crashed(self._claim, problem_of(outcome))

    def _fail(self, lab: Lab, outcome: Outcome) -> None:
        if self._claim.kind == "ingest":
            lab.bench.reject_reading(self._claim, problem_of(outcome))
        else:
            Leases(lab.session).fail(self._claim, problem_of(outcome))


def _whole(outcome: Outcome, folder: Path) -> tuple[Path, str] | None:
    """Return the one file that an assembly leaves, flushed to the disk, with its digest."""
    if "file" not in outcome.made:
        return None
    path = folder / outcome.made["file"]
    sync(path)
    with path.open("rb") as file:
        return path, sha256_of(file)


def problem_of(outcome: Outcome) -> dict[str, Any]:
    """Write how a job ended as a problem document."""
    title = outcome.code.replace("-", " ").capitalize()
    return {"type": f"/problems/{outcome.code}", "title": title, "status": 422, "detail": outcome.message}
