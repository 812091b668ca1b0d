"""Refusals of the analysis of particles."""

from lithoscope.errors import ScienceError


class ProfileMismatch(ScienceError):
    """Profiles of particles that cannot be averaged: they differ in maps, step or metric of the shells."""

    code = "profile-mismatch"


class NotCounts(ScienceError):
    """Values that are no whole counts: thinning splits events, and fractions of an event are none."""

    code = "not-counts"


class NoLattice(ScienceError):
    """An image too small or too coarse for the spacings that tell the phases apart."""

    code = "no-lattice"
