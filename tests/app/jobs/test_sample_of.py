"""Which sample a job is about."""

from app.lab.jobs.inputs import Input
from app.lab.jobs.service import sample_of


def given(sample_id: str | None) -> Input:
    return Input("ds_1/spectra", "ds_1", "prj_1", sample_id, "")


def test_a_reference_of_no_sample_leaves_a_job_with_the_sample_of_its_data():
    assert sample_of({"core_loss": given("smp_1"), "reference": given(None)}) == "smp_1"


def test_a_job_over_two_samples_or_a_stranger_among_its_particles_is_about_none():
    assert sample_of({"volume": given("smp_1"), "particle": given("smp_2")}) is None
    assert sample_of({"profiles": (given("smp_1"), given(None))}) is None
    assert sample_of({"references": (given(None),)}) is None
