"""Did the beam change the specimen: the frames repeated at one tilt, compared."""

from typing import Any, ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity
from lithoscope.methods.eels_edge_settings import WINDOWS_EV
from lithoscope.methods.eels_parts import search
from lithoscope.rules.eels_edges import edge_onsets_eV, paper_preset


def _ends(element: str) -> tuple[float, float, float, float]:
    """Return the window before an edge and that of its L3 line, which ends where L2 begins [eV]."""
    before = WINDOWS_EV[element.lower()]
    return before[0], before[1], paper_preset(element).line_window_eV[0], edge_onsets_eV(element)["L2"]


MN_EV, CO_EV = _ends("Mn"), _ends("Co")


def _end(value_eV: float, title: str) -> Any:
    return quantity(value_eV, unit="eV", title=title, gt=0, le=10_000)


class BeamStabilityParams(Params):
    """
    What counts as a change, and which windows make the L3 maps.

    A change is believed where it exceeds what is allowed by more than twice its uncertainty, stability where such a
    change is excluded as surely; else the verdict is 'undecided'.
    """

    advanced: ClassVar[frozenset[str]] = frozenset(
        {
            "mn_pre_start_eV",
            "mn_pre_stop_eV",
            "mn_line_start_eV",
            "mn_line_stop_eV",
            "co_pre_start_eV",
            "co_pre_stop_eV",
            "co_line_start_eV",
            "co_line_stop_eV",
            "search_eV",
        }
    )

    largest_change: float = quantity(
        0.05,
        unit="1",
        title="Largest change",
        help="Of the summed counts of a map, either way, that is still called stable.",
        gt=0,
        lt=1,
    )
    lowest_correlation: float = quantity(
        0.95, unit="1", title="Lowest correlation", help="Of the dark-field frames with the first.", gt=0, lt=1
    )
    elements: Literal["both", "manganese", "cobalt"] = choice("both", title="L3 maps of")
    mn_pre_start_eV: float = _end(MN_EV[0], "Manganese: before the edge, from")
    mn_pre_stop_eV: float = _end(MN_EV[1], "Manganese: before the edge, to")
    mn_line_start_eV: float = _end(MN_EV[2], "Manganese: L3 line, from")
    mn_line_stop_eV: float = _end(MN_EV[3], "Manganese: L3 line, to")
    co_pre_start_eV: float = _end(CO_EV[0], "Cobalt: before the edge, from")
    co_pre_stop_eV: float = _end(CO_EV[1], "Cobalt: before the edge, to")
    co_line_start_eV: float = _end(CO_EV[2], "Cobalt: L3 line, from")
    co_line_stop_eV: float = _end(CO_EV[3], "Cobalt: L3 line, to")
    search_eV: float = search()


METHOD = Method(
    id="beam_stability",
    version="1",
    title="Beam stability: repeated frames compared",
    technique="beam",
    reference="Oh et al., ADF-EDS-EELS tomography, supplementary figure 9",
    inputs=(
        Port(
            "repeat_dark_field", kind="tilt_series", axes="tyx", unit="", title="Dark-field frames of one tilt, by time"
        ),
        Port("repeat_core_loss", kind="spectra", axes="tyxe", unit="", optional=True, title="Their core loss"),
        Port("repeat_low_loss", kind="spectra", axes="tyxe", unit="", optional=True, title="Their low loss"),
    ),
    outputs=(
        Port("verdict", kind="table", title="Verdict and what it rests on"),
        Port("frames", kind="table", title="Correlation and drift of every frame"),
        Port("changes", kind="table", optional=True, title="Change of every map"),
        Port("dark_field", kind="tilt_series", axes="tyx", unit="", title="Dark-field frames without drift"),
        Port("maps", kind="tilt_series", axes="ctyx", unit="counts", optional=True, title="L3 maps without drift"),
        Port("correlation", kind="scalar", title="Lowest correlation of the dark field"),
        Port("change", kind="scalar", title="Largest change of a map"),
    ),
    params=BeamStabilityParams,
    compute="lithoscope.numerics.tomography.stability_report:repeated_frames",
    example="lithoscope.numerics.tomography.phantoms:small_frames",
    calibration=("repeat_core_loss_energy", "repeat_low_loss_energy"),
)
