"""A digital twin of simultaneous tomography: a particle of which all is known, and everything measured of it."""

from lithoscope.numerics.twins.digitised import digitised_state
from lithoscope.numerics.twins.edges import EDGES, EdgeState, MetalEdge, edge_barn, references
from lithoscope.numerics.twins.experiment import Experiment, ScanTruth, TiltScan, experiment
from lithoscope.numerics.twins.particle import NcmParticle, ncm_particle
from lithoscope.numerics.twins.settings import (
    PAPER,
    DarkField,
    ExperimentSettings,
    Losses,
    Probe,
    Stage,
    XRays,
)
from lithoscope.numerics.twins.small import small_particle, small_settings
from lithoscope.numerics.twins.states import STATES, CyclingState, DepthLaw, uniform_state
from lithoscope.numerics.twins.truths import PlantedFigures, planted_figures

__all__ = [
    "EDGES",
    "PAPER",
    "STATES",
    "CyclingState",
    "DarkField",
    "DepthLaw",
    "EdgeState",
    "Experiment",
    "ExperimentSettings",
    "Losses",
    "MetalEdge",
    "NcmParticle",
    "PlantedFigures",
    "Probe",
    "ScanTruth",
    "Stage",
    "TiltScan",
    "XRays",
    "digitised_state",
    "edge_barn",
    "experiment",
    "ncm_particle",
    "planted_figures",
    "references",
    "small_particle",
    "small_settings",
    "uniform_state",
]
