"""Splitting a sample: its parts registered and the split recorded in one act; nobody commits here."""

from app.infra.db.models import Sample
from app.lab.access import Action, Actor
from app.lab.custody.event_types import Split
from app.lab.custody.happenings import Recorded
from app.lab.custody.schemas import NewPart, NewSplit
from app.lab.custody.service import CustodyService
from app.lab.samples.schemas import NewSample
from app.lab.samples.service import CodeTaken, SampleService


class SplittingService:
    """
    Divides samples: a lamella lifted out, pieces cut, powder scraped off.

    A part inherits the history of the whole up to the moment of the split, whenever that is entered into the books.
    """

    def __init__(self, samples: SampleService, custody: CustodyService) -> None:
        self._samples = samples
        self._custody = custody

    def split(self, actor: Actor, sample_id: str, new: NewSplit) -> tuple[Recorded, list[Sample]]:
        """Register the parts of a sample and record the split that made them."""
        whole = self._samples.get(actor, sample_id, need=Action.RECORD)
        if (twin := self._custody.repeated(actor, new.client_event_id)) is not None:
            children = {child.id: child for child in self._samples.children_of(whole)}
            return twin, [children[each] for each in twin.event.payload.get("child_ids", []) if each in children]
        parts = [self._register(actor, whole, part, index) for index, part in enumerate(new.parts)]
        said = new.model_dump(exclude={"parts"})
        event = Split(**said, type="split", child_ids=[part.id for part in parts])
        entry, _is_new = self._custody.record(actor, whole.id, event)
        return entry, parts

    def _register(self, actor: Actor, whole: Sample, part: NewPart, index: int) -> Sample:
        named = part.model_dump(exclude={"material"})
        material = part.material or whole.material
        try:
            new = NewSample(**named, material=material, project_id=whole.project_id, parent_id=whole.id)
            return self._samples.create(actor, new)
        except CodeTaken as taken:
            where = {"pointer": f"/body/parts/{index}/code", "detail": taken.detail}
            raise CodeTaken(taken.detail, errors=[where]) from None
