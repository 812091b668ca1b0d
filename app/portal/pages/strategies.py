"""The strategy adviser: how to keep a sample as it is while a question is asked of it."""

from typing import Annotated, get_args

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.lab.samples.schemas import Material
from app.lab.strategies.service import SILENT
from app.portal.visit import CurrentVisit, portal_router

router = portal_router()
MATERIALS: tuple[str, ...] = get_args(Material)


@router.get("/strategies")
def show_strategies(
    visit: CurrentVisit,
    material: Annotated[str | None, Query(max_length=40)] = None,
    question: Annotated[str | None, Query(max_length=40)] = None,
) -> HTMLResponse:
    """Show what the papers advise for a material and a question."""
    questions = visit.lab.strategies.questions()
    material = material if material in MATERIALS else None
    question = question if question in questions else None
    found = visit.lab.strategies.advise(material, question) if material or question else ()
    return visit.page(
        "dose/strategies.html",
        strategies=found,
        materials=MATERIALS,
        questions=questions,
        material=material,
        question=question,
        silent=SILENT,
    )
