"""The page of an RO-Crate for people: what is in it, what was done and what was said, without any script."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from lithoscope.writers.record_titles import last_day, title_of
from lithoscope.writers.record_units import words_of
from lithoscope.writers.rocrate_parts import Record, address, moment

PREVIEW = "ro-crate-preview.html"
MOST_ROWS = 1000
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.25rem .75rem;text-align:left;"
    "border-bottom:1px solid #8886;vertical-align:top}"
)


def crate_preview(records: Record) -> bytes:
    """
    Write the page: the same bytes for the same content.

    Parameters
    ----------
    records : mapping
        What is told of, as `lithoscope-records.json` of the crate has it.
    """
    title = escape(title_of(records))
    codes = {sample["id"]: sample["code"] for sample in records["samples"]}
    people = {identifier: about["name"] for identifier, about in records["people"].items()}
    parts = [
        _table("Samples", ("Label", "Name", "Material"), _samples(records)),
        _table("What was done", ("When", "Sample", "What", "Who", "Where"), _events(records, codes, people)),
        _table("Beam", ("When", "Sample", "Mode", "Energy", "Dose of the exposure"), _beams(records, codes)),
        _files(records),
        _table(
            "Corrected calibration",
            ("When", "File", "What", "Before", "Since", "Why", "Who"),
            _corrected(records, people),
        ),
        _table("Results", ("When", "Sample", "Method", "Version"), _results(records, codes)),
        _table("Runs that failed", ("When", "Sample", "Method", "Version", "What it said"), _failed(records, codes)),
        _table(
            "Titrated storage series",
            ("When", "Material", "Electrolyte", "Law", "Shelf life"),
            _titrated(records),
        ),
        _table("Verdicts of protocols", ("When", "Sample", "Protocol", "Verdict"), _verdicts(records, codes)),
        _table("Notes", ("When", "Who", "Text"), _notes(records, people)),
    ]
    screen = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head = f'<meta charset="utf-8">{screen}<title>{title}</title><style>{_STYLE}</style>'
    about = f"Of project {escape(records['project']['title'])}; latest record {last_day(records)}. Times are UTC."
    page = f"<body><h1>{title}</h1><p>{about}</p>{''.join(parts)}</body>"
    return f'<!doctype html><html lang="en"><head>{head}</head>{page}</html>\n'.encode()


def _samples(records: Record) -> list[tuple[str, ...]]:
    return [(each["code"], each["name"], each["material"].replace("_", " ")) for each in records["samples"]]


def _notes(records: Record, people: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [(each["created_at"], people.get(each["created_by"], ""), each["text"]) for each in records["notes"]]


def _events(records: Record, codes: Mapping[str, str], people: Mapping[str, str]) -> list[tuple[str, ...]]:
    corrected = {event["supersedes_id"] for event in records["events"]}
    return [
        (
            event["happened_at"],
            codes[event["sample_id"]],
            event["type"].replace("_", " ") + (" (corrected later)" if event["id"] in corrected else ""),
            event["operator"] or people.get(event["recorded_by"], ""),
            event["place"] or "unknown",
        )
        for event in sorted(records["events"], key=lambda event: (event["happened_at"], event["id"]))
    ]


def _beams(records: Record, codes: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            beam["happened_at"],
            codes[beam["sample_id"]],
            beam["mode"].replace("_", " "),
            _quantity(beam["conditions"].get("beam_energy_kV")),
            _quantity(beam["dose"].get("recorded")),
        )
        for beam in sorted(records["exposures"], key=lambda beam: (beam["happened_at"], beam["id"]))
    ]


def _quantity(stated: Record | None) -> str:
    if stated is None or stated["value"] is None:
        return "unknown"
    spread = "" if stated.get("uncertainty") is None else f" ± {stated['uncertainty']:.2g}"
    return f"{stated['value']:g}{spread} {stated['unit']} ({stated['source']})"


def _results(records: Record, codes: Mapping[str, str]) -> list[tuple[str, ...]]:
    jobs = {job["id"]: job for job in records["jobs"]}
    found = [(result, jobs[result["job_id"]]) for result in records["results"]]
    return [
        (result["created_at"], codes.get(result["sample_id"] or "", ""), job["method"], job["method_version"])
        for result, job in found
    ]


def _failed(records: Record, codes: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            job["finished_at"] or job["created_at"],
            codes.get(job["sample_id"] or "", ""),
            job["method"],
            job["method_version"],
            job["problem"]["detail"],
        )
        for job in records["jobs"]
        if job["state"] == "failed"
    ]


def _corrected(records: Record, people: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            moment(change["changed_at"]),
            dataset["filename"],
            words_of(change["name"]),
            _quantity(change["previous"]),
            _quantity(change["value"]),
            change["reason"],
            people.get(change["changed_by"], ""),
        )
        for dataset in records["datasets"]
        for change in dataset["calibration_history"]
    ]


def _titrated(records: Record) -> list[tuple[str, ...]]:
    return [
        (
            moment(series["created_at"]),
            series["material"].replace("_", " "),
            series["electrolyte"] or "unknown",
            fit["model"].replace("_", " "),
            _quantity(fit["shelf_life"]),
        )
        for series in records["titrations"].values()
        for fit in series["record"]["fits"]
    ]


def _verdicts(records: Record, codes: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            verdict["evaluated_at"],
            codes[verdict["sample_id"]],
            f"{verdict['record']['protocol_title']}, version {verdict['protocol_number']}",
            verdict["verdict"].replace("_", " "),
        )
        for verdict in records["evaluations"]
    ]


def _files(records: Record) -> str:
    rows = [
        f"<tr><td>{_link(each)}</td>"
        f"<td>{each['size_bytes']} bytes</td><td>{escape(each['kind'] or 'unknown')}</td></tr>"
        for each in records["datasets"][:MOST_ROWS]
    ]
    return _whole("Files as received", ("File", "Size", "Kind"), rows, len(records["datasets"]))


def _link(dataset: Record) -> str:
    name = escape(dataset["filename"])
    if dataset["absent"]:
        return f"{name} (not in this crate: {dataset['absent']} when it was packed)"
    return f"<a href='{_place(dataset)}'>{name}</a>"


def _place(dataset: Record) -> str:
    return address(f"datasets/{dataset['id']}/{dataset['filename']}")


def _table(title: str, names: Sequence[str], rows: Sequence[Iterable[str]]) -> str:
    cells = ["".join(f"<td>{escape(_cell(each))}</td>" for each in row) for row in rows[:MOST_ROWS]]
    written = [f"<tr>{row}</tr>" for row in cells]
    return _whole(title, names, written, len(rows))


def _cell(text: str) -> str:
    """Shorten a moment to its second, which is what people read."""
    is_moment = text.endswith("+00:00") and text[10:11] == "T"
    return f"{text[:10]} {text[11:19]}" if is_moment else text


def _whole(title: str, names: Sequence[str], rows: Sequence[str], count: int) -> str:
    if not count:
        return ""
    head = "".join(f"<th scope='col'>{name}</th>" for name in names)
    more = (
        f"<p>The first {MOST_ROWS} of {count}: all stand in lithoscope-records.json.</p>" if count > MOST_ROWS else ""
    )
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}"
