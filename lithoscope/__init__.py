"""Lithoscope: data, dose and analysis of battery-materials microscopy; ``lithoscope.Client`` speaks to a service."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lithoscope.client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> Any:
    """Import the client when it is first asked for: the library itself needs no HTTP."""
    if name == "Client":
        from lithoscope.client import Client

        return Client
    raise AttributeError(f"module 'lithoscope' has no attribute {name!r}")
