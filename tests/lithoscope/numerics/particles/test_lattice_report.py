"""Phases of an atomic-resolution image: labels with the step of their pieces, shares, and what the image hides."""

import numpy as np
import pytest

from lithoscope.numerics.particles.crystals import crystals
from lithoscope.numerics.particles.examples import atomic_image
from lithoscope.numerics.particles.lattice_report import map_phases
from lithoscope.numerics.particles.phantoms import lattice_image


def named(found) -> dict[str, float]:
    return dict(zip(found.shares.columns["phase"], found.shares.columns["share_percent"], strict=True))


def test_rock_salt_is_told_and_the_map_has_the_step_of_its_pieces():
    found = map_phases(**atomic_image())
    assert named(found)["rock_salt"] == 100
    assert found.phases.spacing["x"].value == pytest.approx(1.5)
    assert len(found.pieces.columns["phase"]) == found.phases.values.size


def test_an_image_stretched_beyond_its_calibration_is_said():
    zone = crystals()["rock_salt"].zones[0]
    image = lattice_image("rock_salt", zone=zone, shape=(96, 96), pixel_nm=0.05, stretched=1.03)
    notes = map_phases(image, 0.05).notes
    assert any(note.startswith(("scale-off: spacings are +3", "phase-undetermined")) for note in notes)


def test_noise_has_no_lattice():
    noise = np.random.default_rng(0).normal(size=(96, 96))
    found = map_phases(noise, 0.05)
    assert named(found)["rock_salt"] == named(found)["layered"] == 0
