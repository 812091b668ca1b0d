"""The methods paragraph: English from recorded fields only, every value tied to its record, what is unknown named."""

from collections.abc import Iterator, Sequence

from lithoscope.rules.report import Piece, Record, Report, Value
from lithoscope.rules.report_checklist import demands, techniques_of
from lithoscope.rules.report_custody_words import event_sentences
from lithoscope.rules.report_pieces import known_or, merged, sentence, value_of
from lithoscope.rules.report_words import plain, words
from lithoscope.units import Quantity

SEARCHING = {
    "search": "For searching,",
    "focus": "For focusing,",
    "parked": "With the beam parked,",
    "acquisition": "For acquisition,",
    "other": "For another purpose,",
}
BEAMS = {
    "stem_raster": "the electron beam was scanned (STEM)",
    "tem_field": "the sample was lit by a broad electron beam (TEM)",
    "xray": "the sample was lit by X-rays",
    "fib": "the ion beam was on the sample",
}


def methods_paragraph(report: Report) -> tuple[Piece, ...]:
    """
    Write what was done to the sample and how it was measured.

    Only pieces that are a record's value hold digits; what is not recorded is said in words.
    """
    told = [*_sample(report), *_custody(report), *_preamble(report), *_exposures(report), *_made(report)]
    pieces: list[Piece] = []
    for each in (*told, *_assumed(report, told)):
        if pieces:
            pieces.append(Piece(" "))
        pieces.extend(each)
    return merged(pieces)


def _sample(report: Report) -> Iterator[list[Piece]]:
    sample = report.sample
    names = "The sample ", value_of(sample, "name"), " (label ", value_of(sample, "code"), ") is of the material class "
    yield sentence(*names, value_of(sample, "material"), ".")
    asked = _asked(report)
    if sample.states("electrolyte"):
        yield sentence("The electrolyte was ", value_of(sample, "electrolyte"), ".")
    elif "cell_history" in asked:
        yield sentence("The electrolyte was not recorded.")
    if sample.states("cell_history"):
        yield sentence("History of the cell as recorded: ", value_of(sample, "cell_history"), ".")
    elif "cell_history" in asked:
        yield sentence("The history of the cell was not recorded.")
    if sample.states("prepared_at"):
        yield sentence("It was prepared on ", value_of(sample, "prepared_at"), ".")


def _custody(report: Report) -> Iterator[list[Piece]]:
    for place, found in enumerate(event_sentences(report.events, of=report.sample.id)):
        yield sentence("It was " if place == 0 else "It was then ", *found, ".")
    asked = _asked(report)
    if "storage" in asked and not any(record.title == "storage" for record in report.events):
        yield sentence("Its storage was not recorded.")
    if "transfer" in asked and not any(record.title == "transfer" for record in report.events):
        yield sentence("How it was transferred was not recorded.")
    if "air_exposure" in asked and report.sample.states("air_exposure"):
        yield sentence("The recorded time in air adds up to ", value_of(report.sample, "air_exposure"), ".")
    if "since_disassembly" in asked and report.sample.states("exposed_after"):
        start = report.sample.fields.get("counted_from")
        since = value_of(report.sample, "counted_from") if start else "the first record"
        yield sentence("It first met the beam ", value_of(report.sample, "exposed_after"), " after ", since, ".")
    elif "since_disassembly" in asked and not report.sample.states("prepared_at"):
        yield sentence("The time since disassembly was not recorded.")


def _preamble(report: Report) -> Iterator[list[Piece]]:
    if not report.exposures:
        yield sentence("No exposure to a beam was recorded, so its dose is not known.")


def _exposures(report: Report) -> Iterator[list[Piece]]:
    for group in _alike(report.exposures):
        yield sentence(*_conditions(group[0]), "; ", *_doses(group, is_complete=report.dose_is_complete), ".")
    for total in report.sums:
        yield from _sum(total, is_complete=report.dose_is_complete)
    if report.exposures and report.dose_is_complete:
        yield sentence("The doses are complete: all the time of the beam is covered by a log or a declaration.")
    elif report.exposures:
        yield sentence(
            "The doses are lower bounds: not all the time of the beam (search, focus, flyback, a parked beam) "
            "is covered by a log or a declaration."
        )


def _alike(exposures: Sequence[Record]) -> list[list[Record]]:
    """Put neighbouring exposures under the same conditions together."""
    groups: list[list[Record]] = []
    for record in exposures:
        if groups and _wording(groups[-1][0]) == _wording(record):
            groups[-1].append(record)
        else:
            groups.append([record])
    return groups


def _wording(record: Record) -> tuple[str, ...]:
    shared = ("mode", "purpose", "instrument", "beam_energy", "temperature_K", "rate", *DETAILS, *ION_DETAILS)
    return tuple(words(record.fields.get(name), name) for name in shared)


MOST_NAMED = 4
DETAILS = {
    "beam_current_nA": "beam current",
    "dwell_s": "dwell time",
    "step_nm": "step",
    "beam_diameter_nm": "beam diameter",
    "probe_diameter_nm": "probe diameter",
    "exposure_s": "frame time",
    "pixel_size_nm": "pixel size",
    "frames": "frames",
    "recorded_scans": "recorded frames",
    "region": "region",
    "field": "field",
}
ION_DETAILS = {"ion_source": "ion source", "ion_current_nA": "ion current"}


def _conditions(record: Record) -> list[Piece | str]:
    opening = SEARCHING.get(str(record.fields.get("purpose")), "For a purpose that was not recorded,")
    parts: list[Piece | str] = [f"{opening} {BEAMS.get(record.title, 'a beam was on the sample')} "]
    parts += ["on the instrument ", value_of(record, "instrument")] if record.states("instrument") else []
    parts += [] if record.states("instrument") else ["on an instrument that was not recorded"]
    parts += known_or(record, "beam_energy", " at ", " at a beam energy that was not recorded")
    parts += known_or(record, "temperature_K", " and ", " and a temperature that was not recorded")
    details = [name for name in (*DETAILS, *ION_DETAILS) if record.states(name)]
    for place, name in enumerate(details):
        label = DETAILS.get(name) or ION_DETAILS[name]
        parts += [", " if place else " (", f"{label} ", value_of(record, name)]
    return [*parts, ")"] if details else parts


def _doses(group: Sequence[Record], *, is_complete: bool) -> list[Piece | str]:
    first = group[0]
    parts: list[Piece | str] = []
    if first.title != "xray" or first.states("rate"):
        parts += known_or(first, "rate", "the dose rate was ", "the dose rate was not recorded")
        parts.append(" and ")
    known = [record for record in group if record.states("fluence")]
    if not known:
        return [*parts, "the dose was not recorded"]
    parts += _listed(known, bound="" if is_complete else "at least ")
    if len(known) < len(group):
        parts.append("; that of further exposures under these conditions was not recorded")
    return parts


def _listed(known: Sequence[Record], *, bound: str) -> list[Piece | str]:
    """Name each dose, or of many their smallest and largest."""
    if len(known) <= MOST_NAMED:
        named: list[Piece | str] = [f"the dose was {bound}"]
        for place, record in enumerate(known):
            named += [_between(place, len(known)), value_of(record, "fluence")]
        return named
    ordered = sorted(known, key=_fluence)
    low, high = value_of(ordered[0], "fluence"), value_of(ordered[-1], "fluence")
    if low.text == high.text:
        return [f"the dose of each of many such exposures was {bound}", low]
    return [f"the doses of many such exposures were {bound}", low, " for the smallest and ", high, " for the largest"]


def _fluence(record: Record) -> float:
    value = record.fields["fluence"]
    return value.value or 0.0 if isinstance(value, Quantity) else 0.0


def _between(place: int, count: int) -> str:
    if place == 0:
        return ""
    return " and " if place == count - 1 else ", "


def _sum(total: Record, *, is_complete: bool) -> Iterator[list[Piece]]:
    kind = total.title
    of = [" of ", value_of(total, "ion_source"), " ions"] if total.states("ion_source") else [f" of {kind}"]
    energy = [*of, *known_or(total, "beam_energy", " at ", " at a beam energy that was not recorded")]
    if total.states("total"):
        bound = "" if is_complete else "at least "
        yield sentence("The sum of the recorded doses", *energy, f" is {bound}", value_of(total, "total"), ".")
    elif total.states("known_part"):
        known = value_of(total, "known_part")
        yield sentence("The sum of the doses", *energy, " is not known; the part that is known is ", known, ".")
    else:
        yield sentence("The sum of the doses", *energy, " is not known.")


def _made(report: Report) -> Iterator[list[Piece]]:
    for record in report.others:
        if record.kind == "dataset" and record.states("pixel_size_nm"):
            name, size = value_of(record, "filename"), value_of(record, "pixel_size_nm")
            yield sentence("The pixel size of ", name, " is ", size, ".")
        if record.kind == "result":
            software = known_or(record, "software", ", with Lithoscope ", "")
            method, version = value_of(record, "analysis"), value_of(record, "analysis_version")
            yield sentence("The result was computed by the method ", method, ", version ", version, *software, ".")


def _assumed(report: Report, told: Sequence[Sequence[Piece]]) -> Iterator[list[Piece]]:
    """Say in which records stand numbers, written above, that were assumed."""
    said = {(piece.record_id, piece.field) for each in told for piece in each}
    titles = [
        plain(record.title) + (" exposure" if record.kind == "exposure" else "")
        for record in (*report.events, *report.exposures, *report.others)
        if any((record.id, name) in said and _is_assumed(value) for name, value in record.fields.items())
    ]
    if titles:
        yield sentence("Assumed and not measured were values of these records: ", ", ".join(dict.fromkeys(titles)), ".")


def _is_assumed(value: Value) -> bool:
    return isinstance(value, Quantity) and value.source == "assumed"


def _asked(report: Report) -> frozenset[str]:
    material, techniques = str(report.sample.fields.get("material")), techniques_of(report)
    return frozenset(each.id for each in demands() if each.is_asked_of(material, techniques))
