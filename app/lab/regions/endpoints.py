"""Regions and their dose over HTTP."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import Query, Response

from app.infra.clock import now
from app.infra.db.models import Region
from app.lab.doors import CurrentActor, CurrentLab, IfMatch, etag, refuses, room_router
from app.lab.dose.schemas import CoverageOut
from app.lab.regions.schemas import CellOut, NewRegion, RegionChange, RegionDoseOut, RegionEnergyOut, RegionOut
from app.lab.regions.service import Share, outline_of
from app.lab.schemas import Instant, Page
from lithoscope.rules.absorbed_dose import gray_of
from lithoscope.rules.regions import RegionDose, area, region_dose
from lithoscope.units import Quantity

router = room_router("regions")
MOST_CELLS = 200
At = Annotated[Instant | None, Query(description="Moment to add up to; now when left out")]


@router.post("/samples/{sample_id}/regions", status_code=201, operation_id="createRegion", responses=refuses(409))
def create_region(
    sample_id: str, new: NewRegion, actor: CurrentActor, lab: CurrentLab, response: Response
) -> RegionOut:
    """Name an area of a sample whose dose is to be watched."""
    region = lab.regions.create(actor, sample_id, new)
    response.headers["Location"] = f"/api/v1/regions/{region.id}"
    etag(response, region.version)
    return _out(region)


@router.get("/samples/{sample_id}/regions", operation_id="listRegions", responses=refuses())
def list_regions(
    sample_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    with_retired: Annotated[bool, Query(description="Also those no longer watched")] = False,  # noqa: FBT002
) -> Page[RegionOut]:
    """List a sample's regions, oldest first."""
    rows = lab.regions.of_sample(actor, sample_id, with_retired=with_retired)
    return Page(items=[_out(row) for row in rows])


@router.get("/regions/{region_id}", operation_id="getRegion", responses=refuses())
def get_region(region_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> RegionOut:
    """Return a region."""
    region = lab.regions.get(actor, region_id)
    etag(response, region.version)
    return _out(region)


@router.patch("/regions/{region_id}", operation_id="changeRegion", responses=refuses(409, 412, 428))
def change_region(
    region_id: str, change: RegionChange, version: IfMatch, actor: CurrentActor, lab: CurrentLab, response: Response
) -> RegionOut:
    """Change a region; its dose follows its outline, for what was recorded before as well."""
    region = lab.regions.change(actor, region_id, version, change)
    etag(response, region.version)
    return _out(region)


@router.delete("/regions/{region_id}", status_code=204, operation_id="retireRegion", responses=refuses(409))
def retire_region(region_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Stop watching a region; it and the exposures that name it stay on record."""
    lab.regions.retire(actor, region_id)


@router.get("/regions/{region_id}/dose", operation_id="getRegionDose", responses=refuses())
def get_region_dose(
    region_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    at: At = None,
    phase: Annotated[
        str | None, Query(max_length=40, description="What doses in Gy are of; left out: by the sample's material")
    ] = None,
) -> RegionDoseOut:
    """Account for what beams gave a region: at each beam energy the mean over it and the dose of its worst part."""
    moment = at or now()
    beam = lab.regions.beam(actor, region_id, at=moment)
    region, doses = beam.region, region_dose(beam.shares)
    of_phase = phase or lab.dose.stopping_phase(actor, region.sample_id)
    return RegionDoseOut(
        region_id=region.id,
        at=moment,
        area_um2=area(outline_of(region)),
        phase=of_phase,
        by_beam_energy=[_energy(dose, of_phase) for dose in doses],
        cells=[
            CellOut(area_um2=cell.area_um2, exposure_ids=[leg.exposure_id for leg in legs])
            for cell, legs in beam.shares[:MOST_CELLS]
        ],
        cell_count=len(beam.shares),
        coverage=CoverageOut.model_validate(beam.coverage),
        warnings=_warnings(beam.shares, is_complete=beam.coverage.is_complete),
    )


def _energy(dose: RegionDose, phase: str | None) -> RegionEnergyOut:
    def gray(fluence: Quantity) -> Quantity:
        return gray_of(dose.radiation, fluence, dose.beam_energy, phase=phase)

    absorbed = {"absorbed_mean": gray(dose.mean.total), "absorbed_peak": gray(dose.peak.total)}
    return RegionEnergyOut.model_validate({**asdict(dose), **absorbed})


def _warnings(shares: Sequence[Share], *, is_complete: bool) -> list[str]:
    silent = {leg.exposure_id: leg.is_loose for _, legs in shares for leg in legs if leg.field_um is None}
    loose = sum(silent.values())
    said = {
        "exposures without place count on all of the region: its dose lies in an interval": loose < len(silent),
        f"too many fields overlap to cut the region by each: {loose} of them count on all they touch, and its dose lies"
        " in an interval; a smaller region has fewer": loose > 0,
        "the dose is a lower bound: see coverage": not is_complete,
    }
    return [words for words, holds in said.items() if holds]


def _out(region: Region) -> RegionOut:
    own = {name: getattr(region, name) for name in RegionOut.model_fields if hasattr(region, name)}
    return RegionOut.model_validate({**own, "area_um2": area(outline_of(region))})
