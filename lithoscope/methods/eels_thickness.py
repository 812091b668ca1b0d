"""Thickness in mean free paths from low-loss spectra."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, Port, quantity
from lithoscope.methods.eels_parts import LOW_LOSS, POSITION, least_counts, map_port, search


class EelsThicknessParams(Params):
    """Where the zero-loss peak is sought, and how wide it is."""

    advanced: ClassVar[frozenset[str]] = frozenset({"least_counts", "search_eV"})

    zero_loss_half_width_eV: float = quantity(
        2.5,
        unit="eV",
        title="Half width of the zero-loss peak",
        help="Electrons nearer than this to 0 eV count as having lost nothing.",
        gt=0,
        le=50,
    )
    search_eV: float = search()
    least_counts: float = least_counts()


METHOD = Method(
    id="eels_thickness",
    version="1",
    title="Energy loss: thickness map",
    technique="eels",
    reference="Malis, Cheng and Egerton 1988, doi:10.1002/jemt.1060080206",
    inputs=(LOW_LOSS, POSITION),
    outputs=(
        map_port("t_over_lambda", "Thickness over the inelastic mean free path"),
        map_port("uncertainty", "Its standard uncertainty from counting"),
        Port("mean", kind="scalar", title="Mean thickness over the mean free path"),
        Port("invalid", kind="scalar", title="Pixels left out"),
    ),
    params=EelsThicknessParams,
    compute="lithoscope.numerics.eels.low_loss_maps:thickness_map",
    example="lithoscope.numerics.eels.examples:low_loss",
    calibration=("low_loss_energy",),
)
