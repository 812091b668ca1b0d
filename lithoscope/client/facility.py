"""What the facility as a whole knows: deadlines, alarms, limits, protocols, plans, titrations, publications."""

from collections.abc import Iterator
from typing import Any

from lithoscope.client.connection import Connection
from lithoscope.client.facts import Alarm, ChainPlan, Deadline, DoseLimit, Fact, Protocol, facts
from lithoscope.client.things import Thing


class Titrations:
    """Titration gas chromatography: calibration lines, and series that measure the loss of lithium."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def calibrations(self, **filters: Any) -> Iterator[Fact]:
        """Walk the calibration lines, newest first."""
        return map(Fact, self._connection.pages("/gas-calibrations", **filters))

    def record_calibration(self, **fields: Any) -> Fact:
        """Record a calibration line; fields as in ``POST /gas-calibrations``."""
        return Fact(self._connection.post("/gas-calibrations", fields))

    def series(self, **filters: Any) -> Iterator[Fact]:
        """Walk the series, newest first."""
        return map(Fact, self._connection.pages("/titration-series", **filters))

    def get(self, series_id: str) -> Fact:
        """Return a series with its fits and its shelf life."""
        return Fact(self._connection.get(f"/titration-series/{series_id}"))

    def record_series(self, **fields: Any) -> Fact:
        """Record a series; fields as in ``POST /titration-series``."""
        return Fact(self._connection.post("/titration-series", fields))


class Facility:
    """The questions that are not about one object; `Client` answers them."""

    connection: Connection

    @property
    def titrations(self) -> Titrations:
        """Return what titrations measured."""
        return Titrations(self.connection)

    def deadlines(self, **filters: Any) -> Iterator[Deadline]:
        """Walk the clocks of all samples you may see, the most urgent first; ``state`` and ``project_id`` narrow."""
        return map(Deadline, self.connection.pages("/deadlines", **filters))

    def alarms(self, **filters: Any) -> Iterator[Alarm]:
        """Walk the alarms."""
        return map(Alarm, self.connection.pages("/alarms", **filters))

    def acknowledge(self, alarm: Alarm | str) -> Fact:
        """Say that an alarm was seen."""
        name = alarm if isinstance(alarm, str) else alarm.id
        return Fact(self.connection.post(f"/alarms/{name}/acknowledgement"))

    def webhooks(self) -> Iterator[Fact]:
        """Walk the addresses that hear of alarms."""
        return map(Fact, self.connection.pages("/webhooks"))

    def add_webhook(self, url: str, **fields: Any) -> Fact:
        """Let an address hear of alarms; the answer holds its secret, once."""
        return Fact(self.connection.post("/webhooks", {"url": url, **fields}))

    def remove_webhook(self, webhook_id: str) -> None:
        """Let an address hear of alarms no more."""
        self.connection.send("DELETE", f"/webhooks/{webhook_id}")

    def beam_calibrations(self, instrument_id: str) -> list[Fact]:
        """Return what currents were measured against those set."""
        return facts(Fact, self.connection.pages(f"/instruments/{instrument_id}/beam-calibrations"))

    def record_beam_calibration(self, instrument_id: str, **fields: Any) -> Fact:
        """Record a current measured on the screen or in a Faraday cup; later exposures count by it."""
        return Fact(self.connection.post(f"/instruments/{instrument_id}/beam-calibrations", fields))

    def dose_curve(self, exposure_id: str) -> Fact:
        """Return the dose of an exposure frame by frame."""
        return Fact(self.connection.get(f"/exposures/{exposure_id}/dose-curve"))

    def dose_limits(self, **filters: Any) -> list[DoseLimit]:
        """Return the critical-dose records, of the literature and of the laboratory, as intervals with their source."""
        return facts(DoseLimit, self.connection.get("/dose-limits", **filters)["items"])

    def add_dose_limit(self, **fields: Any) -> DoseLimit:
        """Record a limit the facility measured; for managers."""
        return DoseLimit(self.connection.post("/dose-limits", fields))

    def retire_dose_limit(self, limit_id: str) -> None:
        """Let a limit of the facility count no more; for managers."""
        self.connection.send("DELETE", f"/dose-limits/{limit_id}")

    def dose_limit(self, phase: str, **question: Any) -> Fact:
        """Return the limit that holds for a phase at ``temperature_K``, ``beam_energy_kV`` ..., and why this one."""
        return Fact(self.connection.get("/dose-limit-lookup", phase=phase, **question))

    def protocols(self) -> list[Protocol]:
        """Return the protocols in force."""
        return facts(Protocol, self.connection.pages("/protocols"))

    def protocol(self, protocol_id: str, version: int | None = None) -> Protocol:
        """Return a protocol, in its present version when none is named."""
        suffix = "" if version is None else f"/versions/{version}"
        return Protocol(self.connection.get(f"/protocols/{protocol_id}{suffix}"))

    def add_protocol(self, document: dict[str, Any]) -> Protocol:
        """Add a protocol or a new version of one; for facility managers."""
        return Protocol(self.connection.post("/protocols", {"document": document}))

    def retire_protocol(self, protocol_id: str) -> None:
        """Let a protocol of the facility judge no more; kept evaluations stay; for facility managers."""
        self.connection.send("DELETE", f"/protocols/{protocol_id}")

    def plan_dose(self, **plan: Any) -> Fact:
        """Return the dose a planned exposure would give, its share of the limit and the largest safe settings."""
        return Fact(self.connection.post("/dose-plans", plan))

    def plan_chain(self, **plan: Any) -> ChainPlan:
        """
        Return the state, clocks, doses, budgets and verdicts a planned chain would end with; nothing is kept.

        Parameters
        ----------
        **plan
            ``sample_id`` to go on from, or ``material`` and ``electrolyte``; ``events`` and ``exposures`` as they would
            be recorded; ``protocol_ids``, ``phases``, ``at``.
        """
        return ChainPlan(self.connection.post("/chain-plans", plan))

    def strategy(self, material: str | None = None, question: str | None = None) -> Fact:
        """Return how to prepare, carry, mill and image a material for a question, with citations, in ``["items"]``."""
        return Fact(self.connection.get("/strategies", material=material, question=question))

    def results_after(self, event_id: str) -> Iterator[Fact]:
        """Walk the results of data taken after a custody event, newest first, children of its sample included."""
        return map(Fact, self.connection.pages(f"/events/{event_id}/results"))

    def publish(self, thing: Thing | str, **fields: Any) -> Fact:
        """Mark a sample, dataset or result as published; `Conflict` lists what its report lacks."""
        name = thing if isinstance(thing, str) else thing.id
        return Fact(self.connection.post("/publications", {"target_id": name, **fields}))

    def publications(self) -> Iterator[Fact]:
        """Walk what was published, newest first."""
        return map(Fact, self.connection.pages("/publications"))

    def statistics(self, **filters: Any) -> Fact:
        """Return the share of datasets with a complete dose report and with a low dose, beside the literature's."""
        return Fact(self.connection.get("/reporting-statistics", **filters))
