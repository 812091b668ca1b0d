"""Named areas of samples, and the beam each part of them took; nobody commits here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import Conflict, Invalid, NotFound, StaleVersion
from app.infra.clock import now
from app.infra.db.models import Region
from app.infra.ids import new_id
from app.lab.access import Action, Actor
from app.lab.audit.service import AuditLog
from app.lab.dose.legs import polygon_of
from app.lab.dose.service import DoseService, Ledger
from app.lab.regions.repository import RegionRepository
from app.lab.regions.schemas import NewRegion, RegionChange
from app.lab.samples.service import SampleService
from lithoscope.rules.beam_coverage import Coverage
from lithoscope.rules.legs import Leg, Polygon
from lithoscope.rules.regions import Cell, polygon_problem, shares_of

Share = tuple[Cell, tuple[Leg, ...]]


@dataclass(frozen=True, slots=True)
class RegionBeam:
    """
    The beam on a region until a moment.

    Parameters
    ----------
    region : Region
        Whose.
    shares : list of (Cell, tuple of Leg)
        Its cells, largest first, each with the legs that reached it. A leg without place (``field_um`` None: nobody
        said, or it belongs to an ancestor with other coordinates) counts in every cell.
    coverage : Coverage
        Whether the recorded exposures of its sample are all the beam that took.
    """

    region: Region
    shares: list[Share]
    coverage: Coverage


class RegionNameTaken(Conflict):
    """A sample's regions are told apart by name."""

    code, title = "region-name-taken", "The region's name is taken"


class RegionRetired(Conflict):
    """A retired region stays as it is: doses and budgets were stated of it."""

    code, title = "region-retired", "The region is retired"


class RegionService:
    """Keeps the regions of samples and cuts them by the fields of exposures."""

    def __init__(
        self, regions: RegionRepository, samples: SampleService, dose: DoseService, *, audit: AuditLog
    ) -> None:
        self._regions = regions
        self._samples = samples
        self._dose = dose
        self._audit = audit

    def get(self, actor: Actor, region_id: str, need: Action = Action.READ) -> Region:
        """Return a region of a sample the actor may act on."""
        region = self._regions.get(region_id)
        if region is None:
            raise NotFound
        self._samples.get(actor, region.sample_id, need=need)
        return region

    def of_sample(self, actor: Actor, sample_id: str, *, with_retired: bool = False) -> list[Region]:
        """Return a sample's regions, oldest first."""
        rows = self._regions.of_sample(self._samples.get(actor, sample_id).id)
        return [row for row in rows if with_retired or row.retired_at is None]

    def create(self, actor: Actor, sample_id: str, new: NewRegion) -> Region:
        """Name an area of a sample."""
        sample = self._samples.get(actor, sample_id, need=Action.REGISTER)
        outline = _checked(new.polygon_um)
        self._check_name(sample.id, new.name)
        region = Region(
            **new.model_dump(exclude={"polygon_um"}),
            id=new_id("rgn"),
            sample_id=sample.id,
            polygon_um=outline,
            created_by=actor.id,
            created_at=now(),
        )
        self._regions.add(region)
        self._audit.record(actor, "region.create", region.id, project_id=sample.project_id, name=region.name)
        return region

    def change(self, actor: Actor, region_id: str, version: int, change: RegionChange) -> Region:
        """Change a region; its dose follows its outline, for what was recorded before as well."""
        region = self._standing(actor, region_id)
        if region.version != version:
            raise StaleVersion
        fields = change.model_dump(exclude_unset=True)
        for name in ("name", "polygon_um", "phases"):
            if fields.get(name, "") is None:
                raise Invalid.field(f"/body/{name}", f"A region keeps its {name}: leave the field out to keep it.")
        if change.polygon_um is not None:
            fields["polygon_um"] = _checked(change.polygon_um)
        if fields.get("name", region.name) != region.name:
            self._check_name(region.sample_id, fields["name"])
        before = {name: getattr(region, name) for name in fields}
        for name, value in fields.items():
            setattr(region, name, value)
        self._regions.change(region)
        project_id = self._samples.project_of(region.sample_id)
        self._audit.record(actor, "region.change", region.id, project_id=project_id, before=before, after=fields)
        return region

    def retire(self, actor: Actor, region_id: str) -> None:
        """Stop watching a region; exposures that name it keep their place."""
        region = self._standing(actor, region_id)
        region.retired_at = now()
        self._regions.change(region)
        self._audit.record(
            actor, "region.retire", region.id, project_id=self._samples.project_of(region.sample_id), name=region.name
        )

    def beam(self, actor: Actor, region_id: str, *, at: datetime | None = None) -> RegionBeam:
        """Cut a region by the fields of its sample's exposures until a moment."""
        region = self.get(actor, region_id)
        ledger = self._dose.ledger(actor, region.sample_id, at=at)
        return RegionBeam(region, self.shares(region, ledger.legs), ledger.coverage)

    def watched(
        self, actor: Actor, sample_id: str, *, at: datetime | None = None, ledger: Ledger | None = None
    ) -> list[RegionBeam]:
        """Cut every region of a sample that is watched for a phase, from one reading of the ledger, or one given."""
        regions = [region for region in self.of_sample(actor, sample_id) if region.phases]
        if not regions:
            return []
        ledger = ledger or self._dose.ledger(actor, sample_id, at=at)
        return [RegionBeam(each, self.shares(each, ledger.legs), ledger.coverage) for each in regions]

    def shares(self, region: Region, legs: Sequence[Leg]) -> list[Share]:
        """Cut a region the caller was already given by the fields of legs, of recorded ones or planned."""
        return shares_of(outline_of(region), legs)

    def _standing(self, actor: Actor, region_id: str) -> Region:
        region = self.get(actor, region_id, need=Action.REGISTER)
        if region.retired_at is not None:
            raise RegionRetired("The region was retired: create a new one.")
        return region

    def _check_name(self, sample_id: str, name: str) -> None:
        if any(row.name == name and row.retired_at is None for row in self._regions.of_sample(sample_id)):
            raise RegionNameTaken("Another region of this sample has this name: choose another.")


def outline_of(region: Region) -> Polygon:
    """Return a region's outline as the rules take it."""
    return polygon_of(region.polygon_um) or ()


def _checked(points: Sequence[Sequence[float]]) -> list[list[float]]:
    outline = polygon_of(points) or ()
    if problem := polygon_problem(outline):
        raise Invalid.field("/body/polygon_um", problem)
    return [list(point) for point in outline]
