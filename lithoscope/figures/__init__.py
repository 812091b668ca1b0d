"""Figures and films of what was measured: arrays and tables in, pictures with captions out; matplotlib lives here."""

from lithoscope.figures.record import Figure, Film

__all__ = ["Figure", "Film"]
