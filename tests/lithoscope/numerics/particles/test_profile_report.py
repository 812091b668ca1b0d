"""Depth profiles as tables: what they say, what they leave out, and that they can be read back."""

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.particles import depth_profile, depth_shells
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.examples import ELEMENTS, ball, composition
from lithoscope.numerics.particles.profile_report import profile_particle, read_profiles
from lithoscope.numerics.particles.standard_errors import shell_errors
from lithoscope.tables import Table


def profiled(volumes=None, names=(ELEMENTS,), units=("at%",), **settings):
    volumes = (composition(),) if volumes is None else volumes
    return profile_particle(ball(), volumes, 4.0, volumes_names=names, volumes_units=units, **settings)


def test_the_table_holds_what_the_shells_hold():
    table = profiled(particle_name="pristine 1", cycles=0).profiles
    direct = depth_profile(ball(), composition(), step_nm=4.0, names=ELEMENTS)
    assert table.columns["Mn"][0] == pytest.approx(direct.mean[1, 0])
    errors = shell_errors(composition(), depth_shells(ball()), direct.mean, direct.sd)
    assert table.columns["Mn_standard_error"][0] == pytest.approx(errors[1, 0])
    assert profiled().surface.columns["surface_standard_error"][1] == pytest.approx(errors[1, 0])
    assert table.columns["depth_nm"][:2] == [2.0, 6.0]
    assert set(table.columns["particle"]) == {"pristine 1"}
    assert set(table.columns["cycles"]) == {0}
    assert table.units["Mn"] == table.units["Mn_sd"] == "at%"


def test_a_profile_reads_back_as_it_was():
    found = profiled().profiles
    again, direct = read_profiles(found), depth_profile(ball(), composition(), step_nm=4.0, names=ELEMENTS)
    shown = direct.is_shown
    np.testing.assert_allclose(again.mean[shown], direct.mean[shown])
    assert again.names == direct.names
    assert again.step_nm == direct.step_nm
    kept = direct.n * shown
    np.testing.assert_allclose(again.whole_mean, (np.nan_to_num(direct.mean) * kept).sum(1) / kept.sum(1))


def test_every_voxel_of_the_particle_counts_once():
    again = read_profiles(profiled(least_voxels=1).profiles)
    inside = ball() > 0
    np.testing.assert_allclose(again.whole_mean, composition()[:, inside].mean(axis=1))
    np.testing.assert_allclose(again.whole_sd, composition()[:, inside].std(axis=1, ddof=1))


def test_voxels_without_a_value_are_left_out_and_told():
    volume = composition()
    volume[0, ball() > 0] = np.where(np.arange((ball() > 0).sum()) % 2, np.nan, 50.0)
    found = profiled((volume,))
    assert found.profiles.columns["O"][0] == 50.0
    assert found.profiles.columns["O_missing"][0] > 0
    assert any(note.startswith("voxels-without-value: O") for note in found.notes)


def test_small_shells_keep_their_number_and_lose_their_mean():
    table = profiled(least_voxels=20).profiles.columns
    assert table["O"][-1] is None
    assert 0 < table["O_n"][-1] < 20


def test_maps_of_several_volumes_stand_side_by_side_and_one_unit_is_drawn():
    valence = 3.5 * np.ones(ball().shape)
    table = profiled((composition(), valence), (ELEMENTS, ("Mn valence",)), ("at%", "1")).profiles
    assert table.columns["Mn valence"][0] == 3.5
    assert [line.y for line in table.plot.lines] == list(ELEMENTS)


def test_surface_and_whole_particle_have_a_row_each_map():
    surface = profiled().surface
    assert surface.columns["map"] == list(ELEMENTS)
    assert surface.units["surface_mean"] == "at%"
    assert sum(surface.columns["whole_mean"]) == pytest.approx(100.0)


def test_foreign_shapes_names_and_tables_are_refused():
    with pytest.raises(WrongShape, match="another shape"):
        profiled((np.ones((3, 3, 3)),), (("a",),))
    with pytest.raises(ProfileMismatch, match="two maps"):
        profiled((composition(), composition()), (ELEMENTS, ELEMENTS), ("at%", "at%"))
    with pytest.raises(InvalidSetting, match="cycles"):
        profiled(cycles=-1)
    with pytest.raises(ProfileMismatch, match="no depth profile"):
        read_profiles(Table({"a": [1]}, {"a": "1"}))


def test_every_voxel_has_the_depth_its_shell_has_in_the_profile():
    found = profiled()
    depths = found.depth[np.isfinite(found.depth)]
    assert ((ball() > 0) == np.isfinite(found.depth)).all()
    assert sorted(set(depths.tolist())) == found.profiles.columns["depth_nm"]
