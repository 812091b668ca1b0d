"""What a tomogram resolves: shell correlation of its halves, and its response to a step."""

from lithoscope.methods.base import Method, Port, quantity
from lithoscope.methods.tomogram_parts import ALONG_Y, EngineParams


class TomogramResolutionParams(EngineParams):
    """
    The engine and settings of the tomogram that is judged.

    Both halves of the tilts are reconstructed with them, and a step at the particle's surface is projected at all tilts
    and reconstructed without noise. Settings that name an engine concern no other.
    """

    below_surface_nm: float = quantity(
        0.0, unit="nm", title="Depth of the planted step", help="0 for the surface itself.", ge=0, le=10_000
    )


def _nm(name: str, title: str) -> Port:
    return Port(name, kind="scalar", unit="nm", title=title)


METHOD = Method(
    id="tomogram_resolution",
    version="1",
    title="Tomogram: resolution",
    technique="tomography",
    reference="Rosenthal and Henderson 2003, doi:10.1016/j.jmb.2003.07.013 (0.143); Harauz and van Heel 1986; "
    "Crowther et al. 1970, doi:10.1098/rspa.1970.0119; Radermacher 1988, doi:10.1002/jemt.1060090405",
    inputs=(
        Port("projections", kind="tilt_series", axes="tyx", unit="", title="Aligned tilt series without background"),
        Port("particle", kind="labels", axes="zyx", title="Particle in the tomogram"),
    ),
    outputs=(
        Port("correlation", kind="table", title="Fourier shell correlation, inside and outside the missing wedge"),
        Port("response", kind="table", title="Response to a step at the surface"),
        _nm("resolution", "Resolution, shell correlation below 0.143"),
        _nm("resolution_half", "Resolution, shell correlation below 1/2"),
        _nm("covered_resolution", "The first in directions of the tilt range"),
        _nm("wedge_resolution", "The first in directions of the missing wedge"),
        _nm("width", "Width of the step from 10 to 90 %"),
        _nm("width_covered", "Its width where the surface faces the tilt range"),
        _nm("width_wedge", "Its width where the surface faces the missing wedge"),
        _nm("crowther", "What the tilt step allows (Crowther)"),
        Port("elongation", kind="scalar", title="Elongation along the beam"),
    ),
    params=TomogramResolutionParams,
    compute="lithoscope.numerics.tomography.resolution_report:tomogram_resolution",
    example="lithoscope.numerics.tomography.phantoms:small_particle",
    calibration=("angles_deg", "pixel_size_nm", "seed"),
    queue="cpu-long",
    presumes=ALONG_Y,
)
