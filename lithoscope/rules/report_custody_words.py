"""Each type of custody event as words for the methods paragraph."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

from lithoscope.rules.report import Piece, Record, Value
from lithoscope.rules.report_pieces import known_or, value_of

Words = list[Piece | str]
SAME = {"atmosphere": "atmosphere", "pressure_Pa": "pressure", "temperature_K": "temperature"}
SURROUNDINGS = (*SAME, "o2_ppm", "h2o_ppm")
INERT = frozenset({"argon", "nitrogen"})


def event_sentences(events: Sequence[Record], *, of: str) -> Iterator[Words]:
    """
    Yield what follows "it was", event by event; those that say nothing of how the sample was treated are left out.

    Surroundings that stay as they were told last are not told again.

    Parameters
    ----------
    events : sequence of Record
        In their order.
    of : str
        The sample: the split that made it is told as its own beginning.
    """
    told: tuple[Value, ...] = ()
    for record in events:
        here = tuple(record.fields.get(name) for name in SURROUNDINGS)
        is_silent = not any(record.states(name) for name in SURROUNDINGS)
        if not is_silent and here != told:
            told = ()
        if situated := _SITUATED.get(record.title):
            yield situated(record, _as_before(record) if here == told else _surroundings(record))
            told = () if is_silent else here
        elif record.title == "split" and of in str(record.fields.get("child_ids")):
            yield ["taken from its parent sample", *known_or(record, "process", " by ", "")]
        elif write := _WRITERS.get(record.title):
            yield write(record)


def _disassembly(record: Record, surroundings: Words) -> Words:
    parts = ["taken from its cell on ", value_of(record, "occurred_at"), *_place(record), *surroundings]
    if record.states("state_of_charge_percent"):
        parts += [" at a state of charge of ", value_of(record, "state_of_charge_percent")]
    return parts


def _storage(record: Record, surroundings: Words) -> Words:
    length = known_or(record, "duration", " for ", "; the end of the storage was not recorded")
    length += [", and lay there still"] if record.fields.get("is_open") is True else []
    return ["stored", *_place(record), *surroundings, *length]


def _transfer(record: Record, surroundings: Words) -> Words:
    parts: Words = ["transferred by ", value_of(record, "method")]
    parts += [" to ", value_of(record, "destination")] if record.states("destination") else []
    return [
        *parts,
        *surroundings,
        *known_or(record, "air_exposure_s", ", with a time in air of ", "; the time in air was not recorded"),
    ]


def _milling(record: Record) -> Words:
    parts: Words = ["milled with "]
    parts += [value_of(record, "ion_source"), "" if record.fields["ion_source"] == "fs_laser" else " ions"]
    parts += known_or(record, "ion_energy_kV", " at ", "")
    parts += known_or(record, "temperature_K", ", at a sample temperature of ", "; the temperature was not recorded")
    parts += [", under a cap of ", value_of(record, "cap_layer")] if record.states("cap_layer") else []
    steps = _steps(record)
    if not steps:
        return [*parts, "; the currents were not recorded"]
    return [*parts, "; steps: ", *steps, "" if record.states("ion_energies") else "; not every ion energy was recorded"]


def _steps(record: Record) -> Words:
    parts: Words = []
    for step in count(1):
        names = {
            name: f"steps.{step}.{name}" for name in ("purpose", "ion_current_nA", "ion_energy_kV", "thickness_nm")
        }
        if not any(name in record.fields for name in names.values()):
            return parts
        parts += [", " if parts else ""]
        parts += known_or(record, names["ion_current_nA"], "", "a current that was not recorded")
        parts += known_or(record, names["ion_energy_kV"], " at ", "")
        parts += [" (", value_of(record, names["purpose"]), ")"] if record.states(names["purpose"]) else []
        parts += known_or(record, names["thickness_nm"], " to a thickness of ", "")
    return parts


def _wash(record: Record) -> Words:
    length = known_or(record, "duration_s", " for ", " for a time that was not recorded")
    return ["washed with ", value_of(record, "solvent"), *length]


def _coating(record: Record) -> Words:
    thickness = known_or(record, "thickness_nm", ", thickness ", ", of a thickness that was not recorded")
    return ["coated with ", value_of(record, "material"), *thickness]


def _heating(record: Record) -> Words:
    return ["warmed", *_to_temperature(record)]


def _cooling(record: Record) -> Words:
    return ["cooled", *_to_temperature(record)]


def _to_temperature(record: Record) -> Words:
    parts: Words = known_or(record, "temperature_K", " to ", " to a temperature that was not recorded")
    if record.states("duration_s"):
        return [*parts, " over ", value_of(record, "duration_s")]
    return [*parts, *known_or(record, "duration", " over ", "")]


def _mounting(record: Record, surroundings: Words) -> Words:
    return ["mounted on ", value_of(record, "holder"), *_place(record), *surroundings]


def _renewal(record: Record) -> Words:
    return ["given a fresh surface by ", value_of(record, "renewal")]


def _grinding(record: Record) -> Words:
    return ["ground", *known_or(record, "duration_s", " for ", " for a time that was not recorded")]


def _sonication(record: Record) -> Words:
    length = known_or(record, "duration_s", " for ", " for a time that was not recorded")
    return ["dispersed by ultrasound in ", value_of(record, "solvent"), *length]


def _drop_cast(record: Record) -> Words:
    support = known_or(record, "support", " on ", " on a support that was not recorded")
    return ["drop-cast from ", value_of(record, "solvent"), *support]


def _titration(record: Record) -> Words:
    return ["consumed by titration", *known_or(record, "reagent", " with ", "")]


def _cycling(record: Record) -> Words:
    left = known_or(
        record, "capacity_retention_percent", ", with a capacity retention of ", "; the capacity left was not recorded"
    )
    return ["charged and discharged ", value_of(record, "cycles"), " times", *left]


def _split(record: Record) -> Words:
    return ["divided", *known_or(record, "process", " by ", "")]


def _place(record: Record) -> Words:
    return known_or(record, "place", " in ", "")


def _as_before(record: Record) -> Words:
    """Say that gas, pressure and temperature, as far as they are recorded, were those told last."""
    known = [said for name, said in SAME.items() if record.states(name)]
    if len(known) < 2:  # then telling it again is as short
        return _surroundings(record)
    return [" under the same ", *(f"{said}, " for said in known[:-2]), " and ".join(known[-2:])]


def _surroundings(record: Record) -> Words:
    """Write gas, its purity, pressure and temperature; a journey or a mounting leaves out what is not recorded."""
    quietly = record.title in {"transfer", "mounting"}
    parts: Words = known_or(
        record, "atmosphere", " under ", "" if quietly else " in an atmosphere that was not recorded"
    )
    purity = [name for name in ("o2_ppm", "h2o_ppm") if record.states(name)]
    gases = {"o2_ppm": "oxygen ", "h2o_ppm": "water "}
    for place, name in enumerate(purity):
        parts += [", " if place else " (", gases[name], value_of(record, name)]
    parts += [")"] if purity else []
    if not quietly and not purity and record.fields.get("atmosphere") in INERT:
        parts.append(" of a purity that was not recorded")
    parts += known_or(record, "pressure_Pa", " at a pressure of ", "")
    return [
        *parts,
        *known_or(record, "temperature_K", " at ", "" if quietly else " at a temperature that was not recorded"),
    ]


#: Events that tell their surroundings.
_SITUATED: dict[str, Callable[[Record, Words], Words]] = {
    "disassembly": _disassembly,
    "storage": _storage,
    "transfer": _transfer,
    "mounting": _mounting,
}
_WRITERS: dict[str, Callable[[Record], Words]] = {
    "fib_milling": _milling,
    "wash": _wash,
    "coating": _coating,
    "heating": _heating,
    "cooling": _cooling,
    "surface_renewal": _renewal,
    "grinding": _grinding,
    "sonication": _sonication,
    "drop_cast": _drop_cast,
    "titration": _titration,
    "electrochemical_cycling": _cycling,
    "split": _split,
}
