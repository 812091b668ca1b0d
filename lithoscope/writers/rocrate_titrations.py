"""Titrated storage series in an RO-Crate: what the bottles said of the loss of lithium, time by time and law by law."""

from collections.abc import Iterator

from lithoscope.writers.rocrate_parts import Entity, Record, action, properties, references

_STORAGE = ("electrolyte", "o2_ppm", "h2o_ppm", "area_cm2")
_OF_LAW = ("shelf_life", "rate", "fresh_lithium")


def titrations(records: Record) -> Iterator[Entity]:
    """Return one action for each series: its objects the samples titrated, its results losses and shelf lives."""
    held = {sample["id"] for sample in records["samples"]}
    for identifier, series in records["titrations"].items():
        own, record = f"#{identifier}", series["record"]
        samples = {bottle["sample_id"] for bottle in record["bottles"]} & held
        storage = {name: record.get(name) for name in _STORAGE} | {"electrolyte": series["electrolyte"]}
        stated = {name: {"value": value} for name, value in storage.items() if value is not None}
        found = dict(_found(record))
        older = series["supersedes_id"]
        yield {
            **action(own, "titration of a storage series", series["created_at"], series["created_at"]),
            "description": _words(series),
            "agent": {"@id": f"#{series['created_by']}"},
            "instrument": {"@id": "#lithoscope"},
            "object": references([*(f"#{each}" for each in samples), *(f"{own}-{name}" for name in stated)]),
            "result": references(f"{own}-{name}" for name in found),
            **({"supersedes": {"@id": f"#{older}"}} if older in records["titrations"] else {}),
        }
        yield from properties(own, {**stated, **found})


def _words(series: Record) -> str:
    about = f"{len(series['record']['bottles'])} bottles of {series['material'].replace('_', ' ')}."
    return f"{about} {series['record']['note']}" if series["record"].get("note") else about


def _found(record: Record) -> Iterator[tuple[str, Record]]:
    for place, time in enumerate(record["times"], 1):
        yield f"storage{place}_h", {"value": time["storage_h"]}
        yield f"loss{place}", time["loss"]
        yield f"lithium{place}", time["lithium"]
    for fit in record["fits"]:
        yield from ((f"{name}_{fit['model']}", fit[name]) for name in _OF_LAW)
