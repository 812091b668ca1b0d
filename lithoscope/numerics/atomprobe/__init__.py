"""Atom probe: what a list of ions shows at first sight."""

from lithoscope.numerics.atomprobe.overview import TITLES, overview

__all__ = ["TITLES", "overview"]
