"""The strategy adviser: what the papers say, never more."""

from lithoscope.rules.strategy import Strategy, advise, questions

SILENT = "No source in the tables speaks of this material and this question: nothing is recommended."


class StrategyService:
    """Answers what to do with a material for a question."""

    def questions(self) -> dict[str, str]:
        """Return what can be asked, in words."""
        return questions()

    def advise(self, material: str | None = None, question: str | None = None) -> tuple[Strategy, ...]:
        """Return the strategies for a material and a question, either left open when None."""
        return advise(material=material, question=question)
