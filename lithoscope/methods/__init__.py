"""One file per analysis: its parameters and its METHOD declaration."""

from lithoscope.methods.base import Method, Params, Port, catalogue, choice, listed, preset_quantity, quantity, resolve

__all__ = ["Method", "Params", "Port", "catalogue", "choice", "listed", "preset_quantity", "quantity", "resolve"]
