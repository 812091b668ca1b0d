"""
What the fork server imports once, so that a job starts with everything in memory.

It must stay single-threaded: BLAS is told to start no threads before it is loaded, and nothing is computed here.
Until everything is in memory the fork server hears nothing, so between two imports it asks whether its worker still is.
"""

import gc
import importlib
import os
import pkgutil
import sys
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", "1")

_WORKER = os.getppid()
_HEAVY = (
    "lithoscope.analysis",
    "workers.child",
    "h5py",
    "tifffile",
    "zarr",
    "zarr.codecs",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.fft",
    "PIL.Image",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "PIL.PngImagePlugin",
    "workers.bodies",
    "workers.trees",
)


def warm() -> None:
    """Import what jobs need: the libraries, every reader and writer, and the function of every method."""
    for name in _HEAVY:
        _take(name)
    for package in ("lithoscope.readers", "lithoscope.writers"):
        for module in pkgutil.iter_modules(_take(package).__path__):
            _take(f"{package}.{module.name}")
    methods = _take("lithoscope.methods")
    for method in methods.catalogue().values():
        _end_if_alone()
        methods.resolve(method.compute)
    gc.collect()
    gc.freeze()  # pages shared with the children stay shared


def _take(name: str) -> Any:
    _end_if_alone()
    return importlib.import_module(name)


def _end_if_alone() -> None:
    if os.getppid() != _WORKER:
        sys.exit(0)


warm()
