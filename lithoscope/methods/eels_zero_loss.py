"""Where the zero-loss peaks of low-loss spectra lie."""

from lithoscope.methods.base import Method, Params, Port
from lithoscope.methods.eels_parts import LOW_LOSS, least_counts, map_port, search


class EelsZeroLossParams(Params):
    """Where the zero-loss peak is sought. Later steps take the drift off by this map while they read each tilt."""

    search_eV: float = search()
    least_counts: float = least_counts()


METHOD = Method(
    id="eels_zero_loss",
    version="1",
    title="Energy loss: find zero-loss peaks",
    technique="eels",
    reference="Egerton 2011, section 4.2, doi:10.1007/978-1-4419-9583-4; Oh et al., ADF-EDS-EELS tomography, Methods",
    inputs=(LOW_LOSS,),
    outputs=(
        map_port("position", "Where the zero-loss peak is", unit="eV"),
        Port("drift", kind="scalar", unit="eV", title="Mean position of the zero-loss peak"),
        Port("scatter", kind="scalar", unit="eV", title="Scatter of the positions"),
        Port("rejected", kind="scalar", title="Pixels without a zero-loss peak"),
        Port("tilts", kind="table", title="Drift, scatter and rejected pixels of each tilt"),
    ),
    params=EelsZeroLossParams,
    compute="lithoscope.numerics.eels.low_loss_maps:zero_loss_maps",
    example="lithoscope.numerics.eels.examples:low_loss",
    calibration=("low_loss_energy", "angles_deg"),
)
