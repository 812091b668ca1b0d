"""Edges in energy-loss spectra: where they lie, which disturb a window, and how a published analysis treated them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class EdgePreset:
    """
    Settings named `paper` for one element: Oh et al., Methods, "EELS data post-processing".

    Slopes and their limit are on the scale of the program that computed the continuum [barn/eV]: multiply slopes of
    spectra normalised to a mean of one by the mean continuum in their window (`slope_scale`) before using the limit.
    """

    holes: tuple[float, ...]
    valences: tuple[float, ...]
    line_window_eV: Window
    continuum_window_eV: Window
    with_nickel_eV: Window | None
    spectrum_window_eV: Window
    low_pass_per_eV: float
    post_weight: float
    largest_pre_slope_per_eV: float
    slope_scale: str = "mean hydrogenic continuum in the post window [barn/eV]"


@cache
def _table() -> dict[str, Any]:
    text = resources.files("lithoscope.rules").joinpath("tables/eels_edges.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def edge_onsets_eV(element: str) -> dict[str, float]:
    """Return the onsets [eV] of an element's edges by subshell."""
    row = _table()[element]
    return {name.split("_")[1]: float(value) for name, value in row.items() if name.startswith("onset_")}


def l_shell(element: str) -> tuple[int, float, float, float]:
    """Return atomic number, L3 and L1 onset [eV] and Egerton's exponent of an element."""
    row = _table()[element]
    return row["atomic_number"], row["onset_L3_eV"], row["onset_L1_eV"], row["screening_exponent"]


def k_shell(element: str) -> tuple[int, float]:
    """Return atomic number and K onset [eV] of an element."""
    row = _table()[element]
    return row["atomic_number"], row["onset_K_eV"]


def paper_preset(element: str) -> EdgePreset:
    """Return the published settings for Mn or Co."""
    row: dict[str, Any] = {"with_nickel_eV": None, **_table()["paper"][element]}
    settings: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    return EdgePreset(**settings)


def edges_within(window_eV: Window, *, elements: tuple[str, ...]) -> list[str]:
    """
    Name the edges that begin within a window: its continuum is not a line where there is one.

    Returns
    -------
    edges : list of str
        Such as ``Ni L3``, by energy.
    """
    found = [(onset, f"{element} {name}") for element in elements for name, onset in edge_onsets_eV(element).items()]
    return [name for onset, name in sorted(found) if window_eV[0] <= onset <= window_eV[1]]


def continuum_window_eV(element: str, *, elements: tuple[str, ...]) -> tuple[Window, list[str]]:
    """
    Choose the continuum window of an element beside others.

    The published Co window, 850-900 eV, holds the L edges of Ni; beside Ni the window in front of them is taken.

    Returns
    -------
    window_eV : (float, float)
        The window [eV].
    disturbed_by : list of str
        Edges of the other elements that begin in it all the same.
    """
    preset = paper_preset(element)
    others = tuple(other for other in elements if other != element)
    window = preset.continuum_window_eV
    if preset.with_nickel_eV is not None and "Ni" in others:
        window = preset.with_nickel_eV
    return window, edges_within(window, elements=others)
