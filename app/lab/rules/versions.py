"""Versions of rules, as they are kept and as they are read."""

from typing import Any

from app.infra.db.models import ProcessingRule, RuleVersion
from app.lab.rules.schemas import RuleOut, RuleSaid, RuleVersionOut


def document_of(said: RuleSaid) -> dict[str, Any]:
    """Write what a rule says as it is kept."""
    return said.model_dump(mode="json", include={"trigger", "action", "limits"})


def said_by(version: RuleVersion) -> RuleSaid:
    """Read what a version says."""
    return RuleSaid.model_validate({"name": version.name, **version.document})


def version_out(version: RuleVersion) -> RuleVersionOut:
    """Describe a version."""
    own = {name: getattr(version, name) for name in ("number", "name", "is_enabled", "reason", "made_by", "made_at")}
    return RuleVersionOut(**own, **version.document)


def rule_out(rule: ProcessingRule, version: RuleVersion, problem: str) -> RuleOut:
    """Describe a rule as it stands."""
    shown = version_out(version).model_dump(exclude={"number"})
    state = "off" if not rule.is_enabled else "without_effect" if problem else "on"
    own = {name: getattr(rule, name) for name in ("id", "project_id", "created_by", "created_at", "version")}
    return RuleOut(**own, **shown, state=state, problem=problem or None)
