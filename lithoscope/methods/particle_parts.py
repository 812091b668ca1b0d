"""Ports and words that the methods of particles share."""

from typing import Annotated

from pydantic import StringConstraints

from lithoscope.methods.base import Port

PARTICLE = Port("particle", kind="labels", axes="zyx", title="Particle, above 0 inside")
#: What a person calls a particle: one line.
Name = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
