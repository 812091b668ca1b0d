"""What the methods that draw a particle have in common."""

from typing import Any

from pydantic import Field

from lithoscope.methods.base import Port

PARTICLE = Port("particle", kind="labels", axes="zyx", title="Particle: what is not 0 is inside")
VOLUMES = Port(
    "volumes",
    kind="volume",
    axes=("czyx", "zyx"),
    unit="",
    many=True,
    title="Maps of it: compositions, valences, dark field",
)
CALIBRATION = ("pixel_size_nm", "volumes_names", "volumes_units")
REFERENCE = "Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods, 3D visualization; figures 2 and 3"
_SPAN = r"[A-Za-z][A-Za-z0-9+_ ]{0,39} -?[0-9]+([.][0-9]+)?[.][.]-?[0-9]+([.][0-9]+)?"


def colour_limits() -> Any:
    """Declare the parameter that says between which values maps are coloured."""
    return Field(
        "paper",
        title="Colour limits",
        description="paper: the published ones, else from smallest to largest value; own: of each map, without its "
        "outermost hundredth; or written out for some: O 0..80, Mn 0..16.7",
        pattern=f"^(paper|own|{_SPAN}(, ?{_SPAN})*)$",
        max_length=400,
    )
