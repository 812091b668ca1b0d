"""Reports to test with: the chain of paper 004's experimental section, and a powder seen by X-rays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lithoscope.rules.custody import Happening
from lithoscope.rules.legs import Leg
from lithoscope.rules.report import (
    Ancestor,
    Band,
    BudgetRow,
    ClockRow,
    LabelRow,
    Loss,
    Record,
    Report,
    RuleVerdict,
    Verdict,
)
from lithoscope.rules.report_checklist import checklist
from lithoscope.rules.report_methods import methods_paragraph
from lithoscope.rules.report_records import event_record, exposure_record
from lithoscope.units import Quantity

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEPS = (
    {"purpose": "rough", "ion_current_nA": 120.0, "ion_energy_kV": 30.0},
    {"purpose": "rough", "ion_current_nA": 40.0, "ion_energy_kV": 30.0},
    {"purpose": "thin", "ion_current_nA": 16.0, "ion_energy_kV": 30.0, "thickness_nm": 700.0},
    {"purpose": "thin", "ion_current_nA": 0.5, "ion_energy_kV": 30.0, "thickness_nm": 300.0},
    {"purpose": "polish", "ion_current_nA": 0.2, "ion_energy_kV": 5.0, "thickness_nm": 150.0},
)
GLOVEBOX: dict[str, Any] = {"atmosphere": "argon", "o2_ppm": 0.05, "h2o_ppm": 0.08, "temperature_K": 295.0}
BOX = "glovebox 2"


def hours(number: float) -> datetime:
    """Return the moment so many hours after the cell was opened."""
    return OPENED + timedelta(hours=number)


def history() -> list[Happening]:
    """Return the custody of a lithium lamella, without a flaw."""
    told: list[tuple[str, float, float | None, dict[str, Any], str | None]] = [
        ("disassembly", 0, None, GLOVEBOX, BOX),
        ("storage", 0, 26, GLOVEBOX, BOX),
        ("transfer", 26, 26.2, {"method": "inert_gas_shuttle", "atmosphere": "argon", "air_exposure_s": 0.0}, None),
        ("cooling", 26.3, 26.8, {"temperature_K": 95.0, "atmosphere": "vacuum"}, "FIB"),
        ("fib_milling", 27, 33, {"ion_source": "Ar", "temperature_K": 95.0, "steps": STEPS}, "FIB"),
        ("heating", 33, 33 + 40 / 60, {"temperature_K": 293.0, "duration_s": 2400.0}, "FIB"),
        ("transfer", 33.7, 34, {"method": "inert_gas_shuttle", "atmosphere": "argon", "air_exposure_s": 0.0}, None),
        ("mounting", 34.2, None, {"holder": "Mel-Build IGST", "atmosphere": "argon"}, BOX),
        ("transfer", 34.5, 34.8, {"method": "inert_gas_holder", "atmosphere": "argon", "air_exposure_s": 0.0}, None),
    ]
    return [
        Happening(type_, hours(start), None if end is None else hours(end), details, "user", f"evt_{place:032x}", where)
        for place, (type_, start, end, details, where) in enumerate(told, 1)
    ]


def leg(place: int, *, start: float, seconds: float, rate: float | None, **changed: Any) -> Leg:
    """Return one stay of the beam."""
    unknown = Quantity.unknown("e/A^2", "no current is recorded")
    plain = Leg(
        exposure_id=f"exp_{place:032x}",
        mode="tem_field",
        purpose="acquisition",
        started_at=hours(start),
        ended_at=hours(start) + timedelta(seconds=seconds),
        beam_energy=Quantity(200.0, "kV", "header"),
        temperature_K=Quantity(293.0, "K", "user"),
        fluence=unknown if rate is None else Quantity(rate * seconds, "e/A^2", "measured"),
        rate=Quantity.unknown("e/(A^2 s)", "") if rate is None else Quantity(rate, "e/(A^2 s)", "measured"),
    )
    return replace(plain, **changed)


def sample(**changed: Any) -> Record:
    """Return the record of a lamella."""
    fields = {
        "name": "Li foil lamella 3",
        "code": "LS-2026-0042",
        "material": "lithium_metal_foil",
        "electrolyte": None,
        "cell_history": None,
        "prepared_at": None,
        "air_exposure": Quantity(0.0, "s", "user"),
        "since_disassembly": Quantity(35.0, "h", "user"),
        "exposed_after": Quantity(35.0, "h", "user"),
        "counted_from": "the disassembly",
    }
    return Record("smp_" + "1" * 32, "sample", "sample", {**fields, **changed})


def report_of(
    events: list[Happening],
    legs: list[Leg],
    *,
    of: Record | None = None,
    instrument: str | None = "Talos F200X",
    **more: Any,
) -> Report:
    """Return a filled report."""
    exposures = tuple(
        exposure_record(
            each, place, conditions={"pixel_size_nm": Quantity(0.02, "nm", "header")}, more={"instrument": instrument}
        )
        for place, each in enumerate(legs, 1)
    )
    bare = Report(
        target_id=(of or sample()).id,
        target_kind="sample",
        title="Li foil lamella 3",
        at=hours(40),
        sample=of or sample(),
        events=tuple(event_record(each, place) for place, each in enumerate(events, 1)),
        exposures=exposures,
        dose_note="no valve or blanker log and no declaration covers the exposures",
        software="0.1.0",
        **more,
    )
    bare = replace(bare, checklist=checklist(bare))
    return replace(bare, methods=methods_paragraph(bare))


def lamella() -> Report:
    """Return the report of the flawless chain with searching, focusing and the published image."""
    search = leg(1, start=35, seconds=30, rate=15.0, purpose="search")
    focus = leg(2, start=35.02, seconds=10, rate=18.0, purpose="focus")
    image = leg(3, start=35.05, seconds=0.5, rate=3500.0)
    total = {
        "beam_energy": Quantity(200.0, "kV", "header"),
        "total": Quantity(2380.0, "e/A^2", "measured"),
        "known_part": Quantity(2380.0, "e/A^2", "measured"),
    }
    sums = (Record(sample().id, "dose_sum", "electrons", total),)
    return report_of(history(), [search, focus, image], sums=sums, bands=bands(), clocks=clocks())


def bands() -> tuple[Band, ...]:
    """Return the stays of the chain, with a gap nobody recorded."""
    room, cold, none = Quantity(295.0, "K", "user"), Quantity(95.0, "K", "user"), Quantity.unknown("K", "")
    return (
        Band(hours(0), hours(26), BOX, "argon", room, is_gap=False, evidence=("evt_" + f"{2:032x}",)),
        Band(hours(26), hours(26.2), "shuttle", "argon", none, is_gap=False),
        Band(hours(26.2), hours(26.3), None, None, none, is_gap=True),
        Band(hours(26.3), hours(33.7), "FIB", "vacuum", cold, is_gap=False),
        Band(hours(33.7), hours(34.5), BOX, "argon", room, is_gap=False),
        Band(hours(34.5), hours(34.8), "IGST holder", "argon", none, is_gap=False),
        Band(hours(34.8), hours(40), "TEM", "vacuum", room, is_gap=False),
    )


def clocks() -> tuple[ClockRow, ...]:
    """Return two clocks, one of them overdue."""
    return (
        ClockRow(
            "storage",
            "Start FIB after disassembly",
            "due",
            hours(0),
            Quantity(40.0, "h", "user"),
            hours(24),
            hours(48),
            "runs since the disassembly",
            "004, Fig. 1A",
        ),
        ClockRow(
            "lamella",
            "Image after lamella preparation",
            "fresh",
            hours(33),
            Quantity(7.0, "h", "user"),
            hours(57),
            hours(57),
            "runs since milling ended",
            "004, Outlook",
        ),
    )


def everything() -> Report:
    """Return a report that has something in every part of it."""
    bare = lamella()
    event, exposure = bare.events[4].id, bare.exposures[2].id
    percent, none = Quantity(4.0, "%", "assumed"), Quantity.unknown("%", "no such bound")
    losses = (Loss("first_order", Quantity(0.0, "%", "assumed"), percent), Loss("square_root", percent, none, "a note"))
    rules = tuple(
        RuleVerdict(f"rule-{each}", each, f"fib_milling {event}: Ar", "004, Fig. 2", (event, exposure))
        for each in ("pass", "fail", "not_recorded", "relaxed_allowed", "warned")
    )
    one, unknown, s = Quantity(0.8, "1", "assumed"), Quantity.unknown("1", ""), Quantity.unknown("s", "")
    budget = BudgetRow("rgn_1", "edge", "LiF", "onset", "exceeded", one, unknown, s, s, f"dose of {exposure}", one, one)
    fields = {"name": "edge", "extent": "2 × 1 µm"}
    return replace(
        bare,
        clocks=(replace(bare.clocks[0], losses=losses), *bare.clocks[1:]),
        regions=(Record("rgn_1", "region", "edge", fields),),
        budgets=(budget, replace(budget, state="unknown", spent_lower=unknown)),
        labels=(LabelRow("lbp_1", "phases", 3, "Li2O", "true", f"passed in {exposure}", (exposure,)),),
        verdicts=(
            Verdict("Lithium metal", "2", "fail", "bulk", "evl_1", rules),
            Verdict("SEI", "1", "fail", "sei", None, rules),
        ),
        others=(
            Record("ins_1", "instrument", "instrument", {"name": "Talos", "vendor": None}),
            Record("res_1", "result", "result", {"analysis": "raster_dose", "analysis_version": "1"}),
        ),
        lineage=(Ancestor("evt_1", "event", "fib_milling", 1),),
        notes=(f"see {event}",),
    )
