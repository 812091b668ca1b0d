"""Chain plans over HTTP."""

from app.lab.chain_plans.schemas import ChainPlanOut, NewChainPlan
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router

router = room_router("evaluations")


@router.post("/chain-plans", operation_id="planChain", responses=refuses(409))
def plan_chain(plan: NewChainPlan, actor: CurrentActor, lab: CurrentLab) -> ChainPlanOut:
    """
    Say what a chain of events and exposures would give before the sample is touched; nothing is stored.

    Custody state, clocks, doses, budgets and the verdicts of protocols, by the same rules as for recorded chains. What
    recording the chain would refuse is refused here, pointing into the plan.
    """
    return lab.chain_plans.judge(actor, plan)
