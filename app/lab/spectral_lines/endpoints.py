"""Lines and edges of elements over HTTP."""

from typing import Annotated

from fastapi import Query

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.spectral_lines.schemas import SpectralLineOut, SpectralLinesOut
from lithoscope.rules.spectral_lines import LineKind

router = room_router("spectral lines")
Energy = Annotated[float | None, Query(allow_inf_nan=False, description="End of the range [eV]")]


@router.get("/spectral-lines", operation_id="listSpectralLines", responses=refuses())
def list_spectral_lines(
    _actor: CurrentActor,
    lab: CurrentLab,
    kind: Annotated[LineKind | None, Query(description="Left out: both")] = None,
    element: Annotated[
        str | None, Query(pattern=r"^[A-Z][a-z]?$", description="Symbol; left out: every element")
    ] = None,
    low_eV: Energy = None,
    high_eV: Energy = None,
) -> SpectralLinesOut:
    """
    List X-ray lines and edges of energy losses by energy, with the share of each line and the source of each number.

    They are what analyses compute with, and what spectra are marked with.
    """
    found = lab.spectral_lines.within(kind=kind, element=element, low_eV=low_eV, high_eV=high_eV)
    return SpectralLinesOut(items=[SpectralLineOut.model_validate(line) for line in found])
