"""Ports and fields that the methods of particles share."""

from typing import Annotated, Any

from pydantic import StringConstraints

from lithoscope.methods.base import Port, choice, quantity

PARTICLE = Port("particle", kind="labels", axes="zyx", title="Particle, above 0 inside")
COMPOSITION = Port("composition", kind="volume", axes="czyx", unit="at%", title="Composition")
#: What a person calls a particle: one line.
Name = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


def name_field() -> Any:
    """Declare what the particle is called."""
    return choice("", title="Name of the particle", help="Stands in every row, for comparisons.")


def cycles_field() -> Any:
    """Declare how often the particle was cycled."""
    return quantity(
        None,
        unit="1",
        title="Cycles",
        help="Charge-discharge cycles it went through; 0 is pristine.",
        ge=0,
        le=1_000_000,
    )
