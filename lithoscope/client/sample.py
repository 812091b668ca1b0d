"""Samples and their regions, with everything the service derives from their history."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from lithoscope.client.events import follow
from lithoscope.client.facts import Budget, Clock, CustodyState, Fact, SampleDose, Stay, facts
from lithoscope.client.problems import ClientError
from lithoscope.client.thing import Judged, Thing


class Region(Thing):
    """A named area of a sample; dose accumulates in it."""

    def dose(self) -> Fact:
        """Return mean and peak dose at each beam energy."""
        return Fact(self._connection.get(f"{self._path}/dose"))

    def budget(self, phase: str, **question: Any) -> Budget:
        """
        Return what is spent and left of a phase's critical dose.

        Parameters
        ----------
        phase : str
            As the limit table names it: ``LiF``, ``Li2CO3``.
        **question
            ``criterion``, and the next beam, such as ``rate_e_per_A2_s``, for the seconds left.
        """
        return Budget(self._connection.get(f"{self._path}/budget", phase=phase, **question))

    def follow_budget(self, phase: str, **question: Any) -> Iterator[Budget]:
        """Yield the budget now and as a running exposure spends it, until no beam is on."""
        for event in follow(self._connection, f"{self._path}/budget/events", phase=phase, **question):
            if event.type == "budget":
                yield Budget(event.payload)

    def change(self, **fields: Any) -> None:
        """Change its name, outline, phases or note."""
        etag = self._connection.send("GET", self._path).headers["etag"]
        self._record = self._connection.send("PATCH", self._path, headers={"If-Match": etag}, json=fields).json()

    def retire(self) -> None:
        """Take it out of use; its past stays."""
        self._connection.send("DELETE", self._path)


class Sample(Judged):
    """A physical thing under study."""

    def change(self, **fields: Any) -> None:
        """Change its name, electrolyte, preparation and what else describes it; refused if somebody did meanwhile."""
        headers = {"If-Match": f'"{self.version}"'}
        self._record = self._connection.send("PATCH", self._path, headers=headers, json=fields).json()

    def record_event(self, type: str, occurred_at: str, **fields: Any) -> dict[str, Any]:  # noqa: A002 - the field's name
        """
        Append a custody event.

        Parameters
        ----------
        type : str
            ``storage``, ``transfer``, ``disassembly`` ... (docs/glossary.md).
        occurred_at : str
            ISO 8601 with zone; with ``ended_at`` the begin of an interval.
        **fields
            What the type's schema knows, units in the names: ``o2_ppm=0.1``.
        """
        body = {"type": type, "occurred_at": occurred_at, **fields}
        return dict(self._connection.post(f"{self._path}/events", body))

    def record_exposure(self, **fields: Any) -> dict[str, Any]:
        """Record a stay of a beam on the sample; fields as in ``POST /samples/{id}/exposures``."""
        return dict(self._connection.post(f"{self._path}/exposures", fields))

    def record_beam(self, **fields: Any) -> Fact:
        """Record what a valve log, a blanker log or an operator says of the beam: what recorded frames do not cover."""
        return Fact(self._connection.post(f"{self._path}/beam-records", fields))

    def beam_records(self) -> list[Fact]:
        """Return what logs and operators say of the beam."""
        return facts(Fact, self._connection.pages(f"{self._path}/beam-records"))

    def dispose(self, occurred_at: datetime | str | None = None, *, reason: str | None = None, **fields: Any) -> Fact:
        """Record that it is no more (now when no moment is given); its history stays, and searches can leave it out."""
        moment = _instant(occurred_at) or datetime.now(UTC).isoformat()
        said = {"reason": reason} if reason else {}
        return Fact(self.record_event("disposal", moment, **said, **fields))

    def split(
        self, parts: Sequence[str | dict[str, Any]], occurred_at: datetime | str | None = None, **fields: Any
    ) -> list["Sample"]:
        """
        Register the parts of it and record the split or lift-out that made them: all of it or nothing.

        Parameters
        ----------
        parts : sequence of str or dict
            A name each, or ``name`` with ``kind``, ``material`` and ``code``; the material is that of the whole.
        occurred_at : datetime or str, optional
            When; now when left out. The parts inherit the history up to then.
        **fields
            ``process`` (lift-out, cutting, scraping), ``place``, ``atmosphere``, ``temperature_K``, ``operator``.
        """
        rows = [{"name": part} if isinstance(part, str) else part for part in parts]
        moment = _instant(occurred_at) or datetime.now(UTC).isoformat()
        made = self._connection.post(f"{self._path}/split", {"occurred_at": moment, "parts": rows, **fields})
        return [Sample(self._connection, f"/samples/{row['id']}", row) for row in made["parts"]]

    def children(self) -> list["Sample"]:
        """Return the samples that were split from it."""
        rows = self._connection.pages(f"{self._path}/children")
        return [Sample(self._connection, f"/samples/{row['id']}", row) for row in rows]

    def events(self) -> list[dict[str, Any]]:
        """Return its custody events, inherited ones included."""
        return list(self._connection.pages(f"{self._path}/events"))

    def exposures(self) -> list[dict[str, Any]]:
        """Return its exposures, inherited ones included."""
        return list(self._connection.pages(f"{self._path}/exposures"))

    def custody_summary(self) -> dict[str, Any]:
        """Return hours stored, transfers and seconds in air, as far as they are recorded."""
        return dict(self._connection.get(f"{self._path}/custody-summary"))

    def state(self, at: datetime | str | None = None) -> CustodyState:
        """Return where it is at a moment (now when left out), in which gas, how cold, and what its way adds up to."""
        return CustodyState(self._connection.get(f"{self._path}/custody-state", at=_instant(at)))

    def stays(self, at: datetime | str | None = None) -> list[Stay]:
        """Return the chain of its stays until a moment; time nobody recorded is a gap."""
        return facts(Stay, self._connection.get(f"{self._path}/stays", at=_instant(at))["items"])

    def clocks(self, at: datetime | str | None = None) -> list[Clock]:
        """Return its shelf-life clocks at a moment."""
        return facts(Clock, self._connection.get(f"{self._path}/clocks", at=_instant(at))["clocks"])

    def dose(self, phase: str | None = None) -> SampleDose:
        """Return what beams gave it; gray are stated of a phase, what stands for its material when none is named."""
        return SampleDose(self._connection.get(f"{self._path}/dose", phase=phase))

    @property
    def regions(self) -> list[Region]:
        """Return its regions."""
        rows = self._connection.pages(f"{self._path}/regions")
        return [Region(self._connection, f"/regions/{row['id']}", row) for row in rows]

    def add_region(self, name: str, polygon_um: list[tuple[float, float]], **fields: Any) -> Region:
        """
        Name an area.

        Parameters
        ----------
        name : str
            Its name.
        polygon_um : list of (x, y)
            Corners in the sample's coordinates [um].
        **fields
            ``phases`` it is watched for, ``note``.
        """
        body = {"name": name, "polygon_um": [list(corner) for corner in polygon_um], **fields}
        row = self._connection.post(f"{self._path}/regions", body)
        return Region(self._connection, f"/regions/{row['id']}", row)

    def budget(self, phase: str, region: "Region | str | None" = None, **question: Any) -> Budget:
        """
        Return the budget of a region for a phase.

        Parameters
        ----------
        phase : str
            As the limit table names it.
        region : Region or str, optional
            A region, its name or identifier; the sample's only region when left out.
        **question
            As in `Region.budget`.
        """
        return self._region(region).budget(phase, **question)

    def _region(self, wanted: "Region | str | None") -> Region:
        if isinstance(wanted, Region):
            return wanted
        known = self.regions
        found = [each for each in known if wanted in {None, each.id, each.name}]
        if len(found) != 1:
            names = ", ".join(str(each.name) for each in known) or "none"
            raise ClientError(f"say which region: {self.id} has {names}")
        return found[0]


def _instant(at: datetime | str | None) -> str | None:
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ClientError("an instant needs its zone: datetime(..., tzinfo=UTC)")
        return at.isoformat()
    return at
