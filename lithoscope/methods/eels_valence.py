"""Maps of the valence states of a transition metal."""

from typing import Any, ClassVar, Literal

from pydantic import model_validator

from lithoscope.methods.base import Method, Port, Presets, choice, preset_quantity, quantity
from lithoscope.methods.eels_edge_settings import PRESETS as EDGES
from lithoscope.methods.eels_edge_settings import EdgeSearchParams
from lithoscope.methods.eels_parts import MASKS, POSITION, STRENGTHS, map_port, spectra_port
from lithoscope.rules.eels_edges import edge_onsets_eV, paper_preset

FIT_EV = {"Mn": (632.0, 684.0), "Co": (772.0, 834.0)}


def _preset(name: str) -> dict[str, Any]:
    element, is_paper = name[:2].title(), name.endswith("_paper")
    paper = paper_preset(element)
    free = None if is_paper else paper.with_nickel_eV
    continuum = free or paper.continuum_window_eV
    states = range(len(paper.holes))
    return {
        **{field: value for field, value in EDGES[name].items() if not field.startswith("map_")},
        "fit_start_eV": FIT_EV[element][0],
        "fit_stop_eV": FIT_EV[element][1],
        "line_start_eV": paper.line_window_eV[0],
        "line_stop_eV": paper.line_window_eV[1],
        "continuum_start_eV": continuum[0],
        "continuum_stop_eV": continuum[1],
        "continuum_shape": "line" if is_paper else "steps",
        "solver": "multiplicative" if is_paper else "nnls",
        "model": "deconvolved" if is_paper else "scattered",
        **({"foreign_onset_eV": edge_onsets_eV("Mn")["L1"]} if name == "co" else {}),
        **{f"holes_{state + 1}": paper.holes[state] for state in states},
        **{f"valence_{state + 1}": paper.valences[state] for state in states},
    }


PRESETS: Presets = {name: _preset(name) for name in ("mn", "co", "mn_paper", "co_paper")}
WITH_FOREIGN: Presets = {name: values for name, values in PRESETS.items() if "foreign_onset_eV" in values}
FIRST_TWO: Presets = {name: values for name, values in PRESETS.items() if "holes_3" in values}


def _energy(name: str, title: str, help_: str = "") -> Any:
    return preset_quantity(name, PRESETS, unit="eV", title=title, help=help_, gt=0, le=10_000)


def _state(name: str, title: str, presets: Presets = PRESETS, help_: str = "") -> Any:
    return preset_quantity(name, presets, unit="1", title=title, help=help_, gt=0, le=10)


class EelsValenceParams(EdgeSearchParams):
    """
    How the spectra of an edge are taken apart into references.

    The published window of the Co continuum, 850 to 900 eV, holds the L edges of Ni; preset 'co' keeps in front of
    them. A reference that ends before a window is refused, or continued by a line if you say so. The windows behind the
    edge, their search, the theory and the solver serve the model 'deconvolved' alone: presets 'mn_paper' and 'co_paper'
    choose it, the others fit the counts and leave these fields unread.
    """

    presets: ClassVar[Presets] = PRESETS
    advanced: ClassVar[frozenset[str]] = EdgeSearchParams.advanced | {
        "beyond",
        "holes_1",
        "holes_2",
        "holes_3",
        "continuum_shape",
        "foreign_onset_eV",
        "solver",
        "largest_shift_eV",
    }

    preset: Literal["mn", "co", "mn_paper", "co_paper"] = choice(
        "mn", title="Edge", help="L edge whose numbers are taken where a field is left empty."
    )
    model: Literal["scattered", "deconvolved"] | None = choice(
        None,
        title="Model",
        help="Fit the counts by power laws and references scattered as often as the electrons were; or search a "
        "background, deconvolve and fit, as published, which noise and thickness bias. Left empty: the preset's.",
    )
    foreign_onset_eV: float | None = preset_quantity(
        "foreign_onset_eV",
        WITH_FOREIGN,
        unit="eV",
        title="Onset of a foreign edge",
        help="Weak edge of another element within the fit, whose continuum joins the background: Mn L1 under Co.",
        gt=0,
        le=10_000,
    )
    fit_start_eV: float | None = _energy("fit_start_eV", "Fit from", "Part of the edge that references are fitted to.")
    fit_stop_eV: float | None = _energy("fit_stop_eV", "Fit to")
    line_start_eV: float | None = _energy("line_start_eV", "White lines from")
    line_stop_eV: float | None = _energy("line_stop_eV", "White lines to")
    continuum_start_eV: float | None = _energy("continuum_start_eV", "Continuum from", "Of the references.")
    continuum_stop_eV: float | None = _energy("continuum_stop_eV", "Continuum to")
    continuum_shape: Literal["steps", "line"] | None = choice(
        None, title="Continuum under white lines", help="Steps at both onsets, or a line. Left empty: the preset's."
    )
    beyond: Literal["refuse", "extrapolate"] = choice(
        "refuse", title="References that end early", help="Refuse them, or continue their continuum by a line."
    )
    holes_1: float | None = _state("holes_1", "3d holes of the first reference")
    holes_2: float | None = _state("holes_2", "3d holes of the second")
    holes_3: float | None = _state("holes_3", "3d holes of the third", FIRST_TWO)
    valence_1: float | None = _state("valence_1", "Valence of the first reference", help_="The highest.")
    valence_2: float | None = _state("valence_2", "Valence of the second")
    valence_3: float | None = _state("valence_3", "Valence of the third", FIRST_TWO)
    align_references: bool = choice(
        default=True, title="Align references", help="Seek the one shift of all references that fits best."
    )
    largest_shift_eV: float = quantity(
        2.0, unit="eV", title="Furthest shift", help="Tried to either side.", ge=0, le=20
    )
    solver: Literal["nnls", "multiplicative"] | None = choice(
        None,
        title="Solver",
        help="Exact (nnls), or multiplicative updates of the model 'deconvolved'. Left empty: the preset's.",
    )

    @model_validator(mode="before")
    @classmethod
    def _of_one_model(cls, given: Any) -> Any:
        """Refuse what the chosen model cannot use, before a preset of the other model fills what was left empty."""
        if not isinstance(given, dict):
            return given
        name = given.get("preset", "mn")
        usual = PRESETS.get(name, {}).get("model") if isinstance(name, str) else None
        if (given.get("model") or usual) != "scattered":
            return given
        if given.get("solver") == "multiplicative":
            raise ValueError("the model 'scattered' is solved exactly: leave the solver empty, or choose 'deconvolved'")
        if given.get("theory") is not None:
            raise ValueError("the model 'scattered' needs no theory: leave it empty, or choose 'deconvolved'")
        return given if given.get("solver") else {**given, "solver": "nnls"}


#: Fields by the model that reads them; all others serve both.
SECTIONS = {
    "Of the model 'scattered' alone": ("foreign_onset_eV",),
    "Of the model 'deconvolved' alone: background": (
        "pre_end_eV", "post_start_eV", "post_end_eV", "window_play_eV", "window_steps", "low_pass_per_eV",
        "low_pass_shape", "post_weight", "largest_pre_slope_per_eV", "slope_scale", "judged_on", "continuum_offset",
        "solver",
    ),
    "Of the model 'deconvolved' alone: theory behind the edge": (
        "theory", "beam_energy_keV", "convergence_mrad", "collection_mrad", "shell", "onset_L1_eV",
        "screening_exponent",
    ),
}  # fmt: skip


def _reference(number: int, title: str, *, optional: bool = False) -> Port:
    return Port(f"reference_{number}", kind="spectra", axes="e", unit="", optional=optional, title=title)


METHOD = Method(
    id="eels_valence",
    version="2",
    title="Energy loss: valence maps",
    technique="eels",
    reference="Verbeeck and Van Aert 2004, doi:10.1016/j.ultramic.2004.06.004; as published: Oh et al., ADF-EDS-EELS "
    "tomography, Methods, EELS data post-processing 3); Lee and Seung 1999, doi:10.1038/44565",
    inputs=(
        spectra_port("core_loss", "Core loss"),
        spectra_port("low_loss", "Low loss of the same pixels"),
        _reference(1, "Reference of the highest valence"),
        _reference(2, "Reference of the next"),
        _reference(3, "Reference of the lowest", optional=True),
        POSITION,
        MASKS,
        STRENGTHS,
    ),
    outputs=(
        map_port("fraction_1", "Fraction of the first state"),
        map_port("fraction_2", "Fraction of the second state"),
        map_port("fraction_3", "Fraction of the third state", optional=True),
        map_port("uncertainty_1", "Standard uncertainty of the first fraction"),
        map_port("uncertainty_2", "Standard uncertainty of the second fraction"),
        map_port("uncertainty_3", "Standard uncertainty of the third fraction", optional=True),
        map_port("mean_valence", "Mean valence"),
        Port(
            "atoms",
            kind=("image", "tilt_series"),
            axes=("cyx", "ctyx"),
            title="Atoms of each state, to be reconstructed: any one unit, 0 for rejected pixels",
        ),
        Port("fit", kind="table", title="Mean spectrum, background and the share of each reference"),
        Port("states", kind="table", title="Mean fractions, holes and white lines"),
        Port("shift", kind="scalar", unit="eV", title="Shift of the references"),
        Port("undefined", kind="scalar", title="Pixels left empty"),
    ),
    params=EelsValenceParams,
    compute="lithoscope.numerics.eels.valence_maps:valence_maps",
    example="lithoscope.numerics.eels.examples:with_references",
    calibration=(
        "core_loss_energy",
        "low_loss_energy",
        "reference_1_energy",
        "reference_2_energy",
        "reference_3_energy",
    ),
    queue="cpu-long",
    sections=SECTIONS,
)
