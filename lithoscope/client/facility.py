"""What the facility as a whole knows: deadlines, alarms, limits, protocols, plans, titrations, publications."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lithoscope.client.connection import Connection
from lithoscope.client.facts import Alarm, ChainPlan, Deadline, DoseLimit, Evaluation, Fact, Protocol, facts
from lithoscope.client.rules import Rules
from lithoscope.client.sample import Region
from lithoscope.client.saving import fresh, save
from lithoscope.client.thing import Thing
from lithoscope.client.things import Publication


class Titrations:
    """Titration gas chromatography: calibration lines, and series that measure the loss of lithium."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def calibrations(self, **filters: Any) -> Iterator[Fact]:
        """Walk the calibration lines, newest first."""
        return map(Fact, self._connection.pages("/gas-calibrations", **filters))

    def calibration(self, calibration_id: str) -> Fact:
        """Return a calibration line with its points, its fit and the uncertainty of both."""
        return Fact(self._connection.get(f"/gas-calibrations/{calibration_id}"))

    def read_calibration(self, calibration_id: str, **bottle: Any) -> Fact:
        """
        Return hydrogen, metallic lithium and charge of one bottle, with their intervals; nothing is kept.

        Parameters
        ----------
        calibration_id : str
            The calibration line.
        **bottle
            ``area`` (one, or a list of replicates), ``volume_mL``, ``water_mL``, ``pressure_Pa``, ``temperature_K``,
            ``is_vented``, ``area_cm2``.
        """
        return Fact(self._connection.get(f"/gas-calibrations/{calibration_id}/reading", **bottle))

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

    @property
    def rules(self) -> Rules:
        """Return the rules of automatic processing."""
        return Rules(self.connection)

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

    def tags(self, **filters: Any) -> list[Fact]:
        """Return the tags of what you may see with how many ``things`` carry each; ``project_id``, ``kind`` narrow."""
        return facts(Fact, self.connection.get("/tags", **filters)["items"])

    def tagged(self, tag: str | None = None, **filters: Any) -> Iterator[Fact]:
        """Walk what carries a tag (any when left out), tagged last first; ``kind`` and ``project_id`` narrow."""
        return map(Fact, self.connection.pages("/tagged", tag=tag, **filters))

    def export(
        self,
        thing: Thing | str,
        format: str = "ro-crate",  # noqa: A002 - the API's word
        to: str | Path | None = None,
        **options: str,
    ) -> Path:
        """
        Save a sample, dataset, result or project with all it came from and what was done to it.

        Parameters
        ----------
        thing : Thing or str
            What, or its identifier; a project by its identifier.
        format : {"ro-crate", "eln", "prov", "csv", "nexus"}
        to : path, optional
            File to write; named by the service when left out.
        **options
            ``crate="1.2"`` for the older edition of RO-Crate, ``licence=`` the address of a licence,
            ``absent="leave-out"`` for a crate without the registered files that are missing or changed.
        """
        name = thing if isinstance(thing, str) else thing.id
        target = None if to is None else fresh(to)
        return save(self.connection, f"/exports/{name}", target, format=format, **options)

    def make_review_link(self, thing: Thing | str, purpose: str, *, days: int = 30) -> Fact:
        """
        Make a link by which somebody without an account reads one sample, result or publication.

        Parameters
        ----------
        thing : Thing or str
            What it leads to.
        purpose : str
            For whom or what, such as the journal's name.
        days : int
            Until it ends.

        Returns
        -------
        link : Fact
            ``address`` is shown this once; ``id`` ends it.
        """
        name = thing if isinstance(thing, str) else thing.id
        return Fact(self.connection.post("/review-links", {"target_id": name, "purpose": purpose, "days": days}))

    def review_links(self, thing: Thing | str | None = None, **filters: Any) -> Iterator[Fact]:
        """Walk reviewers' links, newest first, with ``state`` and ``looks``; of one thing when it is named."""
        name = thing.id if isinstance(thing, Thing) else thing
        return map(Fact, self.connection.pages("/review-links", target_id=name, **filters))

    def revoke_review_link(self, link_id: str) -> None:
        """End a reviewer's link at once; ending it twice changes nothing."""
        self.connection.send("DELETE", f"/review-links/{link_id}")

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

    def protocol_versions(self, protocol_id: str) -> list[Protocol]:
        """Return every version of a protocol, oldest first, retired ones included."""
        return facts(Protocol, self.connection.pages(f"/protocols/{protocol_id}/versions"))

    def evaluation(self, evaluation_id: str) -> Evaluation:
        """Return a verdict that was kept, as it was given."""
        return Evaluation(self.connection.get(f"/evaluations/{evaluation_id}"))

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

    def event(self, event_id: str) -> Fact:
        """Return a custody event by its identifier, as a verdict or a clock names it."""
        return Fact(self.connection.get(f"/events/{event_id}"))

    def exposure(self, exposure_id: str) -> Fact:
        """Return an exposure by its identifier."""
        return Fact(self.connection.get(f"/exposures/{exposure_id}"))

    def region(self, region_id: str) -> Region:
        """Return a region by its identifier."""
        return Region(self.connection, f"/regions/{region_id}", self.connection.get(f"/regions/{region_id}"))

    def results_after(self, event_id: str) -> Iterator[Fact]:
        """Walk the results of data taken after a custody event, newest first, children of its sample included."""
        return map(Fact, self.connection.pages(f"/events/{event_id}/results"))

    def publish(self, thing: Thing | str, **fields: Any) -> Publication:
        """Mark a sample, dataset or result as published; `Conflict` lists what its report lacks."""
        name = thing if isinstance(thing, str) else thing.id
        record = self.connection.post("/publications", {"target_id": name, **fields})
        return Publication(self.connection, f"/publications/{record['id']}", record)

    def publications(self, **filters: Any) -> Iterator[Publication]:
        """Walk what was published, newest first."""
        for record in self.connection.pages("/publications", **filters):
            yield Publication(self.connection, f"/publications/{record['id']}", record)

    def publication(self, publication_id: str) -> Publication:
        """Return a publication; its ``report()`` is the one that was frozen with it."""
        path = f"/publications/{publication_id}"
        return Publication(self.connection, path, self.connection.get(path))

    def statistics(self, **filters: Any) -> Fact:
        """Return the share of datasets with a complete dose report and with a low dose, beside the literature's."""
        return Fact(self.connection.get("/reporting-statistics", **filters))
