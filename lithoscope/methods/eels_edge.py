"""One edge of a spectrum image without its background."""

from typing import ClassVar

from lithoscope.methods.base import Method, Port, choice
from lithoscope.methods.eels_edge_settings import EdgeSearchParams, window
from lithoscope.methods.eels_parts import MASKS, POSITION, SPECTRA, STRENGTHS, map_port, spectra_port


class EelsEdgeParams(EdgeSearchParams):
    __doc__ = EdgeSearchParams.__doc__

    advanced: ClassVar[frozenset[str]] = EdgeSearchParams.advanced | {"keep_spectra"}

    map_start_eV: float | None = window("map_start_eV", "Map from", "Window whose counts make the map.")
    map_stop_eV: float | None = window("map_stop_eV", "Map to")
    keep_spectra: bool = choice(
        default=True, title="Keep spectra", help="Return the spectra of the edge too, if they take no more than 1 GiB."
    )


METHOD = Method(
    id="eels_edge",
    version="2",
    title="Energy loss: background and map of one edge",
    technique="eels",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods, EELS data post-processing 2); continuum: Egerton 2011, "
    "section 3.6.1, doi:10.1007/978-1-4419-9583-4",
    inputs=(
        spectra_port("core_loss", "Core loss"),
        spectra_port("low_loss", "Low loss of the same pixels"),
        POSITION,
        MASKS,
        STRENGTHS,
    ),
    outputs=(
        Port("spectra", kind="spectra", axes=SPECTRA, unit="", optional=True, title="Single scattering of the edge"),
        map_port("intensity", "Counts of the edge", unit="counts"),
        map_port("score", "Score of the chosen background", unit="eV^-1"),
        Port("mean", kind="table", title="Mean spectra: core loss, background, edge"),
        Port("windows", kind="table", title="How often each combination was chosen"),
        Port("rejected", kind="scalar", title="Pixels without a background within the limits"),
        Port("invalid", kind="scalar", title="Pixels without spectra"),
    ),
    params=EelsEdgeParams,
    compute="lithoscope.numerics.eels.edge_maps:edge_maps",
    example="lithoscope.numerics.eels.examples:low_and_core",
    calibration=("low_loss_energy", "core_loss_energy"),
    queue="cpu-long",
)
