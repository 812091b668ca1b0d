"""Energy-loss spectra with their zero-loss peaks at 0 eV."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, Port
from lithoscope.methods.eels_parts import LOW_LOSS, SPECTRA, least_counts, map_port, search, spectra_port


class EelsAlignParams(Params):
    """Where the zero-loss peak is sought."""

    advanced: ClassVar[frozenset[str]] = frozenset({"least_counts"})

    search_eV: float = search()
    least_counts: float = least_counts()


METHOD = Method(
    id="eels_align",
    version="1",
    title="Energy loss: align zero-loss peaks",
    technique="eels",
    reference="Egerton 2011, section 4.2, doi:10.1007/978-1-4419-9583-4; Oh et al., ADF-EDS-EELS tomography, Methods",
    inputs=(
        LOW_LOSS,
        Port("core_loss", kind="spectra", axes=SPECTRA, unit="", optional=True, title="Core loss of the same pixels"),
    ),
    outputs=(
        spectra_port("low_loss", "Low loss, zero-loss peak at 0 eV"),
        Port(
            "core_loss",
            kind="spectra",
            axes=SPECTRA,
            unit="",
            optional=True,
            like="core_loss",
            title="Core loss, moved by the same drift",
        ),
        map_port("position", "Where the zero-loss peak was", unit="eV"),
        Port("drift", kind="scalar", unit="eV", title="Mean position of the zero-loss peak"),
        Port("scatter", kind="scalar", unit="eV", title="Scatter of the positions"),
        Port("rejected", kind="scalar", title="Pixels without a zero-loss peak"),
    ),
    params=EelsAlignParams,
    compute="lithoscope.numerics.eels.low_loss_maps:align_spectra",
    example="lithoscope.numerics.eels.examples:low_and_core",
    calibration=("low_loss_energy", "core_loss_energy"),
)
