"""Writers of the simulated microscope: small files of real formats by the standard library, each unlike any other."""

from lithoscope.client.simulator.formats.acquisition import Acquisition
from lithoscope.client.simulator.formats.emsa import emsa
from lithoscope.client.simulator.formats.mrc import mdoc, mrc
from lithoscope.client.simulator.formats.template import like
from lithoscope.client.simulator.formats.tiff import tiff
from lithoscope.client.simulator.formats.velox import velox

__all__ = ["Acquisition", "emsa", "like", "mdoc", "mrc", "tiff", "velox"]
