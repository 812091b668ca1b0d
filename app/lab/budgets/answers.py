"""Budgets and plans as they are answered."""

from dataclasses import fields

from app.lab.budgets.schemas import BudgetOut, CellBudgetOut, DosePlanOut, NewDosePlan, RegionBudgetOut
from app.lab.budgets.service import RegionBudget
from app.lab.dose.schemas import CoverageOut
from app.lab.limits.schemas import BoundsOut
from lithoscope.rules.dose_planner import Plan

MOST_CELLS = 200


def region_budget_out(found: RegionBudget) -> RegionBudgetOut:
    """Describe the budget of a region."""
    cells = [
        CellBudgetOut(
            area_um2=cell.area_um2,
            state=each.state,
            spent=BoundsOut.of(each.spent),
            exposure_ids=[leg.exposure_id for leg in each.legs],
        )
        for cell, each in found.cells[:MOST_CELLS]
    ]
    worst = BudgetOut.model_validate(found.worst)
    return RegionBudgetOut(
        **{name: getattr(worst, name) for name in BudgetOut.model_fields},
        region_id=found.region.id,
        region_name=found.region.name,
        at=found.at,
        cells=cells,
        cell_count=len(found.cells),
        coverage=CoverageOut.model_validate(found.coverage),
        running_exposure_ids=list(found.running),
    )


def plan_out(new: NewDosePlan, plan: Plan) -> DosePlanOut:
    """Describe what a plan would do."""
    mode = "tem_field" if new.step_nm is None else "stem_raster"
    return DosePlanOut.model_validate({"mode": mode, **{each.name: getattr(plan, each.name) for each in fields(plan)}})
