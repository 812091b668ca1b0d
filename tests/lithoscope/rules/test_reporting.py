"""Shares of datasets that report their dose, beside the literature's."""

from dataclasses import replace

from lithoscope.rules.reporting import dose_reporting, literature, low_dose_line
from lithoscope.units import Quantity
from tests.lithoscope.rules.reported import leg


def test_low_dose_is_below_the_line_of_paper_004():
    assert low_dose_line() == 100.0


def test_thirteen_of_sixty_six_papers_are_less_than_a_fifth():
    rows = {row.id: row.value for row in literature()}
    assert rows["low_dose_solid"] + rows["low_dose_liquid"] == 13
    assert 13 / rows["papers"] < rows["low_dose"] / 100


def test_a_dataset_without_exposure_or_with_an_unknown_rate_reports_no_dose():
    low, high, silent = (leg(1, start=0, seconds=1, rate=rate) for rate in (20.0, 3500.0, None))
    found = dose_reporting([[low], [high], [silent], [low, silent], []])
    assert (found.datasets, found.with_exposure, found.complete, found.of_electrons, found.low_dose) == (5, 4, 2, 4, 1)
    assert found.complete_share.value == 40.0
    assert found.low_dose_share.value == 25.0


def test_photons_need_no_rate_and_are_not_asked_for_low_dose():
    photons = replace(
        leg(1, start=0, seconds=1, rate=None),
        mode="xray",
        fluence=Quantity(1e7, "photons/um^2", "header"),
        rate=Quantity.unknown("photons/(um^2 s)"),
    )
    found = dose_reporting([[photons]])
    assert (found.complete, found.of_electrons) == (1, 0)
    assert found.low_dose_share.value is None


def test_a_rate_at_the_line_is_not_low():
    assert dose_reporting([[leg(1, start=0, seconds=1, rate=100.0)]]).low_dose == 0
