"""What methods of energy loss share: spectra as inputs and outputs, maps, and how zero-loss peaks are sought."""

from typing import Any

from lithoscope.methods.base import Port, quantity

SPECTRA, MAPS = ("yxe", "tyxe"), ("yx", "tyx")
LOW_LOSS = Port("low_loss", kind="spectra", axes=SPECTRA, unit="", title="Low loss")

POSITION = Port(
    "position",
    kind=("image", "tilt_series"),
    axes=MAPS,
    unit="eV",
    optional=True,
    title="Where the zero-loss peaks lie: taken off while reading; leave empty for spectra aligned before",
)
MASKS = Port("masks", kind="labels", axes=MAPS, optional=True, title="Pixels of the object; leave empty to look at all")

STRENGTHS = Port(
    "strengths",
    kind="spectra",
    axes="ce",
    unit="eV^-1",
    optional=True,
    many=True,
    whole=True,
    title="Your own table of oscillator strengths (GOSH): the subshells of the edge, such as Mn L3 and Mn L2",
)


def spectra_port(name: str, title: str) -> Port:
    """Declare spectra of an image or of every tilt."""
    return Port(name, kind="spectra", axes=SPECTRA, unit="", title=title)


def map_port(name: str, title: str, *, unit: str = "1", optional: bool = False) -> Port:
    """Declare a map: an image, or one of every tilt."""
    return Port(name, kind=("image", "tilt_series"), axes=MAPS, unit=unit, optional=optional, title=title)


def search() -> Any:
    """Declare how far from 0 eV the zero-loss peak is sought."""
    return quantity(
        10.0,
        unit="eV",
        title="Search range",
        help="The zero-loss peak is sought this far on both sides of 0 eV.",
        gt=0,
        le=200,
    )


def least_counts() -> Any:
    """Declare which negative counts are allowed."""
    return quantity(
        0.0,
        unit="counts",
        title="Least counts",
        help="Counts below this are refused; below zero only where a dark level was taken off, whose noise remains.",
        le=0,
    )
