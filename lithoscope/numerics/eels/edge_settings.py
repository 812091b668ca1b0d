"""How one edge is searched: windows, low-pass, and the theory that its continuum is judged by."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.continuum import Continuum
from lithoscope.numerics.eels.element_absorption import photoabsorption_of_element
from lithoscope.numerics.eels.elements import SYMBOLS
from lithoscope.numerics.eels.errors import MissingStrengths, OtherStrengths
from lithoscope.numerics.eels.hydrogenic import LShell, hydrogenic_continuum
from lithoscope.numerics.eels.hydrogenic_k import hydrogenic_k_continuum
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.eels.lowpass import Shape as LowPassShape
from lithoscope.numerics.eels.oscillator_strength import OscillatorStrengths, joined_continua, tabulated_continuum
from lithoscope.numerics.eels.window_search import SlopeScore, WindowGrid

SlopeScale = Literal["relative", "barn_per_eV"]
Theory = Literal["hydrogenic", "photo_absorption", "table"]
#: Tables of oscillator strengths, one a subshell.
Strengths = tuple[LabelledArray, ...]
#: Theory is computed this far beyond the last window [eV].
MARGIN_EV = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSettings:
    """
    How the background of one K or L edge is searched.

    Parameters
    ----------
    shell : {"K", "L"}
        Shell that is ionised.
    atomic_number : int
        Z [1].
    onset_eV : float
        Onset of K or L3 [eV].
    onset_L2_eV, onset_L1_eV, screening_exponent : float or None
        Onset of L2 [eV]; the others as of `LShell`; of an L shell only.
    theory : {"hydrogenic", "photo_absorption", "table"} or None
        What tells the slope behind the edge; None is the tables of strengths where they are given, else the
        hydrogenic model.
    beam_energy_keV, convergence_mrad, collection_mrad
        As of `Beam`.
    region_start_eV, region_stop_eV : float
        Part of the spectra that is worked on, as far as they reach [eV].
    pre_start_eV, pre_end_eV, post_start_eV, post_end_eV : float
        The widest windows in front of the edge and behind it [eV].
    window_play_eV, window_steps
        Each end is moved inwards by up to so much [eV], in so many steps, the widest place included.
    low_pass_per_eV, low_pass_shape
        As of `LowPass`.
    post_weight, largest_pre_slope_per_eV
        As of `SlopeScore`.
    slope_scale : {"relative", "barn_per_eV"}
        Slopes relative to the mean behind the edge, or on the scale of the program that computes the continuum.
    judged_on, continuum_offset
        As of `SlopeScore` and `search_background`.
    neighbour_radius_px : int
        Spectra are averaged with their neighbours this far before the search [px].
    """

    shell: Literal["K", "L"]
    atomic_number: int
    onset_eV: float
    onset_L2_eV: float | None
    onset_L1_eV: float | None
    screening_exponent: float | None
    theory: Theory | None
    beam_energy_keV: float
    convergence_mrad: float
    collection_mrad: float
    region_start_eV: float
    region_stop_eV: float
    pre_start_eV: float
    pre_end_eV: float
    post_start_eV: float
    post_end_eV: float
    window_play_eV: float
    window_steps: int
    low_pass_per_eV: float
    low_pass_shape: LowPassShape
    post_weight: float
    largest_pre_slope_per_eV: float
    slope_scale: SlopeScale
    judged_on: Literal["fitted", "widest"]
    continuum_offset: bool
    neighbour_radius_px: int
    least_counts: float

    def windows(self) -> WindowGrid:
        """Return the windows that are tried."""
        inwards = np.linspace(0, self.window_play_eV, max(self.window_steps, 1))

        def moved(place: float, sign: int) -> tuple[float, ...]:
            return tuple(float(each) for each in place + sign * inwards)

        return WindowGrid(
            moved(self.pre_start_eV, 1),
            moved(self.pre_end_eV, -1),
            moved(self.post_start_eV, 1),
            moved(self.post_end_eV, -1),
        )

    def score(self, axis: EnergyAxis, strengths: Strengths | None = None) -> SlopeScore:
        """Return how a window is judged, theory included."""
        theory = edge_theory(self, strengths)
        post = (self.post_start_eV, self.post_end_eV)
        scale = theory.mean(axis, post) if self.slope_scale == "barn_per_eV" else 1.0
        return SlopeScore(theory, self.post_weight, self.largest_pre_slope_per_eV, scale, self.judged_on)


def edge_theory(settings: EdgeSettings, strengths: Strengths | None = None) -> Continuum:
    """
    Compute the continuum of an edge at the energy and angles of the experiment.

    Raises
    ------
    InvalidSetting, MissingStrengths, OtherStrengths
    """
    beam = Beam(settings.beam_energy_keV, settings.convergence_mrad, settings.collection_mrad)
    last = settings.post_end_eV + MARGIN_EV
    if strengths and settings.theory not in (None, "table"):
        raise InvalidSetting("a table of strengths was given and another theory chosen: choose one of the two")
    if strengths or settings.theory == "table":
        return _of_tables(settings, strengths or (), beam)
    if settings.theory == "photo_absorption":
        return photoabsorption_of_element(settings.atomic_number, onset_eV=settings.onset_eV, beam=beam, last_eV=last)
    if settings.shell == "K":
        return hydrogenic_k_continuum(settings.atomic_number, onset_eV=settings.onset_eV, beam=beam, last_eV=last)
    if settings.onset_L1_eV is None or settings.screening_exponent is None:
        raise InvalidSetting("an L shell needs onset_L1_eV and screening_exponent: give them or choose a preset")
    shell = LShell(settings.atomic_number, settings.onset_eV, settings.onset_L1_eV, settings.screening_exponent)
    return hydrogenic_continuum(shell, beam=beam, last_eV=last)


def _of_tables(settings: EdgeSettings, strengths: Strengths, beam: Beam) -> Continuum:
    """Add the tabulated subshells of the edge, each at its own onset."""
    first, *_ = subshells = ("K1",) if settings.shell == "K" else ("L3", "L2", "L1")
    symbol = SYMBOLS.get(settings.atomic_number, "")
    wanted = {f"{symbol} {name}": onset for name, onset in zip(subshells, _onsets(settings), strict=True)}
    given = {array.name: array for array in strengths}
    if foreign := sorted(set(given) - set(wanted)):
        raise OtherStrengths(
            f"the table {foreign[0]} is not of the {settings.shell} shell of {symbol}: choose {' or '.join(wanted)}"
        )
    if f"{symbol} {first}" not in given:
        raise MissingStrengths(
            f"the theory is to be a table, and that of {symbol} {first} is not there: give it as 'strengths'"
        )
    found: Continuum | None = None
    for name, onset in wanted.items():
        if name in given and onset is not None:
            table = tabulated_continuum(OscillatorStrengths.of(given[name], onset_eV=onset), beam=beam)
            found = table if found is None else joined_continua(found, table)
    assert found is not None  # noqa: S101 - the first subshell is there and has an onset
    return found


def _onsets(settings: EdgeSettings) -> tuple[float | None, ...]:
    """Return where the subshells of the edge begin [eV], the one that it begins with first."""
    if settings.shell == "K":
        return (settings.onset_eV,)
    return settings.onset_eV, settings.onset_L2_eV, settings.onset_L1_eV
