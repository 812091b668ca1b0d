"""``lithoscope dose``: doses, windows and plans from the rules themselves, without a service or a network."""

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from lithoscope import wording
from lithoscope.client.problems import ClientError
from lithoscope.errors import ScienceError
from lithoscope.rules.bounds import Bounds
from lithoscope.rules.critical_dose import ONSET, Choice, literature_limits, look_up
from lithoscope.rules.dose import raster_dose
from lithoscope.rules.dose_limits import criteria
from lithoscope.rules.dose_planner import Plan, PlannedBeam, plan
from lithoscope.rules.field_dose import rate_from_current
from lithoscope.units import Quantity

ZERO_C_IN_K = 273.15
UNKNOWN = "unknown"
Line = tuple[str, str]

dose = typer.Typer(no_args_is_help=True, help="Doses, windows and plans; works without a service.")


def _above_zero(value: float | None) -> float | None:
    if value is not None and not (value > 0 and math.isfinite(value)):
        raise typer.BadParameter("must be above zero and finite")
    return value


def _above_absolute_zero(value: float) -> float:
    if not (value >= -ZERO_C_IN_K and math.isfinite(value)):
        raise typer.BadParameter("lies below absolute zero, -273.15 °C")
    return value


def _criterion(value: str) -> str:
    if value not in criteria():
        raise typer.BadParameter(f"is one of {', '.join(criteria())}")
    return value


def _mode(value: str) -> str:
    if value not in {"tem_field", "stem_raster"}:
        raise typer.BadParameter("is tem_field or stem_raster")
    return value


def _pixels(value: str | None) -> str | None:
    if value is not None:
        _places(value)
    return value


def _places(text: str) -> tuple[int, int]:
    x, _, y = text.partition("x")
    if not (x.isdecimal() and y.isdecimal() and int(x) and int(y)):
        raise typer.BadParameter("is written as 512x512")
    return int(x), int(y)


AsJson = Annotated[bool, typer.Option("--json", help="Write the numbers as JSON.")]
CurrentNA = Annotated[float, typer.Option("--current-nA", help="Current on the sample, in nA.", callback=_above_zero)]
Phase = Annotated[str, typer.Option("--phase", help="Such as LiF, Li2CO3, Li.")]
TemperatureC = Annotated[
    float, typer.Option("--temperature-C", help="Of the sample, in °C.", callback=_above_absolute_zero)
]
BeamEnergyKV = Annotated[float, typer.Option("--beam-energy-kV", help="Beam energy, in kV.", callback=_above_zero)]
Criterion = Annotated[str, typer.Option("--criterion", help="Sign of damage.", callback=_criterion)]


@dose.command()
def raster(
    *,
    current_nA: CurrentNA,
    dwell_s: Annotated[
        float, typer.Option("--dwell-s", help="Stay of the probe at each place, in s.", callback=_above_zero)
    ],
    step_nm: Annotated[
        float, typer.Option("--step-nm", help="Distance of neighbouring places, in nm.", callback=_above_zero)
    ],
    frames: Annotated[int, typer.Option("--frames", help="Frames of the series.", min=1)] = 1,
    recorded_frames: Annotated[
        int | None, typer.Option("--recorded-frames", help="Frames on record, repeats included.", min=1)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Dose of a scanned beam: one frame, the series, and every frame on record (a lower bound of what was given)."""
    recorded = frames if recorded_frames is None else recorded_frames
    if recorded < frames:
        raise ClientError("--recorded-frames counts every frame on record, so it cannot be below --frames")
    one = raster_dose(beam_current_nA=current_nA, dwell_s=dwell_s, step_nm=step_nm, frames=frames)
    record = {
        "dose_per_frame_e_per_A2": one.per_frame_e_per_A2,
        "dose_series_e_per_A2": one.series_e_per_A2,
        "dose_recorded_e_per_A2": one.per_frame_e_per_A2 * recorded,
    }
    words = ("one frame", f"series of {frames}", f"on record, {recorded}")
    lines = [(word, _words(value, "e/A^2")) for word, value in zip(words, record.values(), strict=True)]
    _say(
        record, [*lines, ("", "a lower bound: search, focus, flyback and a parked beam are not in it")], as_json=as_json
    )


@dose.command()
def tem(
    *,
    current_nA: CurrentNA,
    beam_diameter_nm: Annotated[
        float, typer.Option("--beam-diameter-nm", help="Lit disc on the sample, in nm.", callback=_above_zero)
    ],
    as_json: AsJson = False,
) -> None:
    """Dose rate of a beam spread evenly over a disc."""
    current = Quantity(current_nA, "nA", "user")
    rate = rate_from_current(beam_current_nA=current, beam_diameter_nm=Quantity(beam_diameter_nm, "nm", "user")).value
    _say({"dose_rate_e_per_A2_s": rate}, [("dose rate", _words(rate, "e/(A^2 s)"))], as_json=as_json)


@dose.command()
def window(
    *,
    phase: Phase,
    temperature_C: TemperatureC,
    beam_energy_kV: BeamEnergyKV,
    rate_e_per_A2_s: Annotated[
        float, typer.Option("--rate-e-per-A2-s", help="Dose rate, in e/(Å² s).", callback=_above_zero)
    ],
    mode: Annotated[str, typer.Option(help="tem_field or stem_raster.", callback=_mode)] = "tem_field",
    criterion: Criterion = ONSET,
    as_json: AsJson = False,
) -> None:
    """How long a phase stands a dose rate by the literature: an interval, unknown where nobody measured."""
    choice = look_up(
        literature_limits(),
        phase=phase,
        temperature_K=temperature_C + ZERO_C_IN_K,
        beam_energy_kV=beam_energy_kV,
        mode="stem_raster" if mode == "stem_raster" else "tem_field",
        rate_e_per_A2_s=rate_e_per_A2_s,
        criterion=criterion,
    )
    record = {
        "window_s": choice.window.best,
        "window_lower_s": choice.window.lower,
        "window_upper_s": choice.window.upper,
        **_limit_record(choice),
    }
    lines = [(f"{choice.phase} stands", _span(choice.window)), *_limit_lines(choice)]
    _say(record, lines, as_json=as_json)


@dose.command("plan")
def plan_exposure(
    *,
    phase: Phase,
    temperature_C: TemperatureC,
    beam_energy_kV: BeamEnergyKV,
    current_nA: CurrentNA,
    dwell_s: Annotated[
        float, typer.Option("--dwell-s", help="Stay at each place, or frame of a field, in s.", callback=_above_zero)
    ],
    step_nm: Annotated[
        float | None, typer.Option("--step-nm", help="Scanned beam: step, or pixel, in nm.", callback=_above_zero)
    ] = None,
    beam_diameter_nm: Annotated[
        float | None, typer.Option("--beam-diameter-nm", help="Lit field: its diameter, in nm.", callback=_above_zero)
    ] = None,
    frames: Annotated[int, typer.Option("--frames", help="Frames.", min=1)] = 1,
    frame_pixels: Annotated[
        str | None, typer.Option("--frame-pixels", help="Places of a raster, such as 512x512.", callback=_pixels)
    ] = None,
    criterion: Criterion = ONSET,
    as_json: AsJson = False,
) -> None:
    """What an exposure would do to a phase nothing has hit before, and how far dwell, current and frames may go."""
    with _refusals():
        beam = PlannedBeam(
            current_nA,
            dwell_s,
            step_nm,
            beam_diameter_nm=beam_diameter_nm,
            frames=frames,
            frame_pixels=None if frame_pixels is None else _places(frame_pixels),
        )
        planned = plan(
            beam,
            phase=phase,
            temperature_K=temperature_C + ZERO_C_IN_K,
            beam_energy_kV=beam_energy_kV,
            limits=literature_limits(),
            criterion=criterion,
        )
    _say(_plan_record(planned), _plan_lines(planned), as_json=as_json)


@contextmanager
def _refusals() -> Iterator[None]:
    """Let what the rules refuse end the command in their words."""
    try:
        yield
    except ScienceError as error:
        raise ClientError(str(error)) from error


def _say(record: dict[str, Any], lines: Sequence[Line], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(record))
        return
    width = max(len(name) for name, _ in lines)
    for name, words in lines:
        typer.echo(f"{name:<{width}}  {words}".rstrip())


def _limit_record(choice: Choice) -> dict[str, Any]:
    limit = choice.limit
    return {
        "phase": choice.phase,
        "criterion": choice.criterion,
        "limit_source": None if limit is None else limit.source,
        "limit_id": None if limit is None else limit.id,
        "limit_lower_e_per_A2": None if limit is None else limit.dose.lower,
        "limit_e_per_A2": None if limit is None else limit.dose.best,
        "limit_upper_e_per_A2": None if limit is None else limit.dose.upper,
        "limit_statements": [] if limit is None else [f"{each.says} ({each.where})" for each in limit.statements],
        "reason": choice.reason,
        "flags": list(choice.flags),
    }


def _limit_lines(choice: Choice) -> list[Line]:
    if choice.limit is None:
        return [("because", choice.reason)]
    said = [("it says", f"{each.says} ({each.where})") for each in choice.limit.statements]
    note = [("note", choice.limit.note)] if choice.limit.note else []
    return [
        ("critical dose", _span(choice.limit.dose)),
        ("criterion", f"{choice.criterion}: {criteria()[choice.criterion]}"),
        ("source", choice.limit.source),
        ("chosen", choice.reason),
        *said,
        *note,
    ]


def _plan_record(planned: Plan) -> dict[str, Any]:
    spans = {
        "fraction": planned.fraction,
        "largest_dwell_s": planned.largest_dwell_s,
        "largest_current_nA": planned.largest_beam_current_nA,
        "largest_frames": planned.largest_frames,
    }
    return {
        "dose_per_frame_e_per_A2": planned.dose_per_frame.value,
        "dose_e_per_A2": planned.dose.value,
        "dose_rate_e_per_A2_s": planned.rate.value,
        "state": planned.after.state,
        **{name: {"lower": each.lower, "best": each.best, "upper": each.upper} for name, each in spans.items()},
        **_limit_record(planned.choice),
        "flags": list(planned.flags),
        "reasons": list(planned.after.reasons),
    }


def _plan_lines(planned: Plan) -> list[Line]:
    rate = planned.rate.value
    if_so = "; if a scanned beam does no more harm than the lit field of the limit" if _is_transferred(planned) else ""
    return [
        ("dose", f"{_words(planned.dose.value, 'e/A^2')} ({_words(planned.dose_per_frame.value)} a frame)"),
        ("dose rate", f"{UNKNOWN}: {planned.rate.note}" if rate is None else _words(rate, "e/(A^2 s)")),
        ("of the limit", _span(planned.fraction)),
        ("state after", f"{planned.after.state}: {'; '.join(planned.after.reasons)}"),
        ("largest safe dwell", _largest(planned.largest_dwell_s, "s") + if_so),
        ("largest safe current", _largest(planned.largest_beam_current_nA, "nA") + if_so),
        ("largest safe frames", _largest(planned.largest_frames, "") + if_so),
        *((("flags", ", ".join(planned.flags)),) if planned.flags else ()),
        *_limit_lines(planned.choice),
    ]


def _is_transferred(planned: Plan) -> bool:
    return "other_mode" in planned.flags and planned.largest_dwell_s.lower is not None


def _words(value: float | None, unit: str = "1") -> str:
    """Write a number with the sign of its unit."""
    if value is None:
        return UNKNOWN
    return f"{wording.number(value)} {wording.unit(unit)}".rstrip()


def _span(bounds: Bounds) -> str:
    """Write an interval as a person would."""
    sign = wording.unit(bounds.unit)
    unit = f" {sign}" if sign else ""
    known = (bounds.lower, bounds.best, bounds.upper)
    lower, best, upper = (None if each is None else wording.number(each) for each in known)
    if lower is not None and lower == upper:
        return f"{lower}{unit}"
    about = f"about {best}{unit}" if best is not None else ""
    if lower is not None and upper is not None:
        return f"{lower} to {upper}{unit}" + (f", {about}" if about else "")
    if upper is not None:
        return f"less than {upper}{unit}; no lower bound is known" + (f", {about}" if about else "")
    if bounds.lower is not None and bounds.lower > 0:
        return f"at least {lower}{unit}; no upper bound is known" + (f", {about}" if about else "")
    return f"{about}; no interval is known" if about else UNKNOWN


def _largest(bounds: Bounds, unit: str) -> str:
    beyond = "" if bounds.upper is None else f"; beyond {_words(bounds.upper, unit)} the limit is passed"
    if bounds.lower is None:
        return f"{UNKNOWN}: nothing is known to be safe{beyond}"
    return _words(bounds.lower, unit) + (beyond if bounds.upper != bounds.lower else "")
