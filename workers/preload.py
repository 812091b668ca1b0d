"""
What the fork server imports once, so that a job starts with everything in memory.

It must stay single-threaded: BLAS is told to start no threads before it is loaded, and nothing is computed here.
"""

import gc
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", "1")

import importlib
import pkgutil

import lithoscope.analysis
import lithoscope.readers
import lithoscope.writers
import workers.child  # noqa: F401
from lithoscope.methods import catalogue, resolve

_HEAVY = (
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
        importlib.import_module(name)
    for package in (lithoscope.readers, lithoscope.writers):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    for method in catalogue().values():
        resolve(method.compute)
    gc.collect()
    gc.freeze()  # pages shared with the children stay shared


warm()
