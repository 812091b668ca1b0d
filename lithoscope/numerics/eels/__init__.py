"""Electron energy-loss spectra: drift, background, plural scattering, thickness and valence."""

from lithoscope.numerics.eels.averaging import neighbour_mean
from lithoscope.numerics.eels.background import fit_background
from lithoscope.numerics.eels.continuum import photoabsorption_continuum
from lithoscope.numerics.eels.deconvolution import fourier_ratio
from lithoscope.numerics.eels.hydrogenic import hydrogenic_continuum
from lithoscope.numerics.eels.oscillator_strength import tabulated_continuum
from lithoscope.numerics.eels.references import atoms_per_weight, prepare_references, white_lines
from lithoscope.numerics.eels.thickness import log_ratio_thickness
from lithoscope.numerics.eels.uncertainty import weight_covariance
from lithoscope.numerics.eels.valence import multiplicative_weights, nonnegative_weights, valence_fractions
from lithoscope.numerics.eels.window_search import search_background
from lithoscope.numerics.eels.zero_loss import covered_axis, find_zero_loss, shift_spectra

__all__ = [
    "atoms_per_weight",
    "covered_axis",
    "find_zero_loss",
    "fit_background",
    "fourier_ratio",
    "hydrogenic_continuum",
    "log_ratio_thickness",
    "multiplicative_weights",
    "neighbour_mean",
    "nonnegative_weights",
    "photoabsorption_continuum",
    "prepare_references",
    "search_background",
    "shift_spectra",
    "tabulated_continuum",
    "valence_fractions",
    "weight_covariance",
    "white_lines",
]
