"""What no history may do: gain a verdict by being told less, or change it by something no rule asks for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lithoscope.rules.custody import Happening
from lithoscope.rules.legs import Leg
from lithoscope.rules.protocol_documents import EVENT_TYPES, PURPOSES
from lithoscope.rules.protocols import Protocol
from lithoscope.rules.shipped_protocols import shipped_protocols
from lithoscope.rules.verdicts import VERDICTS
from lithoscope.units import Quantity
from tests.lithoscope.rules.chains import (
    EVERY_CHAIN,
    Beam,
    Chain,
    cryo_transferred_004,
    happened,
    nmc811_in_vacuum,
)

CHAINS: list[Callable[[], Chain]] = [*EVERY_CHAIN.values(), cryo_transferred_004, nmc811_in_vacuum]
BY_THE_WAY = {"disassembly", "surface_renewal", "fib_milling", "transfer"}  # facts of the whole history read these
VALUES: dict[str, list[Any]] = {
    "method": ["ambient_air", "inert_gas_holder", "cryo_transfer_holder", "uhv_suitcase", "cooling_holder"],
    "atmosphere": ["air", "argon", "vacuum", "nitrogen"],
    "ion_source": ["Ga", "Xe", "Ar", "O"],
    "temperature_K": [95.0, 293.0],
    "air_exposure_s": [0.0, 3.0, 15.0],
    "cap_layer": ["Pt"],
    "o2_ppm": [0.05, 5.0],
    "ion_energy_kV": [5.0, 30.0],
    "duration_s": [60.0, 36_000.0],
    "pulse_energy_pJ": [5.0, 20.0],
    "ion_current_nA": [0.2, 120.0],
}
DOSES = {
    "fluence": [Quantity(value, "e/A^2", "measured") for value in (10.0, 1900.0, 5e4)],
    "rate": [Quantity(value, "e/(A^2 s)", "measured") for value in (10.0, 90.0, 4e3)],
    "temperature_K": [Quantity(value, "K", "user") for value in (95.0, 293.0)],
    "beam_energy": [Quantity(value, "kV", "header") for value in (80.0, 200.0)],
    "field_um": [((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), ((5.0, 5.0), (6.0, 5.0), (6.0, 6.0))],
    "purpose": ["search", "acquisition"],
}


@dataclass(frozen=True)
class Thing:
    """A specimen whose every field may be blank."""

    material: str | None
    electrolyte: str | None
    prepared_at: Any = None


def reads(protocol: Protocol) -> set[str]:
    """Return the types of event a protocol asks for."""
    kinds = {kind for rule in protocol.rules for kind in rule.subject.kinds if rule.subject.of == "events"}
    landmarks = {
        mark
        for rule in protocol.rules
        for mark in (rule.subject.since, rule.subject.after, rule.subject.before)
        if mark
    }
    anything = any(rule.subject.of == "events" and not rule.subject.kinds for rule in protocol.rules)
    return set(EVENT_TYPES) if anything else kinds | landmarks | BY_THE_WAY


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Tell a paper's chain with some of its details told otherwise, and perhaps a second exposure."""
    chain = draw(st.sampled_from(CHAINS))()
    history = tuple(_retold(draw, event) for event in chain.history)
    legs = tuple(_reexposed(draw, leg) for leg in chain.legs)
    if legs and draw(st.booleans()):
        later = replace(legs[0], exposure_id="exp_more", started_at=legs[0].started_at + timedelta(hours=1))
        legs = (*legs, _reexposed(draw, later))
    given_material = draw(st.sampled_from([chain.specimen.material, "nmc", "lithium_electrodeposited"]))
    electrolyte = draw(st.sampled_from([None, "Gen2", "LiFSI in DME"]))
    start = draw(st.sampled_from([None, chain.history[0].occurred_at - timedelta(hours=30)]))
    specimen: Any = Thing(given_material, electrolyte, start)
    return replace(chain, specimen=specimen, history=history, legs=legs, coverage=Beam(draw(st.booleans())))


def _retold(draw: st.DrawFn, event: Happening) -> Happening:
    details = {name: _other(draw, name, value) for name, value in event.details.items()}
    return replace(event, details=details)


def consistent(chain: Chain) -> Chain:
    """Tell a chain without contradiction: what went through air was in air for some time."""
    for event in chain.history:
        if event.details.get("atmosphere") == "air" and event.details.get("air_exposure_s") == 0:
            chain = chain.changed(event.id, air_exposure_s=15.0)
    return chain


def _other(draw: st.DrawFn, name: str, value: Any) -> Any:
    if name == "steps":
        return [{inner: _other(draw, inner, old) for inner, old in step.items()} for step in value]
    return draw(st.sampled_from([value, *VALUES[name]])) if name in VALUES else value


def _reexposed(draw: st.DrawFn, leg: Leg) -> Leg:
    if leg.mode == "xray":
        return leg
    return replace(leg, **{name: draw(st.sampled_from([getattr(leg, name), *DOSES[name]])) for name in DOSES})


@st.composite
def blanked(draw: st.DrawFn, chain: Chain) -> Chain:
    """Tell less of a chain: any recorded field may be left out, down to a single step of a milling."""
    history = tuple(_untold(draw, event) for event in chain.history)
    legs = tuple(_unmeasured(draw, leg) for leg in chain.legs)
    names = [name for name in ("material", "electrolyte", "prepared_at") if draw(st.integers(0, 4)) == 0]
    specimen: Any = replace(chain.specimen, **dict.fromkeys(names))
    coverage = chain.coverage if draw(st.booleans()) else Beam(is_complete=False)
    return replace(chain, history=history, legs=legs, specimen=specimen, coverage=coverage)


def _untold(draw: st.DrawFn, event: Happening) -> Happening:
    details = {name: _blank(draw, value) for name, value in event.details.items()}
    end = event.ended_at if draw(st.integers(0, 3)) else None
    return replace(event, details=details, ended_at=end, place=None if draw(st.booleans()) else event.place)


def _blank(draw: st.DrawFn, value: Any) -> Any:
    if draw(st.integers(0, 3)) == 0:
        return None
    if isinstance(value, list):
        return [{inner: _blank(draw, old) for inner, old in step.items()} for step in value]
    return value


def _unmeasured(draw: st.DrawFn, leg: Leg) -> Leg:
    fields: dict[str, Any] = {}
    for name in ("beam_energy", "temperature_K", "fluence", "rate"):
        if draw(st.integers(0, 3)) == 0:
            fields[name] = Quantity.unknown(getattr(leg, name).unit, "left out")
    for name in ("purpose", "field_um", "ended_at"):
        if draw(st.integers(0, 3)) == 0:
            fields[name] = None
    return replace(leg, **fields)


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_blanking_recorded_fields_leaves_a_verdict_or_makes_it_not_recorded(data: st.DataObject) -> None:
    """And so it never makes a rule pass; that holds of the fields a rule filters by as of those it compares."""
    told = consistent(data.draw(chains()))
    untold = data.draw(blanked(told))
    purpose = data.draw(st.sampled_from([None, *PURPOSES]))
    for protocol_id in shipped_protocols():
        before, after = told.judge(protocol_id, purpose=purpose), untold.judge(protocol_id, purpose=purpose)
        if not before.rules or not after.rules:
            assert after.verdict in {before.verdict, "not_recorded"}
            continue
        for knowing, blank in zip(before.rules, after.rules, strict=True):
            assert blank.verdict in {knowing.verdict, "not_recorded"}, (protocol_id, knowing, blank)
        if after.verdict == "pass":
            assert before.verdict == "pass"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_not_even_a_record_that_contradicts_itself_gains_a_pass_by_being_told_less(data: st.DataObject) -> None:
    told = data.draw(chains())
    untold = data.draw(blanked(told))
    for protocol_id in shipped_protocols():
        before, after = told.judge(protocol_id), untold.judge(protocol_id)
        passed = {verdict.rule_id for verdict in before.rules if verdict.verdict == "pass"}
        assert {verdict.rule_id for verdict in after.rules if verdict.verdict == "pass"} <= passed


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_an_event_no_rule_asks_for_changes_nothing(data: st.DataObject) -> None:
    told = data.draw(chains())
    hours = data.draw(st.floats(-5, 20))
    for protocol in shipped_protocols().values():
        kind = data.draw(st.sampled_from(sorted(set(EVENT_TYPES) - reads(protocol))))
        more = told.with_event(happened("unrelated", kind, hours, details={"atmosphere": "air"}))
        assert more.judge(protocol.id).rules == told.judge(protocol.id).rules


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_whole_is_as_grave_as_its_gravest_rule(data: st.DataObject) -> None:
    told = data.draw(chains())
    for protocol_id in shipped_protocols():
        evaluation = told.judge(protocol_id)
        ranks = [VERDICTS.index(verdict.verdict) for verdict in evaluation.rules]
        assert VERDICTS.index(evaluation.verdict) == min(ranks, default=VERDICTS.index("not_applicable"))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_order_in_which_records_come_does_not_matter(data: st.DataObject) -> None:
    told = data.draw(chains())
    shuffled = replace(
        told, history=tuple(data.draw(st.permutations(told.history))), legs=tuple(data.draw(st.permutations(told.legs)))
    )
    for protocol_id in shipped_protocols():
        assert shuffled.judge(protocol_id) == told.judge(protocol_id)
