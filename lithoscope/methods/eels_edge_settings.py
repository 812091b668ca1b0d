"""How the background of an edge is searched: one preset an element, and the published ones beside them."""

from typing import Any, ClassVar, Literal

from lithoscope.methods.base import Params, Presets, choice, preset_quantity, quantity
from lithoscope.methods.eels_parts import least_counts
from lithoscope.rules.eels_edges import edge_onsets_eV, k_shell, l_shell, paper_preset

#: Widest windows of an edge: before it, behind it, region worked on, map. They stay clear of Mn L1 (769 eV) under Co
#: and of Ni L3 (855 eV) behind Co, and those of O clear of Mn L3; the published ones of Co do not.
WINDOWS_EV: dict[str, tuple[float, ...]] = {
    "o": (470.0, 525.0, 565.0, 622.0, 462.0, 630.0, 527.0, 560.0),
    "mn": (602.0, 635.0, 705.0, 764.0, 598.0, 767.0, 635.0, 666.0),
    "co": (718.5, 766.0, 808.0, 848.0, 716.0, 849.0, 770.0, 805.0),
    "ni": (808.0, 848.0, 905.0, 950.0, 806.0, 951.0, 848.0, 885.0),
    "mn_paper": (600.0, 635.0, 705.0, 755.0, 600.0, 766.65, 635.0, 666.0),
    "co_paper": (718.5, 774.0, 850.0, 900.0, 718.5, 907.05, 770.0, 805.0),
}
NAMES = (
    "pre_start_eV", "pre_end_eV", "post_start_eV", "post_end_eV", "region_start_eV", "region_stop_eV",
    "map_start_eV", "map_stop_eV",
)  # fmt: skip
K_SHELL = ("atomic_number", "onset_eV")
L_SHELL = (*K_SHELL, "onset_L1_eV", "screening_exponent")
LOW_PASS_PER_EV = {"O": 0.36, "Mn": 0.36, "Co": 0.32, "Ni": 0.32}


def _preset(name: str) -> dict[str, Any]:
    element = name.partition("_")[0].title()
    shell = (
        dict(zip(K_SHELL, k_shell(element), strict=True))
        if element == "O"
        else {**dict(zip(L_SHELL, l_shell(element), strict=True)), "onset_L2_eV": edge_onsets_eV(element)["L2"]}
    )
    values: dict[str, Any] = {
        **dict(zip(NAMES, WINDOWS_EV[name], strict=True)),
        **shell,
        "shell": "K" if element == "O" else "L",
        "low_pass_per_eV": LOW_PASS_PER_EV[element],
        "post_weight": 1.0,
        "largest_pre_slope_per_eV": 0.05,
        "slope_scale": "relative",
        "judged_on": "widest",
        "continuum_offset": True,
    }
    if name.endswith("_paper"):
        paper = paper_preset(element)
        values |= {
            "post_weight": paper.post_weight,
            "largest_pre_slope_per_eV": paper.largest_pre_slope_per_eV,
            "slope_scale": "barn_per_eV",
            "judged_on": "fitted",
            "continuum_offset": False,
        }
    return values


PRESETS: Presets = {name: _preset(name) for name in WINDOWS_EV}
L_EDGES: Presets = {name: values for name, values in PRESETS.items() if values["shell"] == "L"}


def window(name: str, title: str, help_: str = "") -> Any:
    """Declare one end of a window."""
    return preset_quantity(name, PRESETS, unit="eV", title=title, help=help_, gt=0, le=10_000)


class EdgeSearchParams(Params):
    """
    How the background of an edge is searched.

    Presets 'mn_paper' and 'co_paper' are the published settings; their slopes are in barn/eV, on the scale of the
    program that computes the continuum. The others judge slopes relative to the edge and give the continuum an offset.
    """

    presets: ClassVar[Presets] = PRESETS
    advanced: ClassVar[frozenset[str]] = frozenset(
        {
            "window_play_eV",
            "window_steps",
            "low_pass_per_eV",
            "low_pass_shape",
            "post_weight",
            "largest_pre_slope_per_eV",
            "slope_scale",
            "judged_on",
            "continuum_offset",
            "neighbour_radius_px",
            "atomic_number",
            "shell",
            "onset_eV",
            "onset_L2_eV",
            "onset_L1_eV",
            "screening_exponent",
            "theory",
            "least_counts",
        }
    )

    preset: Literal["o", "mn", "co", "ni", "mn_paper", "co_paper"] = choice(
        "mn", title="Edge", help="Edge whose numbers are taken where a field is left empty."
    )
    beam_energy_keV: float = quantity(
        300.0, unit="keV", title="Beam energy", help="Of the theory behind the edge; 300 in the paper.", gt=0, le=1500
    )
    convergence_mrad: float = quantity(
        25.2, unit="mrad", title="Convergence semi-angle", help="25.2 in the paper.", ge=0, le=500
    )
    collection_mrad: float = quantity(
        100.0, unit="mrad", title="Collection semi-angle", help="100 in the paper.", gt=0, le=500
    )
    region_start_eV: float | None = window(
        "region_start_eV", "Spectra from", "Part of the spectra worked on, as far as they reach."
    )
    region_stop_eV: float | None = window("region_stop_eV", "Spectra to")
    pre_start_eV: float | None = window("pre_start_eV", "Window before the edge from", "Tried here and further in.")
    pre_end_eV: float | None = window("pre_end_eV", "Window before the edge to")
    post_start_eV: float | None = window("post_start_eV", "Window behind the edge from")
    post_end_eV: float | None = window("post_end_eV", "Window behind the edge to")
    window_play_eV: float = quantity(
        9.0, unit="eV", title="Play", help="Each end of a window is moved inwards by up to this.", ge=0, le=100
    )
    window_steps: int = quantity(
        3, unit="1", title="Steps", help="Places tried for each end; combinations grow by its fourth power.", ge=1, le=6
    )
    low_pass_per_eV: float | None = preset_quantity(
        "low_pass_per_eV", PRESETS, unit="eV^-1", title="Low-pass", help="Finer detail is left out.", gt=0, le=10
    )
    low_pass_shape: Literal["gaussian", "raised_cosine"] = choice("gaussian", title="Shape of the low-pass")
    post_weight: float | None = preset_quantity(
        "post_weight", PRESETS, unit="1", title="Weight of the slope behind the edge", help="C_w.", ge=0, le=1000
    )
    largest_pre_slope_per_eV: float | None = preset_quantity(
        "largest_pre_slope_per_eV",
        PRESETS,
        unit="eV^-1",
        title="Steepest rest before the edge",
        help="Steeper backgrounds are discarded.",
        gt=0,
        le=10,
    )
    slope_scale: Literal["relative", "barn_per_eV"] | None = choice(
        None, title="Scale of slopes", help="Left empty: that of the preset."
    )
    judged_on: Literal["fitted", "widest"] | None = choice(
        None, title="Slopes judged on", help="Each combination's own windows or the widest. Left empty: the preset's."
    )
    continuum_offset: bool | None = choice(
        None, title="Offset of the continuum", help="Without it the published formula. Left empty: the preset's."
    )
    neighbour_radius_px: int = quantity(
        1, unit="px", title="Mean over neighbours", help="1 averages 3 x 3 pixels, 0 none.", ge=0, le=10
    )
    atomic_number: int | None = preset_quantity(
        "atomic_number", PRESETS, unit="1", title="Atomic number", help="Of the theory behind the edge.", ge=2, le=100
    )
    shell: Literal["K", "L"] | None = choice(
        None, title="Shell", help="Shell that is ionised. Left empty: the preset's."
    )
    onset_eV: float | None = preset_quantity("onset_eV", PRESETS, unit="eV", title="Onset of K or L3", gt=0)
    onset_L2_eV: float | None = preset_quantity("onset_L2_eV", L_EDGES, unit="eV", title="Onset of L2", gt=0, le=10_000)
    onset_L1_eV: float | None = preset_quantity("onset_L1_eV", L_EDGES, unit="eV", title="Onset of L1", gt=0)
    screening_exponent: float | None = preset_quantity(
        "screening_exponent", L_EDGES, unit="1", title="Egerton's screening exponent", ge=0, le=1
    )
    theory: Literal["hydrogenic", "photo_absorption", "table"] | None = choice(
        None,
        title="Theory behind the edge",
        help="Hydrogen-like wave functions, tabulated photo-absorption of the atom, or your own table of oscillator "
        "strengths, given as an input. Left empty: the table where one is given, else hydrogen-like.",
    )
    least_counts: float = least_counts()
