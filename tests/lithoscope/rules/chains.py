"""Complete histories as the papers tell them, to be judged whole, and with something taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lithoscope.rules.compliance import evaluate
from lithoscope.rules.custody import Happening
from lithoscope.rules.legs import Leg
from lithoscope.rules.shelf_life import Specimen
from lithoscope.rules.shipped_protocols import shipped_protocols
from lithoscope.rules.verdicts import Evaluation, RuleVerdict
from lithoscope.units import Quantity

DAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
ROOM_K, COLD_K = 293.15, 95.15
IN_ARGON = {"atmosphere": "argon", "o2_ppm": 0.05, "h2o_ppm": 0.05, "temperature_K": 298.15}


@dataclass(frozen=True)
class Beam:
    """Whether somebody answers for all of the beam."""

    is_complete: bool = True


@dataclass(frozen=True)
class Chain:
    """A sample with everything recorded of it."""

    specimen: Specimen
    history: tuple[Happening, ...]
    legs: tuple[Leg, ...] = ()
    coverage: Beam = field(default_factory=Beam)
    at: datetime = DAY + timedelta(days=3)

    def judge(self, protocol_id: str, **question: Any) -> Evaluation:
        """Judge it by one of the papers' protocols."""
        return evaluate(
            shipped_protocols()[protocol_id],
            specimen=self.specimen,
            history=self.history,
            legs=self.legs,
            coverage=self.coverage,
            at=self.at,
            **question,
        )

    def event(self, event_id: str) -> Happening:
        """Return one of its events."""
        return next(event for event in self.history if event.id == event_id)

    def changed(self, event_id: str, **details: Any) -> "Chain":
        """Return it with other details of one event."""
        old = self.event(event_id)
        return self.with_event(replace(old, details={**old.details, **details}))

    def with_event(self, event: Happening) -> "Chain":
        """Return it with an event added, or put in the place of the one with its id."""
        others = [old for old in self.history if old.id != event.id]
        return replace(self, history=tuple(sorted([*others, event], key=lambda one: one.occurred_at)))

    def without(self, event_id: str) -> "Chain":
        """Return it with one event never recorded."""
        return replace(self, history=tuple(event for event in self.history if event.id != event_id))

    def with_leg(self, **fields: Any) -> "Chain":
        """Return it with its first exposure changed."""
        return replace(self, legs=(replace(self.legs[0], **fields), *self.legs[1:]))


def rule(evaluation: Evaluation, rule_id: str) -> RuleVerdict:
    """Return what one rule said."""
    return next(verdict for verdict in evaluation.rules if verdict.rule_id == rule_id)


def happened(
    name: str, kind: str, hours: float, *, lasted_h: float | None = None, details: Mapping[str, Any] | None = None
) -> Happening:
    """Make an event some hours after the first morning."""
    start = DAY + timedelta(hours=hours)
    end = None if lasted_h is None else start + timedelta(hours=lasted_h)
    return Happening(kind, start, end, dict(details or {}), "user", id=f"evt_{name}", place="here")


def exposed(name: str, hours: float, **fields: Any) -> Leg:
    """Make an exposure some hours after the first morning: the image of paper 004 where nothing else is said."""
    start = DAY + timedelta(hours=hours)
    leg = Leg(
        exposure_id=f"exp_{name}",
        mode="tem_field",
        purpose="acquisition",
        started_at=start,
        ended_at=start + timedelta(seconds=0.5),
        beam_energy=Quantity(200.0, "kV", "header"),
        temperature_K=Quantity(ROOM_K, "K", "user"),
        fluence=Quantity(3.5e3 * 0.5, "e/A^2", "measured"),
        rate=Quantity(3.5e3, "e/(A^2 s)", "measured"),
    )
    return replace(leg, **fields)


def dose(e_per_A2: float, *, rate: float = 90.0) -> dict[str, Quantity]:
    """State fluence and rate of an exposure to electrons."""
    return {"fluence": Quantity(e_per_A2, "e/A^2", "measured"), "rate": Quantity(rate, "e/(A^2 s)", "measured")}


def kelvin(value: float) -> dict[str, Quantity]:
    """State the temperature of an exposure."""
    return {"temperature_K": Quantity(value, "K", "user")}


ARGON_CHAIN: Sequence[Mapping[str, Any]] = (
    {"purpose": "rough", "ion_current_nA": 120.0, "ion_energy_kV": 30.0, "thickness_nm": None},
    {"purpose": "rough", "ion_current_nA": 40.0, "ion_energy_kV": 30.0, "thickness_nm": None},
    {"purpose": "thin", "ion_current_nA": 16.0, "ion_energy_kV": 30.0, "thickness_nm": 700.0},
    {"purpose": "thin", "ion_current_nA": 0.5, "ion_energy_kV": 30.0, "thickness_nm": 300.0},
    {"purpose": "polish", "ion_current_nA": 0.2, "ion_energy_kV": 5.0, "thickness_nm": 150.0},
)


def lithium_004() -> Chain:
    """Tell the chain of Bai et al., Experimental Procedures: foil, from the glovebox to atomic resolution, warm."""
    vacuum = {"atmosphere": "vacuum", "pressure_Pa": 1e-5}
    milling = {"ion_source": "Ar", "ion_energy_kV": 30.0, "steps": list(ARGON_CHAIN), "temperature_K": COLD_K}
    history = (
        happened("glovebox", "storage", 0, lasted_h=2, details=IN_ARGON),
        happened("scraping", "surface_renewal", 1, details={**IN_ARGON, "process": "scraping"}),
        happened("stub", "mounting", 1.5, details={**IN_ARGON, "holder": "aluminium stub"}),
        happened("shuttle", "transfer", 2, lasted_h=0.5, details=_carried("inert_gas_shuttle")),
        happened("cooling", "cooling", 2.6, lasted_h=0.8, details={**vacuum, "temperature_K": COLD_K}),
        happened("milling", "fib_milling", 3.5, lasted_h=1, details={**milling, "cap_layer": "W"}),
        happened("warmup", "heating", 4.5, lasted_h=40 / 60, details={**vacuum, "temperature_K": ROOM_K}),
        happened("shuttleback", "transfer", 5.2, lasted_h=0.5, details=_carried("inert_gas_shuttle")),
        happened("holder", "mounting", 6, details={**IN_ARGON, "holder": "Mel-Build Atoms Defend"}),
        happened("igst", "transfer", 6.5, lasted_h=0.3, details=_carried("inert_gas_holder")),
    )
    return Chain(Specimen("lithium_metal_foil"), history, (exposed("image", 8),))


def _carried(method: str, air_exposure_s: float | None = 0.0, **more: Any) -> dict[str, Any]:
    return {"method": method, "air_exposure_s": air_exposure_s, "atmosphere": "argon", "temperature_K": ROOM_K, **more}


def cryo_transferred_004() -> Chain:
    """Tell the paper's other way in: 25 min through liquid nitrogen in a cryo-transfer holder, imaged cold."""
    details = {**_carried("cryo_transfer_holder"), "atmosphere": "liquid_nitrogen", "temperature_K": 80.0}
    way = happened("igst", "transfer", 6.5, lasted_h=25 / 60, details={**details, "note": "7 min in the airlock"})
    return lithium_004().with_event(way).with_leg(**kelvin(COLD_K))


def sei_004() -> Chain:
    """Tell what the paper asks of an image of the interphase: cold, slow, 2000 e/A2 at most, all beam answered for."""
    chain = lithium_004()
    search = exposed("search", 7.9, purpose="search", **dose(100.0, rate=15.0), **kelvin(COLD_K))
    image = exposed("image", 8, **dose(1500.0), **kelvin(COLD_K))
    opened = happened("opened", "disassembly", -1, details=IN_ARGON)
    specimen = Specimen("lithium_electrodeposited", "4.7 M LiFSI, 2.3 M LiTFSI in DME")
    return replace(chain, specimen=specimen, legs=(search, image)).with_event(opened)


def nmc811_in_air() -> Chain:
    """Tell the atom probe specimen of Kim et al. that came through air: gallium, room temperature."""
    steps = [
        {"purpose": "rough", "ion_current_nA": 21.0, "ion_energy_kV": 30.0},
        {"purpose": "thin", "ion_current_nA": 0.28, "ion_energy_kV": 30.0},
        {"purpose": "polish", "ion_current_nA": 0.008, "ion_energy_kV": 5.0},
    ]
    milling = {"ion_source": "Ga", "ion_energy_kV": 30.0, "steps": steps, "temperature_K": ROOM_K, "cap_layer": None}
    way = {"method": "ambient_air", "air_exposure_s": 3000.0, "atmosphere": "air", "temperature_K": ROOM_K}
    history = (
        happened("milling", "fib_milling", 0, lasted_h=4, details=milling),
        happened("way", "transfer", 5, lasted_h=0.8, details=way),
        happened("laser", "exposure", 7, lasted_h=5, details={"beam": "laser", "pulse_energy_pJ": 5.0}),
    )
    return Chain(Specimen("nmc"), history)


def nmc811_in_vacuum() -> Chain:
    """Tell the specimens of Kim et al. that never met air: glovebox, UHV suitcase, cold xenon, UHV again."""
    vacuum = {"method": "uhv_suitcase", "air_exposure_s": 0.0, "atmosphere": "ultra_high_vacuum", "pressure_Pa": 1e-8}
    milling = {"ion_source": "Xe", "ion_energy_kV": 30.0, "steps": [{"ion_current_nA": 1.0}], "temperature_K": COLD_K}
    history = (
        happened("powder", "mounting", 0, details={"atmosphere": "nitrogen", "holder": "atom probe puck"}),
        happened("wayin", "transfer", 1, lasted_h=0.5, details=vacuum),
        happened("milling", "fib_milling", 2, lasted_h=4, details=milling),
        happened("way", "transfer", 7, lasted_h=0.5, details=vacuum),
        happened("laser", "exposure", 9, lasted_h=5, details={"beam": "laser", "pulse_energy_pJ": 5.0}),
    )
    return Chain(Specimen("nmc"), history)


def tomography_003() -> Chain:
    """Tell the tilt series of Oh et al.: sonicated, dropped, baked, 17 scans of 4.367e4 e/A2."""
    bake = {"atmosphere": "vacuum", "temperature_K": 423.15, "duration_s": 28800.0}
    history = (
        happened("sonication", "sonication", 0, details={"solvent": "ethanol", "duration_s": 1800.0}),
        happened("drop", "drop_cast", 1, details={"solvent": "ethanol", "support": "4 nm carbon"}),
        happened("bake", "heating", 2, lasted_h=8, details=bake),
    )
    series = exposed("series", 12, mode="stem_raster", **dose(4.367e4 * 17, rate=213.0))
    return Chain(Specimen("nmc"), history, (replace(series, beam_energy=Quantity(300.0, "kV", "header")),))


def capillary_002() -> Chain:
    """Tell the particles of the X-ray study: inert gas, sealed capillary, 800 projections."""
    inert = {"atmosphere": "argon", "holder": "tomography pin"}
    history = (
        happened("opened", "disassembly", 0, details=IN_ARGON),
        happened("pin", "mounting", 1, details=inert),
        happened("capillary", "transfer", 2, lasted_h=4, details=_carried("sealed_capillary")),
    )
    beam = exposed(
        "tomogram",
        10,
        mode="xray",
        beam_energy=Quantity(7.0, "keV", "user"),
        fluence=Quantity(3e7 * 800, "photons/um^2", "user"),
        rate=Quantity(3e8, "photons/(um^2 s)", "user"),
    )
    return Chain(Specimen("lithium_rich_nmc"), history, (beam,))


def pristine_cathode_001() -> Chain:
    """Tell a pristine cathode as the review has it: air, room temperature, gallium under a platinum cap."""
    steps = [{"purpose": "rough", "ion_current_nA": 21.0, "ion_energy_kV": 30.0}]
    milling = {"ion_source": "Ga", "ion_energy_kV": 30.0, "steps": steps, "temperature_K": ROOM_K, "cap_layer": "Pt"}
    way = {"method": "ambient_air", "air_exposure_s": 600.0, "atmosphere": "air"}
    history = (happened("way", "transfer", 0, details=way), happened("milling", "fib_milling", 1, details=milling))
    return Chain(Specimen("nmc"), history)


def sodium_001() -> Chain:
    """Tell sodium as the review asks: air-free transfer and a cold gallium beam."""
    steps = [{"purpose": "rough", "ion_current_nA": 15.0}, {"purpose": "polish", "ion_current_nA": 0.1}]
    milling = {"ion_source": "Ga", "ion_energy_kV": 30.0, "steps": steps, "temperature_K": 93.0, "cap_layer": "Pt"}
    history = (
        happened("opened", "disassembly", 0, details=IN_ARGON),
        happened("way", "transfer", 1, details=_carried("inert_gas_shuttle")),
        happened("milling", "fib_milling", 2, lasted_h=3, details=milling),
    )
    return Chain(Specimen("sodium_metal"), history)


def frozen_001() -> Chain:
    """Tell a frozen interface with its electrolyte: plunged, carried, milled and imaged cold."""
    cold = {"method": "cryo_transfer_holder", "air_exposure_s": 0.0, "temperature_K": 80.0}
    milling = {"ion_source": "Ga", "steps": [{"ion_current_nA": 2.8}], "temperature_K": COLD_K, "cap_layer": "Pt"}
    plunge = {"atmosphere": "liquid_nitrogen", "temperature_K": 63.0, "duration_s": 60.0}
    history = (
        happened("plunge", "cooling", 0, details=plunge),
        happened("wayin", "transfer", 1, lasted_h=0.2, details=cold),
        happened("milling", "fib_milling", 2, lasted_h=6, details=milling),
        happened("way", "transfer", 9, lasted_h=0.2, details=cold),
    )
    return Chain(Specimen("sei"), history, (exposed("map", 10, **dose(500.0), **kelvin(COLD_K)),))


EVERY_CHAIN = {
    "lithium_metal_tem": lithium_004,
    "sei_imaging": sei_004,
    "cathode_fib_sem": pristine_cathode_001,
    "alkali_metal_fib_sem": sodium_001,
    "cryo_liquid_electrolyte": frozen_001,
    "battery_atom_probe": nmc811_in_air,
    "simultaneous_tomography": tomography_003,
    "xray_capillary": capillary_002,
}
