"""Methods over HTTP."""

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.methods.schemas import MethodOut
from app.lab.schemas import Page

router = room_router("methods")


@router.get("/methods", operation_id="listMethods", responses=refuses())
def list_methods(_actor: CurrentActor, lab: CurrentLab) -> Page[MethodOut]:
    """List every analysis with its parameters, inputs and outputs."""
    return Page(items=[MethodOut.of(method) for method in lab.methods.all()])


@router.get("/methods/{method_id}", operation_id="getMethod", responses=refuses())
def get_method(method_id: str, _actor: CurrentActor, lab: CurrentLab) -> MethodOut:
    """Return an analysis."""
    return MethodOut.of(lab.methods.get(method_id))
