"""Documents of protocols: those shipped are sound, and one that is not is refused with everything wrong in it named."""

import copy
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lab.custody.event_types import NewEvent
from app.lab.samples.schemas import Material
from lithoscope.rules.conditions import AllOf, AnyOf, Not, Parameter, Test, facts_of, holds
from lithoscope.rules.facts import UNKNOWN, Fact, between, number, text
from lithoscope.rules.protocol_documents import EVENT_TYPES, FACTS_OF, MATERIALS, InvalidProtocol, read_protocol
from lithoscope.rules.shipped_protocols import shipped_documents, shipped_protocols

#: Version and digest of each shipped protocol: what laboratories are judged by does not change under one number.
VERSIONS: dict[str, tuple[int, str]] = {
    "alkali_metal_fib_sem": (1, "ff8ea789a1b43304"),
    "battery_atom_probe": (1, "deaa5388be084555"),
    "cathode_fib_sem": (1, "ece2a25ecf249b87"),
    "cryo_liquid_electrolyte": (1, "02622833f3528461"),
    "lithium_metal_tem": (1, "6a720cddeb74c8ab"),
    "lithium_metal_tem_strict": (1, "ebcc14760292ecdb"),
    "sei_imaging": (1, "bfc9b1adb995409f"),
    "simultaneous_tomography": (1, "a258b83cd1695cef"),
    "xray_capillary": (1, "5ad770b66b8e1379"),
}


def document() -> dict[str, Any]:
    """Give a small document that is sound."""
    return {
        "id": "lab_lithium",
        "version": 1,
        "title": "Our lithium",
        "citation": "our own habit",
        "techniques": ["tem"],
        "materials": ["lithium_metal_foil"],
        "purposes": ["bulk"],
        "default_purpose": "bulk",
        "parameters": {"most_s": {"value": 5.0, "unit": "s", "meaning": "air we bear", "citation": "habit"}},
        "rules": [
            {
                "id": "short-air",
                "title": "Little air",
                "asks": "at most five seconds of air",
                "citation": "habit",
                "subject": {"of": "events", "types": ["transfer"]},
                "cases": [{"when": {"fact": "air_exposure_s", "at_most": {"parameter": "most_s"}}, "verdict": "pass"}],
                "otherwise": {"verdict": "fail"},
            }
        ],
    }


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Give the sound document with something changed."""
    whole = document()
    change(whole)
    return whole


def rule_of(whole: dict[str, Any]) -> dict[str, Any]:
    """Return its only rule."""
    first: dict[str, Any] = whole["rules"][0]
    return first


def when(condition: Any) -> dict[str, Any]:
    """Give the sound document with another condition."""
    return changed(lambda whole: rule_of(whole)["cases"][0].update(when=condition))


def test_a_sound_document_is_read_whole() -> None:
    protocol = read_protocol(document())
    assert (protocol.id, protocol.version, protocol.default_purpose) == ("lab_lithium", 1, "bulk")
    assert protocol.rules[0].cases[0].when == Test("air_exposure_s", "at_most", Parameter("most_s"))
    assert protocol.parameters["most_s"].value == 5.0


def nested(depth: int) -> dict[str, Any]:
    """Give a condition nested so deep."""
    condition: dict[str, Any] = {"fact": "method", "is": "ambient_air"}
    for _ in range(depth):
        condition = {"not": condition}
    return condition


CASE = "/rules/0/cases/0"
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (changed(lambda d: d.pop("title")), "missing-field", "/title"),
    (changed(lambda d: d.update(title=7)), "wrong-type", "/title"),
    (changed(lambda d: d.update(title=date(2026, 1, 1))), "wrong-type", "/title"),
    (changed(lambda d: d.update(title=" ")), "bad-value", "/title"),
    (changed(lambda d: d.update(id="Our Lithium")), "bad-value", "/id"),
    (changed(lambda d: d.update(severity="high")), "unknown-field", "/severity"),
    (changed(lambda d: d.update({"a/b~c": 1})), "unknown-field", "/a~1b~0c"),
    (changed(lambda d: d.update(materials=["kryptonite"])), "bad-value", "/materials"),
    (changed(lambda d: d.update(materials=[])), "missing-field", "/materials"),
    (changed(lambda d: d.update(techniques="tem")), "wrong-type", "/techniques"),
    (changed(lambda d: d.update(default_purpose="sei")), "bad-value", "/default_purpose"),
    (changed(lambda d: d.update(relaxations="sometimes")), "bad-value", "/relaxations"),
    (changed(lambda d: d.update(rules=[])), "bad-value", "/rules"),
    (changed(lambda d: d.update(rules={})), "wrong-type", "/rules"),
    (changed(lambda d: d["rules"].append(copy.deepcopy(rule_of(d)))), "duplicate-rule", "/rules/1/id"),
    (changed(lambda d: d["parameters"]["most_s"].update(value="5")), "wrong-type", "/parameters/most_s/value"),
    (changed(lambda d: d["parameters"]["most_s"].update(value=float("inf"))), "wrong-type", "/parameters/most_s/value"),
    (changed(lambda d: d["parameters"]["most_s"].update(value=10**400)), "wrong-type", "/parameters/most_s/value"),
    (changed(lambda d: d["parameters"]["most_s"].update(value=float("nan"))), "wrong-type", "/parameters/most_s/value"),
    (changed(lambda d: d["parameters"]["most_s"].pop("unit")), "missing-field", "/parameters/most_s/unit"),
    (changed(lambda d: rule_of(d).pop("citation")), "missing-field", "/rules/0/citation"),
    (changed(lambda d: rule_of(d).pop("subject")), "missing-field", "/rules/0/subject"),
    (changed(lambda d: rule_of(d)["subject"].update(of="weather")), "bad-value", "/rules/0/subject/of"),
    (changed(lambda d: rule_of(d)["subject"].update(types=["party"])), "bad-value", "/rules/0/subject/types"),
    (changed(lambda d: rule_of(d)["subject"].update(modes=["xray"])), "unknown-field", "/rules/0/subject/modes"),
    (changed(lambda d: rule_of(d)["subject"].update(after="lunch")), "bad-value", "/rules/0/subject/after"),
    (changed(lambda d: rule_of(d)["subject"].update(absent="pass")), "bad-value", "/rules/0/subject/absent"),
    (changed(lambda d: rule_of(d).update(cases=[])), "bad-value", "/rules/0/cases"),
    (changed(lambda d: rule_of(d).pop("otherwise")), "missing-field", "/rules/0/otherwise"),
    (changed(lambda d: rule_of(d)["otherwise"].update(verdict="maybe")), "bad-value", "/rules/0/otherwise/verdict"),
    (changed(lambda d: rule_of(d).update(strength="evidence")), "evidence-cannot-fail", "/rules/0/strength"),
    (when({"fact": "smell", "is": "bad"}), "unknown-fact", f"{CASE}/when/fact"),
    (when({"is": "bad"}), "missing-field", f"{CASE}/when/fact"),
    (when({"fact": "method"}), "bad-operator", f"{CASE}/when"),
    (when({"fact": "method", "at_most": 3}), "bad-operator", f"{CASE}/when"),
    (when({"fact": "air_exposure_s", "is": "3"}), "bad-operator", f"{CASE}/when"),
    (when({"fact": "air_exposure_s", "at_most": 3, "at_least": 1}), "bad-operator", f"{CASE}/when"),
    (when({"fact": "air_exposure_s", "at_most": "3"}), "wrong-type", f"{CASE}/when/at_most"),
    (when({"fact": "air_exposure_s", "at_most": True}), "wrong-type", f"{CASE}/when/at_most"),
    (
        when({"fact": "air_exposure_s", "at_most": {"parameter": "least_s"}}),
        "unknown-parameter",
        f"{CASE}/when/at_most/parameter",
    ),
    (when({"fact": "method", "is_recorded": False}), "bad-value", f"{CASE}/when/is_recorded"),
    (when({"fact": "method", "in": []}), "missing-field", f"{CASE}/when/in"),
    (when({"all": []}), "bad-value", f"{CASE}/when/all"),
    (when({"all": [3]}), "wrong-type", f"{CASE}/when/all"),
    (when({"all": [], "any": []}), "ambiguous-condition", f"{CASE}/when"),
    (when({"any": [{"fact": "method", "is": 7}]}), "wrong-type", f"{CASE}/when/any/0/is"),
    (when(nested(6)), "too-deep", f"{CASE}/when" + "/not" * 6),
    (when("always"), "wrong-type", f"{CASE}/when"),
]


@pytest.mark.parametrize(("whole", "name", "pointer"), REFUSED, ids=[f"{row[1]} {row[2]}" for row in REFUSED])
def test_what_is_wrong_is_named_with_its_place_and_a_remedy(whole: dict[str, Any], name: str, pointer: str) -> None:
    with pytest.raises(InvalidProtocol) as caught:
        read_protocol(whole)
    named = [problem for problem in caught.value.problems if (problem.name, problem.pointer) == (name, pointer)]
    assert named, caught.value.problems
    assert named[0].remedy
    assert "kryptonite" not in str(caught.value)


def test_everything_wrong_is_named_at_once() -> None:
    whole = changed(lambda d: (d.pop("title"), rule_of(d).pop("asks"), d.update(id="?")))
    with pytest.raises(InvalidProtocol) as caught:
        read_protocol(whole)
    assert {problem.pointer for problem in caught.value.problems} == {"/title", "/id", "/rules/0/asks"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
PLACES = [
    lambda d: d,
    rule_of,
    lambda d: rule_of(d)["subject"],
    lambda d: rule_of(d)["cases"][0],
    lambda d: rule_of(d)["cases"][0]["when"],
    lambda d: d["parameters"]["most_s"],
]


@given(junk=JSON, data=st.data())
def test_no_document_breaks_the_reader(junk: Any, data: st.DataObject) -> None:
    whole = document()
    place = data.draw(st.sampled_from(PLACES))(whole)
    place[data.draw(st.sampled_from([*place, "where", "pick", "all"]))] = junk
    with suppress(InvalidProtocol):
        read_protocol(whole)


def test_every_shipped_protocol_is_sound_and_cites_a_paper_in_every_rule_and_number() -> None:
    assert len(shipped_documents()) == 9
    for protocol in shipped_protocols().values():
        for cited in (protocol, *protocol.rules, *protocol.parameters.values()):
            assert any(paper in cited.citation for paper in ("000", "001", "002", "003", "004")), cited


def test_a_shipped_version_is_never_changed_under_its_number() -> None:
    found = {name: (held.version, held.digest[:16]) for name, held in shipped_protocols().items()}
    assert found == VERSIONS, "a released protocol that changes takes the next version; then write it down here"


def test_every_number_of_a_shipped_protocol_is_used() -> None:
    for name, shipped in shipped_documents().items():
        for parameter in shipped.get("parameters", {}):
            assert str(shipped["rules"]).count(f"'parameter': '{parameter}'"), (name, parameter)


def test_the_materials_and_events_of_the_language_are_those_of_the_facility() -> None:
    types = {get_args(event.model_fields["type"].annotation)[0] for event in get_args(get_args(NewEvent)[0])}
    assert set(EVENT_TYPES) == types
    assert set(MATERIALS) == set(get_args(Material))


def test_every_fact_of_an_event_is_a_field_of_one_or_derived_from_some() -> None:
    fields = {name for event in get_args(get_args(NewEvent)[0]) for name in event.model_fields}
    derived = {"interval_s", "largest_current_nA"} | {
        name for name in FACTS_OF["events"] if name.startswith("last_step")
    }
    assert set(FACTS_OF["events"]) - fields == derived


def _facts(**known: Fact) -> Callable[[str], Fact]:
    return lambda name: known.get(name, UNKNOWN)


COLD = Test("temperature_K", "at_most", 100.0)
GALLIUM = Test("ion_source", "is", "Ga")


@pytest.mark.parametrize(
    ("condition", "facts", "answer"),
    [
        (COLD, _facts(temperature_K=number(95)), True),
        (COLD, _facts(temperature_K=number(293)), False),
        (COLD, _facts(), None),
        (COLD, _facts(temperature_K=between(90, 120)), None),
        (COLD, _facts(temperature_K=between(101, 120)), False),
        (Test("d", "below", 20.0), _facts(d=number(20)), False),
        (Test("d", "above", 20.0), _facts(d=number(20)), False),
        (Test("d", "at_least", 20.0), _facts(d=number(20)), True),
        (Test("d", "at_most", 1750.0), _facts(d=number(1750.0000000001)), True),
        (Test("d", "above", {"limit": 1}["limit"]), _facts(d=between(2, float("inf"))), True),
        (Test("d", "is_recorded"), _facts(d=between(2, 3)), None),
        (Test("d", "is_recorded"), _facts(d=number(2)), True),
        (Test("e", "contains_any", ("lipf6",)), _facts(e=text("1 M LiPF6")), True),
        (Test("e", "in", ("a", "b")), _facts(e=text("c")), False),
        (AllOf((GALLIUM, COLD)), _facts(ion_source=text("Xe")), False),
        (AllOf((GALLIUM, COLD)), _facts(ion_source=text("Ga")), None),
        (AnyOf((GALLIUM, COLD)), _facts(ion_source=text("Ga")), True),
        (AnyOf((GALLIUM, COLD)), _facts(ion_source=text("Xe")), None),
        (Not(GALLIUM), _facts(), None),
        (Not(GALLIUM), _facts(ion_source=text("Xe")), True),
    ],
)
def test_conditions_answer_yes_no_or_that_the_record_leaves_it_open(
    condition: Any, facts: Callable[[str], Fact], answer: bool | None
) -> None:
    assert holds(condition, facts, {}) is answer


def test_the_facts_of_a_condition_are_found_wherever_they_stand() -> None:
    assert set(facts_of(AllOf((GALLIUM, Not(AnyOf((COLD,))))))) == {"ion_source", "temperature_K"}
