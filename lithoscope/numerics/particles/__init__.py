"""Particles in three dimensions: masks, shells, profiles, regions, inhomogeneity, phases, and their averages."""

from lithoscope.numerics.particles.capacity import CapacityRetention, capacity_retention
from lithoscope.numerics.particles.comparison import compare_states, profile_figures
from lithoscope.numerics.particles.group_scatter import GroupScatter, group_scatter
from lithoscope.numerics.particles.groups import GroupGradient, GroupProfile, group_profile
from lithoscope.numerics.particles.inhomogeneity import Inhomogeneity, inhomogeneity
from lithoscope.numerics.particles.lattice_phases import LatticePhases, lattice_phases
from lithoscope.numerics.particles.masks import ParticleMask, particle_mask
from lithoscope.numerics.particles.profiles import DepthProfile, depth_profile
from lithoscope.numerics.particles.published import PAPER_OXYGEN, PAPER_THRESHOLDS
from lithoscope.numerics.particles.regions import RichRegions, rich_regions
from lithoscope.numerics.particles.rock_salt import RockSaltFraction, rock_salt_fraction
from lithoscope.numerics.particles.shells import depth_shells
from lithoscope.numerics.particles.thinning import ThinnedMaps, thin_counts, thinned_maps
from lithoscope.numerics.particles.transfer import RecoveredShare, recovered_share

__all__ = [
    "PAPER_OXYGEN",
    "PAPER_THRESHOLDS",
    "CapacityRetention",
    "DepthProfile",
    "GroupGradient",
    "GroupProfile",
    "GroupScatter",
    "Inhomogeneity",
    "LatticePhases",
    "ParticleMask",
    "RecoveredShare",
    "RichRegions",
    "RockSaltFraction",
    "ThinnedMaps",
    "capacity_retention",
    "compare_states",
    "depth_profile",
    "depth_shells",
    "group_profile",
    "group_scatter",
    "inhomogeneity",
    "lattice_phases",
    "particle_mask",
    "profile_figures",
    "recovered_share",
    "rich_regions",
    "rock_salt_fraction",
    "thin_counts",
    "thinned_maps",
]
