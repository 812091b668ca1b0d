"""X-ray spectra and maps: line families, background, absorption, k-factors and composition."""

from lithoscope.numerics.eds.absorption import SUPER_X, Detector, attenuation_per_voxel, mean_transmission, transmission
from lithoscope.numerics.eds.calibration import refined_response
from lithoscope.numerics.eds.fitting import FitDesign, fit_families
from lithoscope.numerics.eds.lines import line_families, line_family, mass_absorption_cm2_g
from lithoscope.numerics.eds.normalisation import normalised_maps, tilt_factors
from lithoscope.numerics.eds.quantification import (
    atomic_percent,
    given_k_factors,
    k_uncertainty,
    particle_sums,
    reference_compositions,
    reference_k_factors,
)
from lithoscope.numerics.eds.response import Response, live_fraction, sum_detectors, without_strobe
from lithoscope.numerics.eds.self_absorption import Absorber, density_from_adf, ray_transmission
from lithoscope.numerics.eds.smoothing import smooth_maps
from lithoscope.numerics.eds.tomography import Preparation, each_map, reconstruct_composition
from lithoscope.numerics.eds.windows import LineWindow, window_maps

__all__ = [
    "SUPER_X",
    "Absorber",
    "Detector",
    "FitDesign",
    "LineWindow",
    "Preparation",
    "Response",
    "atomic_percent",
    "attenuation_per_voxel",
    "density_from_adf",
    "each_map",
    "fit_families",
    "given_k_factors",
    "k_uncertainty",
    "line_families",
    "line_family",
    "live_fraction",
    "mass_absorption_cm2_g",
    "mean_transmission",
    "normalised_maps",
    "particle_sums",
    "ray_transmission",
    "reconstruct_composition",
    "reference_compositions",
    "reference_k_factors",
    "refined_response",
    "smooth_maps",
    "sum_detectors",
    "tilt_factors",
    "transmission",
    "window_maps",
    "without_strobe",
]
