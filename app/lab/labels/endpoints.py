"""Labels of results over HTTP."""

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.labels.schemas import DecayOut, LabelOut, NewLabel, ParentDoseOut
from app.lab.labels.service import JudgedLabel
from app.lab.limits.schemas import BoundsOut
from app.lab.schemas import Page

router = room_router("labels")


@router.post("/results/{result_id}/labels", status_code=201, operation_id="assignLabel", responses=refuses())
def assign_label(result_id: str, new: NewLabel, actor: CurrentActor, lab: CurrentLab) -> LabelOut:
    """Say what phase a label of a result is; the latest word counts, `phase` null takes it back."""
    return label_out(lab.labels.assign(actor, result_id, new))


@router.get("/results/{result_id}/labels", operation_id="listLabels", responses=refuses())
def list_labels(result_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[LabelOut]:
    """List the labels of a result that have a phase, each with whether a beam may have made it."""
    return Page(items=[label_out(each) for each in lab.labels.of_result(actor, result_id)])


def label_out(judged: JudgedLabel) -> LabelOut:
    """Describe a label."""
    row, made = judged.row, judged.made
    parents = [
        ParentDoseOut(
            parent=parent,
            state=each.state,
            spent=BoundsOut.of(each.spent),
            exposure_ids=[leg.exposure_id for leg in each.legs],
            reasons=list(each.reasons),
        )
        for parent, each in made.budgets.items()
    ]
    own = ("id", "result_id", "output", "label", "phase", "note", "assigned_by", "assigned_at")
    return LabelOut(
        **{name: getattr(row, name) for name in own},
        possibly_beam_made=made.verdict,
        reason=made.reason,
        parents=parents,
        decays=[DecayOut.model_validate(decay) for decay in made.decays],
        seen_by_exposure_ids=list(judged.seen_by),
    )
