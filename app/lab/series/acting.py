"""The action of a series on what was stacked of it: started as a rule would, and one refresh at a time."""

from collections.abc import Sequence
from typing import Any

from app.errors import LabError
from app.infra.clock import now
from app.infra.db.models import Dataset, GrowingSeries, SeriesAssembly
from app.lab.accounts.authentication import Authentication
from app.lab.audit.service import AuditLog
from app.lab.rules.judging import effect_lost, words_of
from app.lab.rules.planning import Planner
from app.lab.series.refreshing import START, Refreshing
from app.lab.series.repository import SeriesRepository
from app.lab.series.schemas import SeriesAction

OVERTAKEN = "more parts were stacked before its turn came"


class SeriesActing:
    """Starts the action on the newest assembly, each once, with the rights of who named it as they are now."""

    def __init__(
        self,
        series: SeriesRepository,
        refreshing: Refreshing,
        planner: Planner,
        *,
        authentication: Authentication,
        audit: AuditLog,
    ) -> None:
        self._series = series
        self._refreshing = refreshing
        self._planner = planner
        self._authentication = authentication
        self._audit = audit

    def act(self, series: GrowingSeries, assemblies: Sequence[SeriesAssembly]) -> None:
        """
        Act on the newest of the assemblies (newest first) that is done.

        A refresh that still waits is cancelled; one that runs is asked to finish early, and the next begins with its
        volume once it has. The last begins with nothing, whatever the order in which parts came.
        """
        done = [row for row in assemblies if row.dataset_id is not None]
        for row in done[1:]:
            if not row.outcome:
                _settle(row, "superseded", OVERTAKEN)
        if not done or done[0].outcome:
            return
        newest = done[0]
        before = next((row for row in done if row.refresh_job_id or row.refresh_run_id), None)
        if series.action is None:
            _settle(newest, "none", "the series names no action")
        elif before is None or self._refreshing.make_room(before):  # all earlier ones were over when it began
            self._start(series, newest, assemblies)

    def _start(self, series: GrowingSeries, row: SeriesAssembly, assemblies: Sequence[SeriesAssembly]) -> None:
        action = SeriesAction.model_validate(series.action)
        actor = self._authentication.on_behalf_of(series.acts_for or "")
        dataset = self._series.dataset(row.dataset_id or "")
        row.action = action.model_dump(mode="json")
        if lost := effect_lost(actor, series.project_id).replace("the rule acts", "the series acts"):
            _settle(row, "refused", lost)
            return
        if actor is None or dataset is None or dataset.state != "readable":
            _settle(row, "refused", "what was stacked is gone")
            return
        row.start = None if row.is_final else self._refreshing.newest_volume(action, assemblies)
        try:
            with self._series.savepoint():
                request = self._planner.request(_given(action, row).as_rule(), dataset)
                made = self._planner.start(actor, request, _reason(series, row, dataset))
        except LabError as refusal:
            _settle(row, "refused", words_of(refusal))
            return
        row.refresh_job_id, row.refresh_run_id = made.get("job_id"), made.get("run_id")
        _settle(row, "started", "")
        details = {"assembly_id": row.id, "parts": row.part_count, **made}
        self._audit.record(actor, "series.refresh", series.id, project_id=series.project_id, **details)


def _settle(row: SeriesAssembly, outcome: str, reason: str) -> None:
    row.outcome, row.reason, row.acted_at = outcome, reason, now()


def _given(action: SeriesAction, row: SeriesAssembly) -> SeriesAction:
    """Return the action with the volume it goes on from."""
    return action if row.start is None else action.model_copy(update={"inputs": {**action.inputs, START: row.start}})


def _reason(series: GrowingSeries, row: SeriesAssembly, dataset: Dataset) -> dict[str, Any]:
    """Say why a job was started, as each of them shows it."""
    parts = f"{row.part_count}" if series.expected is None else f"{row.part_count} of {series.expected}"
    return {
        "series_id": series.id,
        "series_name": series.name,
        "dataset_id": dataset.id,
        "matched": f"{parts} parts, sealed" if row.is_final else f"{parts} parts so far",
    }
