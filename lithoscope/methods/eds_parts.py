"""Ports and fields that the methods of X-rays share."""

from typing import Annotated, Any

from pydantic import StringConstraints

from lithoscope.methods.base import Port, choice

SPECTRA, MAPS, ROWS = ("yxe", "tyxe"), ("cyx", "ctyx"), ("yx", "tyx")
#: A list in one line: families, elements with numbers, angles.
Words = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f]*$")]


def maps_port(name: str, title: str, *, unit: str, optional: bool = False) -> Port:
    """Declare maps of families: of an image, or of every tilt."""
    return Port(name, kind=("image", "tilt_series"), axes=MAPS, unit=unit, optional=optional, title=title)


def volumes_port(name: str, title: str, *, unit: str, optional: bool = False) -> Port:
    """Declare volumes, one for each element."""
    return Port(name, kind="volume", axes="czyx", unit=unit, optional=optional, title=title)


def words(default: str | None, *, title: str, help_: str) -> Any:
    """Declare a list written in one line."""
    return choice(default, title=title, help=help_)
