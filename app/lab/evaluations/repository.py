"""Rows of evaluations."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.models import Evaluation
from app.infra.db.queries import in_projects, page_before


class EvaluationRepository:
    """Queries of evaluations."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, evaluation_id: str) -> Evaluation | None:
        """Return an evaluation."""
        return self._session.get(Evaluation, evaluation_id)

    def add(self, evaluation: Evaluation) -> None:
        """Insert an evaluation."""
        self._session.add(evaluation)
        self._session.flush()

    def page(
        self, projects: frozenset[str] | None, target_id: str | None, before: str | None, limit: int
    ) -> list[Evaluation]:
        """Return evaluations of these projects (None for all), newest first; of one thing if it is named."""
        query = page_before(in_projects(select(Evaluation), Evaluation, projects), Evaluation, before, limit)
        if target_id is not None:
            query = query.where(Evaluation.target_id == target_id)
        return list(self._session.scalars(query))
