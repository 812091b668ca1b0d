"""Rules of automatic processing: what runs by itself when a dataset becomes readable."""

from collections.abc import Iterator
from typing import Any

from lithoscope.client.connection import Connection
from lithoscope.client.facts import Fact

RULES = "/processing-rules"


class Rules:
    """The rules of your projects."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __iter__(self) -> Iterator[Fact]:
        """Walk the rules, newest first."""
        return self.walk()

    def walk(self, **filters: Any) -> Iterator[Fact]:
        """Walk the rules, newest first; ``project_id`` narrows the walk."""
        return map(Fact, self._connection.pages(RULES, **filters))

    def get(self, rule_id: str) -> Fact:
        """Return a rule as it stands; ``problem`` says why it has no effect."""
        return Fact(self._connection.get(f"{RULES}/{rule_id}"))

    def create(self, name: str, **fields: Any) -> Fact:
        """
        Make a rule, switched off unless ``is_enabled=True``; it acts for you.

        Parameters
        ----------
        name : str
            Stands on every job it starts.
        **fields
            ``project_id``, ``trigger``, ``action`` and ``limits`` as in ``POST /processing-rules``.
        """
        return Fact(self._connection.post(RULES, {"name": name, **fields}))

    def change(self, rule: Fact, reason: str, **fields: Any) -> Fact:
        """Append the next version of a rule: what is not named stays as it is; from now on it acts for you."""
        said = {name: rule.record[name] for name in ("name", "trigger", "action", "limits", "is_enabled")}
        return self._append(rule, "versions", {**said, **fields, "reason": reason})

    def switch(self, rule: Fact, *, on: bool, reason: str | None = None) -> Fact:
        """Switch a rule on, for you from now on, or off."""
        return self._append(rule, "switch", {"is_enabled": on, "reason": reason})

    def dry_run(self, rule: Fact | str, over: int = 50) -> Fact:
        """Say what a rule would have done about the latest datasets of its project; nothing is started."""
        rule_id = rule if isinstance(rule, str) else rule.id
        return Fact(self._connection.get(f"{RULES}/{rule_id}/dry-run", over=over))

    def try_out(self, over: int = 50, **rule: Any) -> Fact:
        """Say what a rule that need not exist would have done; fields as for `create`, its ``name`` too."""
        return Fact(self._connection.post("/processing-rule-dry-runs", {"rule": rule, "over": over}))

    def firings(self, rule: Fact | str) -> Iterator[Fact]:
        """Walk what a rule started, skipped and was refused, newest first."""
        rule_id = rule if isinstance(rule, str) else rule.id
        return map(Fact, self._connection.pages(f"{RULES}/{rule_id}/firings"))

    def versions(self, rule: Fact | str) -> list[Fact]:
        """Return all that a rule ever said, newest first."""
        rule_id = rule if isinstance(rule, str) else rule.id
        return [Fact(each) for each in self._connection.get(f"{RULES}/{rule_id}/versions")["items"]]

    def _append(self, rule: Fact, where: str, body: dict[str, Any]) -> Fact:
        headers = {"If-Match": f'"{rule.version}"'}
        answer = self._connection.send("POST", f"{RULES}/{rule.id}/{where}", headers=headers, json=body)
        return Fact(answer.json())
