"""What needs attention, over HTTP."""

from app.lab.attention.schemas import AttentionOut
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.schemas import Page

router = room_router("attention")


@router.get("/attention", operation_id="listAttention", responses=refuses())
def list_attention(actor: CurrentActor, lab: CurrentLab) -> Page[AttentionOut]:
    """List what needs attention in the facility, the grave first; for managers and administrators."""
    return Page(items=[AttentionOut.model_validate(row) for row in lab.attention.all(actor)])
