"""
Runs of methods and of recipes as actions of an RO-Crate.

A job is an action of Process Run Crate; how a recipe's run and its jobs belong together is told by an OrganizeAction,
as Provenance Run Crate has it.
"""

from collections.abc import Iterator, Mapping, Sequence

from lithoscope.writers.rocrate_parts import (
    TERMS,
    CrateFile,
    Entity,
    Record,
    action,
    homes_of,
    properties,
    references,
)

_FAILED = "http://schema.org/FailedActionStatus"


def job_runs(records: Record, files: Sequence[CrateFile]) -> Iterator[Entity]:
    """Return one action for each job: of one that failed, with what it said."""
    homes = homes_of(records, files)
    software = {each["job_id"]: _version_in(each["run_record"]) for each in records["results"]}
    for job in records["jobs"]:
        own, tool = f"#{job['id']}", _software("method", job["method"], job["method_version"])
        stated = {name: {"value": value} for name, value in sorted(job["params"].items())}
        read = [homes[each] for each in _inputs(job) if each in homes]
        yield {
            **action(own, f"run of {job['method']}", job["started_at"] or job["created_at"], job["finished_at"]),
            "agent": {"@id": f"#{job['created_by']}"},
            "instrument": {"@id": tool["@id"]},
            "object": references([*read, *(f"{own}-{name}" for name in stated)]),
            **(_failure(job) if job["state"] == "failed" else _success(job, software[job["id"]], homes)),
        }
        yield from properties(own, stated)
        yield tool


def _success(job: Record, version: str, homes: Mapping[str, str]) -> Entity:
    gave = references(homes[each] for each in (job["result_id"],) if each in homes)
    return {"description": f"Lithoscope {version} ran {job['method']}.", "result": gave}


def _failure(job: Record) -> Entity:
    told = job["problem"]
    said = f"{told['title']}: {told['detail']}"
    return {"description": f"Lithoscope ran {job['method']}, which failed.", "actionStatus": _FAILED, "error": said}


def _software(kind: str, name: str, version: str) -> Entity:
    """Write a method or recipe as the software it is, each version apart."""
    return {
        "@id": f"#{kind}-{name}-{version}",
        "@type": "SoftwareApplication",
        "name": name,
        "version": version,
        "url": f"{TERMS.rstrip('#')}/{kind}s/{name}",
    }


def _version_in(run_record: Record) -> str:
    return str((run_record.get("software") or {}).get("lithoscope", "of unknown version"))


def _inputs(job: Record) -> list[str]:
    given = [each if isinstance(each, list) else [each] for each in job["inputs"].values()]
    return sorted({str(reference).partition("/")[0] for references in given for reference in references})


def recipe_runs(records: Record, files: Sequence[CrateFile]) -> Iterator[Entity]:
    """Return one action for each run of a recipe, and the organising of its steps."""
    homes = homes_of(records, files)
    results = {job["id"]: job["result_id"] for job in records["jobs"]}
    for run in records["runs"]:
        own, tool = f"#{run['id']}", _software("recipe", run["recipe"], run["recipe_version"])
        stated = {name: {"value": value} for name, value in sorted(run["params"].items())}
        read = [homes[each] for each in _inputs(run) if each in homes]
        made = {step["name"]: results[step["job_id"]] for step in run["steps"]}
        given = [made.get(outcome["source"].partition(".")[0]) for outcome in run["outputs"]]
        agent = {"@id": f"#{run['created_by']}"}
        yield {
            **action(own, f"run of the recipe {run['recipe']}", run["created_at"], run["finished_at"]),
            "description": _preset(run),
            "agent": agent,
            "instrument": {"@id": tool["@id"]},
            "object": references([*read, *(f"{own}-{name}" for name in stated)]),
            "result": references(homes[each] for each in given if each in homes),
        }
        yield {
            **action(f"{own}-steps", f"steps of the recipe {run['recipe']}", run["created_at"], run["finished_at"]),
            "@type": "OrganizeAction",
            "agent": agent,
            "instrument": {"@id": "#lithoscope"},
            "object": references(f"#{step['job_id']}" for step in run["steps"]),
            "result": {"@id": own},
        }
        yield from properties(own, stated)
        yield tool


def _preset(run: Record) -> str:
    steps = f"{len(run['steps'])} step{'' if len(run['steps']) == 1 else 's'}"
    return f"{steps}, with the preset {run['preset']}." if run["preset"] else f"{steps}."
