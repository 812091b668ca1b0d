"""Whether a dataset is what a rule is about: every condition, in words whether it holds or not."""

from typing import Any

import pytest

from app.infra.db.models import Dataset
from app.lab.rules.matching import Subject, compare, quantities_of, result_in
from app.lab.rules.schemas import Trigger
from tests.app.rules.acting import series

DWELL = {"dwell_s": {"value": 0.05, "unit": "s", "source": "header"}}
SPOKEN: dict[str, Any] = {"quantities": DWELL, "calibration": {}}


def dataset(**fields: Any) -> Dataset:
    said = {"attributes": {}, "original": {}, "filename": "A_tilt.mrc", "kind": "tilt_series", "size_bytes": 2_000_000}
    return Dataset(**{"arrays": [series(29)], "instrument_id": "ins_1", **SPOKEN, **said, **fields})


@pytest.mark.parametrize(
    ("trigger", "holds", "fails"),
    [
        ({}, ("every dataset of the project",), ()),
        ({"kinds": ["tilt_series"]}, ("kind tilt_series",), ()),
        ({"kinds": ["spectra", "image"]}, (), ("kind tilt_series, not spectra or image",)),
        ({"instrument_ids": ["ins_2"]}, (), ("instrument ins_1, not ins_2",)),
        ({"techniques": ["tem"]}, (), ("technique unknown",)),
        ({"materials": ["nmc"]}, ("material nmc",), ()),
        ({"materials": ["lfp"]}, (), ("material nmc, not lfp",)),
        ({"tags": ["Cathode"]}, ("tagged Cathode",), ()),
        ({"tags": ["anode"]}, (), ("not tagged anode",)),
        ({"name_pattern": "a*.MRC"}, ("name like “a*.MRC”",), ()),
        ({"name_pattern": "tilt"}, (), ("name not like “tilt”",)),
        ({"ranges": [{"quantity": "tilts", "at_least": 20}]}, ("tilts 29",), ()),
        ({"ranges": [{"quantity": "tilts", "at_least": 30}]}, (), ("tilts 29, below 30",)),
        ({"ranges": [{"quantity": "dwell_s", "at_most": 0.01}]}, (), ("dwell_s 0.05, above 0.01",)),
        ({"ranges": [{"quantity": "beam_current_nA", "at_most": 1}]}, (), ("beam_current_nA unknown",)),
    ],
)
def test_every_condition_is_told_in_words(trigger: dict[str, Any], holds: tuple[str, ...], fails: tuple[str, ...]):
    found = compare(Trigger(**trigger), Subject(dataset(), None, "nmc", frozenset({"cathode"})))
    assert (found.holds, found.fails, found.is_match) == (holds, fails, not fails)


def test_sizes_are_counted_along_the_axes_of_the_first_array():
    assert quantities_of(dataset()) == {"dwell_s": 0.05, "tilts": 29, "height_px": 8, "width_px": 8, "size_MB": 2}
    stack = dataset(arrays=[{**series(5), "kind": "stack"}])
    assert quantities_of(stack)["frames"] == 5
    assert "tilts" not in quantities_of(stack)


def test_an_unknown_quantity_is_no_number():
    unknown = {"temperature_K": {"value": None, "unit": "K", "source": "unknown"}}
    assert "temperature_K" not in quantities_of(dataset(quantities=unknown))


def test_what_we_wrote_is_known_by_its_label_or_by_the_result_it_names():
    result_id = f"res_{'ab' * 16}"
    assert result_in(dataset()) == ""
    assert result_in(dataset(original={"labels": ["Lithoscope: volume"]})) == "a result"
    assert result_in(dataset(attributes={"made_of": f"{result_id}/volume"})) == result_id
