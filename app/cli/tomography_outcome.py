"""The tomography demonstration from start to end, and the table it ends with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.demo_service import SCIENTIST, Cast, DemoFailed, assembled, running_service
from app.cli.demo_words import words_of
from app.cli.tomography_found import ELEMENTS, VALENCES, Found
from app.cli.tomography_run import Say, compared, run_particles, seconds_of
from lithoscope.numerics.twins import STATES
from lithoscope.rules.dose import raster_dose
from lithoscope.units import Quantity

Line = tuple[str, str, str, str]
HEAD: Line = ("quantity", "found", "planted", "source")
#: Smaller planted gradients are not judged [at%, 1].
LEAST_STEP = {**dict.fromkeys(ELEMENTS, 0.5), **dict.fromkeys(VALENCES, 0.02)}


@dataclass(frozen=True)
class Outcome:
    """What was found beside what was planted, and what to do with it."""

    rows: list[Line]
    endings: list[str]

    @property
    def lines(self) -> list[str]:
        """Write it for people."""
        return [*_written(self.rows), "", *self.endings]

    @property
    def record(self) -> dict[str, Any]:
        """Write it for scripts."""
        return {"rows": [dict(zip(HEAD, row, strict=True)) for row in self.rows], "notes": self.endings}


def run_demo(data: Path, out: Path, *, size: int, states: tuple[str, ...], say: Say) -> Outcome:
    """Run the demonstration over a data folder and return its table."""
    if unknown := sorted(set(states) - set(STATES)):
        raise DemoFailed(f"there is no state {unknown[0]!r}: choose of {', '.join(STATES)}")
    from app.cli.tomography_figures import draw_all

    with running_service(data) as (url, setup_code), assembled(data, url, setup_code) as cast:
        say(f"service at {url}")
        particles = run_particles(cast, data / "twins", size, states=states, say=say)
        found = [Found(particle) for particle in particles]
        comparison = compared(cast, particles)
        say(f"comparison: {seconds_of(comparison.record):.1f} s  {comparison.result.id}")
        drawn = draw_all(found, out, say=say)
        lines = [line for each in found for line in rows(each)]
        return Outcome(lines, [f"{len(drawn)} figures and films in {out}", *_ending(cast, data)])


def _ending(cast: Cast, data: Path) -> Iterator[str]:
    yield "not drawn: supplementary 8 (X-ray diffraction of the powder): a simulated particle has no powder"
    yield f"sign in as {SCIENTIST}, password {cast.password}"
    yield f"look at it with lithoscope serve --data {data}"


def rows(each: Found) -> Iterator[Line]:
    """Return what was found of a particle, what was planted, and the result that says so."""
    title, run = each.title, each.particle.run
    known = {one.name: one for one in each.recoveries}
    source = run.result("composition").id
    for name in ELEMENTS:
        yield f"{title}: {name}", f"{known[name].found:.2f} at%", f"{known[name].planted:.2f} at%", source
    for name in VALENCES:
        source = run.result(f"{'manganese' if name.startswith('Mn') else 'cobalt'}_valence").id
        yield f"{title}: {name}", f"{100 * known[name].found:.1f} %", f"{100 * known[name].planted:.1f} %", source
    source = run.result("rock_salt").id
    for words in ("atoms", "formula_units", "volume"):
        planted = each.figures[f"rock_salt_{words.removeprefix('formula_')}"]
        found = each.output("rock_salt", f"of_{words}").quantity
        yield f"{title}: rock salt of {words.replace('_', ' ')}", _percent(found), f"{100 * planted:.1f} %", source
    signs = [one.has_right_sign(LEAST_STEP[name]) for name, one in known.items()]
    judged = [sign for sign in signs if sign is not None]
    yield f"{title}: gradients that go the planted way", f"{sum(judged)} of {len(judged)}", str(len(judged)), run.id
    yield from _dose(each)


def _dose(each: Found) -> Iterator[Line]:
    """Say the dose of the series in the ledger, and of all recorded scans."""
    settings = each.particle.settings
    probe, scans = settings.probe, settings.stage.scans
    planted = raster_dose(beam_current_nA=probe.current_nA, dwell_s=probe.dwell_s, step_nm=probe.step_nm)
    counts = {"series": sum(is_in_series for _, is_in_series in scans), "recorded": len(scans)}
    for account in each.particle.sample.dose().record["exposures"]:
        for name, count in counts.items():
            found, given = Quantity.from_json(account[name]), planted.per_frame_e_per_A2 * count
            yield f"{each.title}: dose of {count} scans", words_of(found), f"{given:.4g} e/A^2", account["exposure_id"]


def _percent(found: Quantity) -> str:
    if found.value is None:
        return "unknown"
    spread = "" if found.uncertainty is None else f" ± {found.uncertainty:.1f}"
    return f"{found.value:.1f}{spread} %"


def _written(lines: Sequence[Line]) -> Iterator[str]:
    """Write the table."""
    every = [HEAD, *lines]
    widths = [max(len(line[column]) for line in every) for column in range(len(HEAD))]
    for line in every:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
