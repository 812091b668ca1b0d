"""The table of bad inputs to the API: rows 23 to 42, each request with its status and problem type."""

from collections.abc import Callable
from dataclasses import dataclass, field

MARK = "d0-not-repeat-me"  # stands in every input that could be repeated


@dataclass(frozen=True)
class Bad:
    """One bad request and its answer."""

    row: int
    what: str
    status: int
    type: str
    method: str = "POST"
    path: str = "/api/v1/samples"
    content: bytes | Callable[[dict[str, str]], bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    as_who: str = "analyst"


def body(name: str = '"x"', more: str = "") -> Callable[[dict[str, str]], bytes]:
    """Return a sample's body with raw text for its name and more fields."""
    return lambda ids: f'{{"project_id": "{ids["project"]}", "material": "nmc", "name": {name}{more}}}'.encode()


def heartbeat(text: str) -> bytes:
    """Return a heartbeat's body."""
    return f'{{"sent_at": {text}}}'.encode()


BEAT = {"path": "/api/v1/heartbeats", "as_who": "device"}
PROJECT = {"path": "/api/v1/projects", "as_who": "admin"}


def exposure(more: str) -> bytes:
    """Return an exposure's body with more fields in raw text."""
    return f'{{"mode": "stem_raster", "occurred_at": "2026-05-04T10:00:00Z", {more}}}'.encode()


def quantity(value: str, more: str = "") -> str:
    """Return a measured quantity in raw text."""
    return f'{{"value": {value}, "source": "measured"{more}}}'


EXPOSURES = {"path": "/api/v1/samples/{sample}/exposures"}
TEM = b'{"mode": "tem_field", "occurred_at": "2026-05-04T10:00:00Z", "dose_rate_e_per_A2_s": {"value": 3, "source": "user"}}'
EVENTS = {"path": "/api/v1/samples/{sample}/events"}
REGIONS = {"path": "/api/v1/samples/{sample}/regions"}
BEAM = {"path": "/api/v1/samples/{sample}/beam-records"}


def beam(more: str, to_at: str = "2026-05-04T11:00:00Z") -> bytes:
    """Return a record of the beam with more fields in raw text."""
    return f'{{"kind": "blanker_log", "from_at": "2026-05-04T10:00:00Z", "to_at": "{to_at}", {more}}}'.encode()


PROTOCOLS = {"path": "/api/v1/protocols", "as_who": "admin"}
EVALUATIONS = {"path": "/api/v1/evaluations"}


def protocol(condition: str) -> bytes:
    """Return a protocol whose only rule has a condition in raw text."""
    case = f'{{"when": {condition}, "verdict": "pass"}}'
    subject = '"subject": {"of": "events"}, "otherwise": {"verdict": "fail"}'
    rule = f'{{"id": "one", "title": "x", "asks": "x", "citation": "x", {subject}, "cases": [{case}]}}'
    scope = '"techniques": ["tem"], "materials": ["nmc"], "purposes": ["bulk"], "default_purpose": "bulk"'
    return f'{{"document": {{"id": "ours", "title": "x", "citation": "x", {scope}, "rules": [{rule}]}}}}'.encode()


def judged(more: str, sample: str = "sample") -> Callable[[dict[str, str]], bytes]:
    """Return what asks for a verdict, with more fields in raw text."""
    named = '"protocol_id": "sei_imaging"'
    return lambda ids: f'{{"target_id": "{ids[sample]}", {named}, {more}}}'.encode()


LIMITS = {"path": "/api/v1/dose-limits", "as_who": "admin"}
PLANS = {"path": "/api/v1/dose-plans"}
LOOK_UP = "/api/v1/dose-limit-lookup?phase=LiF&temperature_K="


def limit(dose: str, criterion: str = "onset_of_visible_damage") -> bytes:
    """Return a critical dose with its numbers in raw text."""
    place = '"phase": "LiF", "beam_energy_kV": 200, "temperature_K": [290, 300], "mode": "tem_field", "source": "x"'
    return f'{{{place}, "criterion": "{criterion}", "dose": {{{dose}}}}}'.encode()


def plan(more: str) -> bytes:
    """Return a planned exposure with more fields in raw text."""
    return f'{{"phase": "LiF", "temperature_K": 293, "beam_energy_kV": 200, "dwell_s": 1, {more}}}'.encode()


JOBS, EVENTS = {"path": "/api/v1/jobs"}, {"path": "/api/v1/samples/{sample}/events"}
NOWHERE = f"ds_{'0' * 32}"


def compared(profiles: str) -> bytes:
    """Return a request to compare particles in raw text."""
    return f'{{"method": "particle_comparison", "inputs": {{"profiles": {profiles}}}}}'.encode()


def cycled(fields: str) -> bytes:
    """Return an event of cycling in raw text."""
    return f'{{"type": "electrochemical_cycling", "occurred_at": "2026-05-04T10:00:00Z", {fields}}}'.encode()


RUNS = {"path": "/api/v1/recipe-runs"}


def run(more: str, recipe: str = "tilt_series_to_particle", reference: str = f"ds_{'0' * 32}") -> bytes:
    """Return a request to run a recipe with more fields in raw text."""
    return f'{{"recipe": "{recipe}", "inputs": {{"projections": "{reference}"}}, {more}}}'.encode()


GAS = {"path": "/api/v1/gas-calibrations", "as_who": "admin"}
SERIES = {"path": "/api/v1/titration-series"}
WEBHOOKS = {"path": "/api/v1/webhooks", "as_who": "admin"}


def gas(points: str, standard: str = "lithium_mg") -> bytes:
    """Return a gas calibration with its points in raw text."""
    when = '"instrument_id": "ins_0", "measured_at": "2026-05-04T10:00:00Z"'
    return f'{{{when}, "standard": "{standard}", "points": [{points}]}}'.encode()


def series(bottles: str) -> Callable[[dict[str, str]], bytes]:
    """Return a titration series with its bottles in raw text."""
    named = '"material": "lithium_metal_foil", "gas_calibration_id": "gcl_0"'
    return lambda ids: f'{{"project_id": "{ids["project"]}", {named}, "bottles": [{bottles}]}}'.encode()


TAGS, NOTES = {"path": "/api/v1/annotations/{sample}/tags"}, {"path": "/api/v1/annotations/{sample}/notes"}
REVIEWS = {"path": "/api/v1/review-links"}


def shared(more: str, sample: str = "sample") -> Callable[[dict[str, str]], bytes]:
    """Return a reviewer's link with more fields in raw text."""
    return lambda ids: f'{{"target_id": "{ids[sample]}", "purpose": "x", {more}}}'.encode()


GROWING = {"path": "/api/v1/series"}


def growing(more: str, sample: str = "sample") -> Callable[[dict[str, str]], bytes]:
    """Return the body of a series that grows, with more fields in raw text."""
    kind = "" if '"kind"' in more else '"kind": "slices", '
    named = '"project_id": "{project}", "sample_id": "{sample}", "name": "x", {kind}{more}'
    return lambda ids: (
        "{" + named.format(project=ids["project"], sample=ids[sample], kind=kind, more=more) + "}"
    ).encode()


AUTOMATIC = {"path": "/api/v1/processing-rules"}


def ruled(more: str) -> Callable[[dict[str, str]], bytes]:
    """Return a rule of automatic processing with more fields in raw text."""
    return lambda ids: f'{{"project_id": "{ids["project"]}", "name": "x", {more}}}'.encode()


NOTHING = f"res_{'0' * 32}"
HUGE = b'{"name": "' + b"x" * 30_000_000 + b'"}'
TABLE = [
    Bad(23, "NaN", 422, "not-finite", content=body("NaN")),
    Bad(23, "Infinity", 422, "not-finite", content=body("-Infinity")),
    Bad(23, "1e400", 422, "not-finite", content=body("1e400")),
    Bad(24, "a negative quota", 422, "out-of-range", content=b'{"code": "AB", "title": "x", "quota_bytes": -1}', **PROJECT),
    Bad(24, "a number as text", 422, "invalid-input", content=b'{"code": "AB", "title": "x", "quota_bytes": "5"}', **PROJECT),
    Bad(24, "true as a number", 422, "invalid-input", content=b'{"code": "AB", "title": "x", "quota_bytes": true}', **PROJECT),
    Bad(23, "NaN as a current", 422, "not-finite", content=exposure(f'"beam_current_nA": {quantity("NaN")}'), **EXPOSURES),
    Bad(24, "a negative current", 422, "out-of-range", content=exposure(f'"beam_current_nA": {quantity("-0.3")}'), **EXPOSURES),
    Bad(24, "a step of zero", 422, "out-of-range", content=exposure(f'"step_nm": {quantity("0")}'), **EXPOSURES),
    Bad(24, "no frames", 422, "out-of-range", content=exposure('"frames": 0'), **EXPOSURES),
    Bad(25, "a dose rate without unit", 422, "unit-missing", content=TEM, **EXPOSURES),
    Bad(25, "a step in metres", 422, "unit-mismatch", content=exposure('"step_nm": ' + quantity("1", ', "unit": "m"')), **EXPOSURES),
    Bad(32, "an end before the start", 422, "time-order", content=exposure('"ended_at": "2026-05-04T09:00:00Z"'), **EXPOSURES),
    Bad(24, "no scan at all of a dataset", 422, "out-of-range", content=b'{"recorded_scans": 0}', path="/api/v1/datasets/{sample}/exposure"),
    Bad(24, "a negative uncertainty", 422, "out-of-range", content=exposure('"dwell_s": ' + quantity("1", ', "uncertainty": -1')), **EXPOSURES),
    Bad(24, "a field that crosses itself", 422, "invalid-input", content=exposure('"field_um": [[0, 0], [1, 1], [1, 0], [0, 1]]'), **EXPOSURES),
    Bad(24, "a region on a line", 422, "invalid-input", content=b'{"name": "x", "polygon_um": [[0, 0], [1, 1], [2, 2]]}', **REGIONS),
    Bad(23, "NaN as a corner", 422, "not-finite", content=b'{"name": "x", "polygon_um": [[0, NaN], [1, 1], [2, 2]]}', **REGIONS),
    Bad(32, "a running exposure that ended", 422, "invalid-input", content=exposure('"is_running": true, "ended_at": "2026-05-04T11:00:00Z"'), **EXPOSURES),
    Bad(32, "a beam before the sample was made", 422, "before-sample", content=exposure('"frames": 1'), path="/api/v1/samples/{later}/exposures"),
    Bad(32, "a beam log from before the sample was made", 422, "before-sample", content=beam('"intervals": []'), path="/api/v1/samples/{later}/beam-records"),
    Bad(32, "a beam log that ends before it begins", 422, "time-order", content=beam('"intervals": []', "2026-05-04T09:00:00Z"), **BEAM),
    Bad(32, "beam outside its own log", 422, "time-order", content=beam('"intervals": [{"from_at": "2026-05-04T09:00:00Z", "to_at": "2026-05-04T10:30:00Z"}]'), **BEAM),
    Bad(32, "a beam log of the future", 422, "time-order", content=beam('"intervals": []', "2199-05-04T11:00:00Z"), **BEAM),
    Bad(32, "a declaration that covers nothing", 422, "invalid-input", content=b'{"kind": "operator", "from_at": "2026-05-04T10:00:00Z", "to_at": "2026-05-04T11:00:00Z", "intervals": []}', **BEAM),
    Bad(32, "an event before its end", 422, "time-order", content=b'{"type": "storage", "occurred_at": "2026-05-04T10:00:00Z", "ended_at": "2026-05-04T09:00:00Z"}', **EVENTS),
    Bad(32, "an event of a clock a year off", 422, "clock-off", content=b'{"type": "note", "note": "x", "occurred_at": "2199-05-04T10:00:00Z"}', **EVENTS),
    Bad(32, "more air than transfer", 422, "invalid-input", content=b'{"type": "transfer", "method": "glovebag", "air_exposure_s": 90.0, "occurred_at": "2026-05-04T10:00:00Z", "ended_at": "2026-05-04T10:01:00Z"}', **EVENTS),
    Bad(24, "deadlines in no known state", 422, "invalid-input", method="GET", path="/api/v1/deadlines?state=fine"),
    Bad(24, "a publication of nothing", 422, "missing-field", content=b"{}", path="/api/v1/publications"),
    Bad(24, "a negative peak area", 422, "out-of-range", content=gas('{"amount": 1, "area": -2}'), **GAS),
    Bad(24, "a negative storage", 422, "out-of-range", content=series('{"storage_h": -1, "areas": [1]}'), **SERIES),
    Bad(0, "a calibration through two points", 422, "invalid-input", content=gas('{"amount": 1, "area": 2}, {"amount": 2, "area": 4}'), **GAS),
    Bad(0, "a standard that is none", 422, "invalid-input", content=gas('{"amount": 1, "area": 2}', MARK), **GAS),
    Bad(0, "a calibration of no instrument", 404, "not-found", content=gas(", ".join(['{"amount": 1, "area": 2}'] * 3)), **GAS),
    Bad(0, "a bottle without areas", 422, "invalid-input", content=series('{"storage_h": 1, "areas": []}'), **SERIES),
    Bad(0, "a series read by no calibration", 422, "invalid-input", content=series(", ".join(['{"storage_h": 1, "areas": [1]}'] * 3)), **SERIES),
    Bad(0, "a webhook to the machine's own keys", 422, "bad-webhook-address", content=b'{"url": "https://169.254.169.254/latest"}', **WEBHOOKS),
    Bad(0, "a webhook in the clear", 422, "bad-webhook-address", content=f'{{"url": "http://10.0.0.9/{MARK}"}}'.encode(), **WEBHOOKS),
    Bad(0, "a webhook with a password", 422, "bad-webhook-address", content=f'{{"url": "https://a:{MARK}@10.0.0.9/"}}'.encode(), **WEBHOOKS),
    Bad(0, "a topic that is none", 422, "invalid-input", content=f'{{"url": "https://10.0.0.9/", "topics": ["{MARK}"]}}'.encode(), **WEBHOOKS),
    Bad(0, "datasets of no technique", 422, "invalid-input", "GET", f"/api/v1/datasets?technique={MARK}"),
    Bad(0, "datasets of an endless tag", 422, "invalid-input", "GET", f"/api/v1/datasets?tag={MARK * 3}"),
    Bad(0, "datasets in no known state", 422, "invalid-input", "GET", f"/api/v1/datasets?state={MARK}"),
    Bad(0, "alarms of no topic", 422, "invalid-input", "GET", f"/api/v1/alarms?topic={MARK}"),
    Bad(0, "a strategy for no question", 422, "invalid-input", "GET", f"/api/v1/strategies?question={MARK}"),
    Bad(27, "a right-to-left override", 422, "invalid-input", content=body(r'"a\u202eb"')),
    Bad(27, "a zero-width space", 422, "invalid-input", content=body(r'"a\u200bb"')),
    Bad(27, "a control character", 422, "invalid-input", content=body(r'"a\u0007b"')),
    Bad(28, "half a surrogate pair", 422, "malformed-text", content=body(r'"a\ud800b"')),
    Bad(28, "a NUL", 422, "malformed-text", content=body(r'"a\u0000b"')),
    Bad(28, "a body that is not UTF-8", 422, "malformed-text", content=b'{"name": "\xff\xfe"}'),
    Bad(29, "a name of 300 bytes", 422, "invalid-input", content=body('"' + "é" * 150 + '"')),
    Bad(29, "an empty name", 422, "invalid-input", content=body('"  "')),
    Bad(31, "an instant without zone", 422, "zone-missing", content=heartbeat('"2026-05-04T10:00:00"'), **BEAT),
    Bad(31, "an instant as a number", 422, "invalid-input", content=heartbeat("1700000000"), **BEAT),
    Bad(31, "an instant that is none", 422, "invalid-input", content=heartbeat(f'"{MARK}"'), **BEAT),
    Bad(36, "30 MB of JSON", 413, "too-large", content=HUGE),
    Bad(36, "100,000 levels", 400, "malformed-json", content=b"[" * 100_000 + b"]" * 100_000),
    Bad(36, "an integer of 5,000 digits", 400, "malformed-json", content=body("1" + "0" * 5000)),
    Bad(36, "a field twice", 400, "malformed-json", content=body('"a"', ', "name": "b"')),
    Bad(36, "an unknown field", 422, "unknown-field", content=body('"a"', f', "nmae": "{MARK}"')),
    Bad(36, "text that is not JSON", 400, "malformed-json", content=f"{MARK} = 1".encode()),
    Bad(36, "two documents", 400, "malformed-json", content=b"{} {}"),
    Bad(36, "an array for an object", 422, "invalid-input", content=f'["{MARK}"]'.encode()),
    Bad(36, "a kind that is none", 422, "invalid-input", content=lambda ids: body()(ids).replace(b"nmc", MARK.encode())),
    Bad(36, "no body", 422, "missing-field"),
    Bad(36, "a form", 415, "unsupported-media-type", content=b"name=x", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Bad(36, "JSON under another name", 415, "unsupported-media-type", content=b"{}", headers={"Content-Type": "text/plain"}),
    Bad(36, "JSON in gzip", 415, "unsupported-media-type", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
    Bad(37, "id 2^63", 404, "not-found", "GET", f"/api/v1/samples/{2**63}"),
    Bad(37, "id -1", 404, "not-found", "GET", "/api/v1/samples/-1"),
    Bad(37, "id of 5,000 digits", 404, "not-found", "GET", "/api/v1/samples/" + "9" * 5000),
    Bad(37, "a NUL in an id", 404, "not-found", "GET", "/api/v1/samples/smp_%00"),
    Bad(37, "half a surrogate in an id", 404, "not-found", "GET", "/api/v1/samples/smp_%ED%A0%80"),
    Bad(38, "a page of 10^9", 422, "out-of-range", "GET", "/api/v1/samples?limit=1000000000"),
    Bad(38, "a page of none", 422, "out-of-range", "GET", "/api/v1/samples?limit=0"),
    Bad(38, "an offset", 422, "unknown-parameter", "GET", "/api/v1/samples?offset=1000000000000"),
    Bad(38, "a sort", 422, "unknown-parameter", "GET", f"/api/v1/samples?sort={MARK}"),
    Bad(38, "a cursor of one's own make", 422, "invalid-input", "GET", f"/api/v1/samples?cursor={MARK}"),
    Bad(38, "a cursor that is no base64", 422, "invalid-input", "GET", "/api/v1/samples?cursor=%C3%A9%C3%A9"),
    Bad(38, "a NUL in the query", 422, "malformed-text", "GET", "/api/v1/samples?q=a%00b"),
    Bad(39, "no credential", 401, "unauthenticated", "GET", "/api/v1/me", as_who="nobody"),
    Bad(39, "a malformed key", 401, "unauthenticated", "GET", "/api/v1/me", headers={"Authorization": f"Bearer lsk_{MARK}"}, as_who="nobody"),
    Bad(39, "alg=none", 401, "unauthenticated", "GET", "/api/v1/me", headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9."}, as_who="nobody"),
    Bad(39, "basic", 401, "unauthenticated", "GET", "/api/v1/me", headers={"Authorization": "Basic YTpi"}, as_who="nobody"),
    Bad(39, "a key that is not text", 401, "unauthenticated", "GET", "/api/v1/me", headers={"Authorization": "Bearer \xff\xfe"}, as_who="nobody"),
    Bad(40, "a wrong secret", 401, "unauthenticated", "GET", "/api/v1/me", headers={"Authorization": f"Bearer lsk_{'0' * 32}_{'0' * 64}"}, as_who="nobody"),
    Bad(41, "an owner", 422, "unknown-field", content=body('"a"', ', "created_by": "usr_1"')),
    Bad(41, "a facility role of one's own", 403, "forbidden", "PATCH", "/api/v1/users/{me}", content=b'{"facility_role": "admin"}', headers={"If-Match": '"1"'}),
    Bad(41, "a role of one's own", 403, "forbidden", "PUT", "/api/v1/projects/{project}/members/{me}", content=b'{"role": "steward"}'),
    Bad(41, "a version", 422, "unknown-field", "PATCH", "/api/v1/samples/{sample}", content=b'{"version": 9}', headers={"If-Match": '"1"'}),
    Bad(41, "an empty list of inputs", 422, "invalid-input", content=compared("[]"), **JOBS),
    Bad(41, "one thing where many are taken", 422, "invalid-input", content=compared(f'"{NOWHERE}"'), **JOBS),
    Bad(41, "a name that is none within a list", 422, "invalid-input", content=compared(f'["{MARK}"]'), **JOBS),
    Bad(41, "a thing of a list that is not there", 422, "invalid-input", content=compared(f'["{NOWHERE}"]'), **JOBS),
    Bad(41, "cycles below zero", 422, "out-of-range", content=cycled('"cycles": -1'), **EVENTS),
    Bad(41, "half a cycle", 422, "invalid-input", content=cycled('"cycles": 1.5'), **EVENTS),
    Bad(
        41,
        "cycling data that are not there",
        422,
        "invalid-input",
        content=cycled(f'"cycles": 1, "dataset_id": "{NOWHERE}"'),
        **EVENTS,
    ),
    Bad(41, "an estimate of no method", 422, "invalid-input", content=f'{{"method": "{MARK}"}}'.encode(), path="/api/v1/job-estimates"),
    Bad(41, "an estimate of what is not there", 422, "invalid-input", content=compared(f'["{NOWHERE}"]'), path="/api/v1/job-estimates"),
    Bad(41, "a comparison of one", 422, "invalid-input", "GET", f"/api/v1/comparisons?of={MARK}"),
    Bad(41, "a comparison of nothing", 404, "not-found", "GET", f"/api/v1/comparisons?of=res_{'0' * 32}&of={MARK}"),
    Bad(41, "offers for no method", 404, "not-found", "GET", f"/api/v1/input-offers?of={MARK}&input=x"),
    Bad(41, "offers for no input", 404, "not-found", "GET", f"/api/v1/input-offers?of=tomogram_sirt&input={MARK}"),
    Bad(41, "a thousand offers", 422, "out-of-range", "GET", "/api/v1/input-offers?of=tomogram_sirt&input=projections&limit=1000"),
    Bad(41, "a recipe that does not exist", 422, "invalid-input", content=run('"params": {}', recipe=MARK), **RUNS),
    Bad(41, "iterations of a recipe below one", 422, "out-of-range", content=run('"params": {"iterations": 0}'), **RUNS),
    Bad(41, "a recipe's parameter that it has not", 422, "unknown-field", content=run('"params": {"rounds": 1}'), **RUNS),
    Bad(41, "a preset that it has not", 422, "invalid-input", content=run(f'"preset": "{MARK}"'), **RUNS),
    Bad(41, "an input of a recipe that is none", 422, "invalid-input", content=run('"params": {}', reference=MARK), **RUNS),
    Bad(41, "an input of a recipe that is not there", 422, "invalid-input", content=run('"params": {}'), **RUNS),
    Bad(41, "a rule that runs nothing", 422, "invalid-input", content=ruled('"action": {}'), **AUTOMATIC),
    Bad(41, "a rule that runs no method there is", 422, "invalid-input", content=ruled('"action": {"method": "alchemy"}'), **AUTOMATIC),
    Bad(41, "a rule with a parameter out of bounds", 422, "invalid-input", content=ruled('"action": {"method": "tomogram_sirt", "params": {"iterations": 0}}'), **AUTOMATIC),
    Bad(41, "a rule on a range that is none", 422, "invalid-input", content=ruled('"trigger": {"ranges": [{"quantity": "tilts"}]}, "action": {"method": "tomogram_sirt"}'), **AUTOMATIC),
    Bad(41, "a rule without an end to its starts", 422, "out-of-range", content=ruled('"limits": {"per_hour": 0}, "action": {"method": "tomogram_sirt"}'), **AUTOMATIC),
    Bad(41, "a rule of no project", 404, "not-found", content=b'{"project_id": "prj_0", "name": "x", "action": {"method": "tomogram_sirt"}}', **AUTOMATIC),
    Bad(41, "rules held against a thousand datasets", 422, "out-of-range", "GET", f"/api/v1/processing-rules/apr_{'0' * 32}/dry-run?over=1000"),
    Bad(41, "a series that never refreshes", 422, "out-of-range", content=growing('"every": 0'), **GROWING),
    Bad(41, "a series of nothing that can be stacked", 422, "invalid-input", content=growing(f'"kind": "{MARK}"'), **GROWING),
    Bad(41, "a series that runs nothing", 422, "invalid-input", content=growing('"action": {}'), **GROWING),
    Bad(41, "a series that runs no method there is", 422, "invalid-input", content=growing('"action": {"method": "alchemy"}'), **GROWING),
    Bad(41, "a series with a parameter out of bounds", 422, "invalid-input", content=growing('"action": {"method": "tomogram_sirt", "parameters": {"iterations": 0}}'), **GROWING),
    Bad(41, "a series of another project's sample", 422, "invalid-input", content=growing('"every": 1', "foreign"), **GROWING),
    Bad(41, "a series by no rule there is", 422, "invalid-input", content=growing(f'"rule_id": "apr_{"0" * 32}"'), **GROWING),
    Bad(41, "a series by a rule that is no text", 422, "invalid-input", content=growing('"rule_id": 7'), **GROWING),
    Bad(41, "a series by an action and a rule", 422, "invalid-input", content=growing('"action": {"method": "tomogram_sirt"}, "rule_id": "apr_0"'), **GROWING),
    Bad(41, "a part of no series", 404, "not-found", path=f"/api/v1/series/ser_{'0' * 32}/parts", content=b'{"dataset_id": "ds_0", "number": 1}'),
    Bad(41, "a part before the first", 422, "out-of-range", path=f"/api/v1/series/ser_{'0' * 32}/parts", content=b'{"dataset_id": "ds_0", "number": 0}'),
    Bad(41, "a tilt without end", 422, "out-of-range", path=f"/api/v1/series/ser_{'0' * 32}/parts", content=b'{"dataset_id": "ds_0", "number": 1, "tilt_deg": 720.0}'),
    Bad(41, "a series closed with no part", 422, "out-of-range", path=f"/api/v1/series/ser_{'0' * 32}/closing", content=b'{"parts": 0}'),
    Bad(41, "series in no state", 422, "invalid-input", "GET", f"/api/v1/series?state={MARK}"),
    Bad(42, "another project's sample", 404, "not-found", "GET", "/api/v1/samples/{foreign}"),
    Bad(42, "another project's list", 404, "not-found", "GET", "/api/v1/samples?project_id={foreign_project}"),
    Bad(0, "no protocol", 422, "invalid-protocol", content=b'{"document": {"id": "ours"}}', **PROTOCOLS),
    Bad(0, "a fact nobody records", 422, "invalid-protocol", content=protocol(f'{{"fact": "{MARK}", "is": "x"}}'), **PROTOCOLS),
    Bad(0, "a limit longer than any number", 422, "invalid-protocol", content=protocol('{"fact": "o2_ppm", "below": 1' + "0" * 390 + "}"), **PROTOCOLS),
    Bad(0, "a document nested without end", 422, "invalid-input", content=b'{"document": {"a": ' + b"[" * 30 + b"]" * 30 + b"}}", **PROTOCOLS),
    Bad(0, "a text with direction marks", 422, "invalid-input", content=b'{"document": {"id": "a\\u202eb"}}', **PROTOCOLS),
    Bad(0, "a protocol that comes with the service", 409, "shipped-protocol", "DELETE", "/api/v1/protocols/sei_imaging", as_who="admin"),
    Bad(0, "a protocol's version as text", 422, "invalid-input", "GET", "/api/v1/protocols/sei_imaging/versions/x"),
    Bad(0, "a version below one", 422, "out-of-range", "GET", "/api/v1/protocols/sei_imaging/versions/0"),
    Bad(0, "a purpose nobody has", 422, "invalid-input", content=judged(f'"purpose": "{MARK}"'), **EVALUATIONS),
    Bad(0, "judged by a protocol nobody knows", 404, "not-found", content=judged('"protocol_version": 99'), **EVALUATIONS),
    Bad(0, "another project's sample, judged", 404, "not-found", content=judged('"purpose": "sei"', "foreign"), **EVALUATIONS),
    Bad(0, "a critical dose without unit", 422, "unit-missing", content=limit('"lower": 3'), **LIMITS),
    Bad(0, "a critical dose in e/nm2", 422, "unit-mismatch", content=limit('"lower": 3, "unit": "e/nm^2"'), **LIMITS),
    Bad(0, "a negative critical dose", 422, "out-of-range", content=limit('"lower": -3, "unit": "e/A^2"'), **LIMITS),
    Bad(0, "a critical dose of 1e12", 422, "implausible-value", content=limit('"lower": 1e12, "unit": "e/A^2"'), **LIMITS),
    Bad(0, "a dose whose ends are exchanged", 422, "invalid-input", content=limit('"lower": 3, "upper": 2, "unit": "e/A^2"'), **LIMITS),
    Bad(0, "a criterion nobody knows", 422, "invalid-input", content=limit('"lower": 3, "unit": "e/A^2"', MARK), **LIMITS),
    Bad(0, "a limit of the literature", 409, "literature-limit", "DELETE", "/api/v1/dose-limits/lif_cryogenic_004", as_who="admin"),
    Bad(0, "colder than nothing", 422, "out-of-range", "GET", f"{LOOK_UP}-1&beam_energy_kV=200"),
    Bad(0, "a beam without energy", 422, "out-of-range", "GET", f"{LOOK_UP}293&beam_energy_kV=0"),
    Bad(0, "a look-up by no criterion", 422, "invalid-input", "GET", f"{LOOK_UP}293&beam_energy_kV=200&criterion={MARK}"),
    Bad(0, "a plan of two beams", 422, "invalid-input", content=plan('"beam_current_nA": 1, "step_nm": 1, "beam_diameter_nm": 1'), **PLANS),
    Bad(0, "a plan without current", 422, "out-of-range", content=plan('"beam_current_nA": 0, "step_nm": 1'), **PLANS),
    Bad(0, "a plan on nobody's region", 404, "not-found", content=plan(f'"beam_current_nA": 1, "step_nm": 1, "region_id": "{MARK}"'), **PLANS),
    Bad(0, "a tag with marks", 422, "invalid-input", content=f'{{"tag": "<{MARK}>"}}'.encode(), **TAGS),
    Bad(0, "a tag of a hundred letters", 422, "invalid-input", content=b'{"tag": "' + b"a" * 100 + b'"}', **TAGS),
    Bad(0, "no tag at all", 422, "invalid-input", content=b'{"tag": "  "}', **TAGS),
    Bad(0, "an empty note", 422, "invalid-input", content=b'{"text": " \\n "}', **NOTES),
    Bad(0, "a note on another project's sample", 404, "not-found", content=b'{"text": "x"}', path="/api/v1/annotations/{foreign}/notes"),
    Bad(0, "what carries no tag there can be", 422, "invalid-input", "GET", f"/api/v1/tagged?tag=%3C{MARK}%3E"),
    Bad(0, "tags of no kind of thing", 422, "invalid-input", "GET", f"/api/v1/tags?kind={MARK}"),
    Bad(0, "a link that never ends", 422, "out-of-range", content=shared('"days": 4000'), **REVIEWS),
    Bad(0, "a link that ended before", 422, "out-of-range", content=shared('"days": 0'), **REVIEWS),
    Bad(0, "a link to another project's sample", 404, "not-found", content=shared('"days": 1', "foreign"), **REVIEWS),
    Bad(0, "a reviewer's link that is none", 404, "not-found", "GET", f"/api/v1/review/{MARK}"),
    Bad(0, "a link nobody was given", 403, "bad-code", content=f'{{"code": "{MARK}", "password": "a long enough one"}}'.encode(), path="/api/v1/invitation-redemptions", as_who="nobody"),
    Bad(0, "a pause without a reason", 422, "missing-field", "PUT", "/api/v1/queues/io/pause", content=b"{}", as_who="admin"),
    Bad(0, "a link of no kind of thing", 404, "not-found", content=f'{{"target_id": "{MARK}", "purpose": "x"}}'.encode(), **REVIEWS),
    Bad(0, "a link for nobody", 422, "invalid-input", content=b'{"target_id": "smp_0", "purpose": " "}', **REVIEWS),
    Bad(0, "an invitation of nobody", 404, "not-found", path=f"/api/v1/users/{MARK}/invitations", as_who="admin"),
    Bad(0, "an invitation by no administrator", 403, "forbidden", path="/api/v1/users/{me}/invitations"),
    Bad(0, "keys by no manager", 403, "forbidden", "GET", "/api/v1/access-keys"),
    Bad(0, "a citation of no form", 422, "invalid-input", "GET", f"/api/v1/results/{NOTHING}/citation?format={MARK}"),
    Bad(0, "an export of nothing", 404, "not-found", "GET", f"/api/v1/exports/{MARK}"),
    Bad(0, "an export of no form", 422, "invalid-input", "GET", f"/api/v1/exports/{NOTHING}?format={MARK}"),
    Bad(0, "an export without more than what is absent", 422, "invalid-input", "GET", f"/api/v1/exports/{NOTHING}?absent={MARK}"),
    Bad(0, "an export under a licence that is no address", 422, "invalid-input", "GET", f"/api/v1/exports/{NOTHING}?licence={MARK}"),
    Bad(0, "a crate that is nothing", 404, "not-found", path="/api/v1/imports", content=f'{{"dataset_id": "{MARK}"}}'.encode()),
    Bad(0, "a crate under labels that are none", 422, "invalid-input", path="/api/v1/imports", content=f'{{"dataset_id": "x", "codes": {{"A-1": "{MARK}"}}}}'.encode()),
    Bad(0, "a look at the file of nothing", 404, "not-found", path=f"/api/v1/datasets/{MARK}/place/looks"),
    Bad(0, "the origin of nothing", 404, "not-found", "GET", f"/api/v1/origins/{MARK}"),
    Bad(0, "an archive of nothing", 404, "not-found", "GET", f"/api/v1/results/{MARK}/archive"),
    Bad(0, "a voxel before the first", 422, "out-of-range", "GET", f"/api/v1/results/{NOTHING}/outputs/x/voxel?z=-1"),
    Bad(0, "a voxel along no axis", 422, "unknown-parameter", "GET", f"/api/v1/results/{NOTHING}/outputs/x/voxel?q=1"),
    Bad(0, "a voxel beyond any array", 422, "out-of-range", "GET", f"/api/v1/results/{NOTHING}/outputs/x/voxel?z=99999999999999999999"),
    Bad(0, "a label below zero", 422, "out-of-range", "GET", f"/api/v1/results/{NOTHING}/outputs/x/statistics?label=-1"),
    Bad(0, "a box as long as a book", 422, "invalid-input", "GET", f"/api/v1/results/{NOTHING}/outputs/x/statistics?box={'1,' * 100}"),
    Bad(0, "lines of no element", 422, "invalid-input", "GET", f"/api/v1/spectral-lines?element={MARK}"),
    Bad(0, "datasets of no element", 422, "invalid-input", "GET", "/api/v1/datasets?element=Xx"),
    Bad(0, "results of an element as long as a word", 422, "invalid-input", "GET", f"/api/v1/results?element={MARK}"),
    Bad(0, "lines of no kind", 422, "invalid-input", "GET", f"/api/v1/spectral-lines?kind={MARK}"),
    Bad(0, "lines up to no number", 422, "invalid-input", "GET", "/api/v1/spectral-lines?high_eV=inf"),
    Bad(0, "a queue that is none", 404, "not-found", "PUT", f"/api/v1/queues/{MARK}/pause", content=b'{"reason": "x"}', as_who="admin"),
    Bad(0, "keys of no kind", 422, "invalid-input", "GET", f"/api/v1/access-keys?kind={MARK}", as_who="admin"),
    Bad(0, "a log since no instant", 422, "zone-missing", "GET", "/api/v1/audit-entries?since=2026-05-04T10:00:00", as_who="admin"),
    Bad(0, "a chain verified after a negative entry", 422, "out-of-range", "GET", "/api/v1/audit-verification?after=-1", as_who="admin"),
    Bad(0, "no such address", 404, "not-found", "GET", f"/api/v1/{MARK}"),
    Bad(0, "a split into nothing", 422, "invalid-input", content=b'{"occurred_at": "2026-10-01T08:00:00Z", "parts": []}', path="/api/v1/samples/{sample}/split"),
    Bad(0, "a split into a kind nobody knows", 422, "invalid-input", content=b'{"occurred_at": "2026-10-01T08:00:00Z", "parts": [{"name": "x", "kind": "dust"}]}', path="/api/v1/samples/{sample}/split"),
    Bad(0, "a facet nobody knows", 422, "invalid-input", "GET", "/api/v1/sample-facets?clock=late"),
    Bad(0, "a file in a root that is none", 422, "invalid-input", path="/api/v1/registrations", content=lambda ids: f'{{"project_id": "{ids["project"]}", "root": "{MARK}", "path": "a"}}'.encode()),
    Bad(0, "a file of no project", 404, "not-found", path="/api/v1/registrations", content=f'{{"project_id": "{MARK}", "root": "em", "path": "a"}}'.encode()),
    Bad(0, "a file without a path", 422, "invalid-input", path="/api/v1/registrations", content=f'{{"project_id": "{MARK}", "root": "em", "path": ""}}'.encode()),
    Bad(0, "a group of a name that is too long", 422, "invalid-input", path="/api/v1/registrations", content=lambda ids: f'{{"project_id": "{ids["project"]}", "root": "em", "path": "a", "members": ["{MARK}{"x" * 300}"]}}'.encode()),
    Bad(0, "a group of no files", 422, "invalid-input", path="/api/v1/registrations", content=lambda ids: f'{{"project_id": "{ids["project"]}", "root": "{MARK}", "path": "a", "members": []}}'.encode()),
    Bad(0, "files of no dataset", 404, "not-found", "GET", f"/api/v1/datasets/{MARK}/place/files"),
    Bad(0, "roots of no project", 404, "not-found", "GET", f"/api/v1/registration-roots?project_id={MARK}"),
    Bad(0, "no such method", 405, "method-not-allowed", "DELETE", "/api/v1/samples"),
    Bad(0, "a change without If-Match", 428, "precondition-required", "PATCH", "/api/v1/samples/{sample}", content=b'{"name": "y"}'),
    Bad(0, "a change of an older version", 412, "stale-version", "PATCH", "/api/v1/samples/{sample}", content=b'{"name": "y"}', headers={"If-Match": '"7"'}),
]  # fmt: skip
