"""Titrated storage series go along with the samples their bottles consumed."""

import csv
import io
import json
from typing import Any

import pytest

from app.infra.db.models import Sample
from tests.app.exchange.facilities import Facility, members, titrate, with_records
from tests.app.exchange.test_round_trip import RECORDS, comes_back_the_same, graph
from tests.conftest import add_sample


@pytest.fixture(scope="module")
def electrodes(here: Facility) -> list[Sample]:
    """Give two electrodes of a titrated series, and one of none."""
    return [add_sample(here.house, here.project, f"LS-{number}") for number in range(3)]


@pytest.fixture(scope="module")
def series(here: Facility, electrodes: list[Sample]) -> dict[str, Any]:
    """Give the series."""
    return titrate(here, electrodes[:2])


def test_a_series_goes_with_its_sample_there_and_back_the_same(here, electrodes, series, there):
    sent = here.export(electrodes[0].id)
    told = json.loads(members(sent)[RECORDS])
    assert list(told["titrations"]) == [series["id"]]
    assert told["not_included"] == [electrodes[1].id]
    comes_back_the_same(sent, there)
    assert there.steward.get("/api/v1/titration-series").json()["items"] == [], "no clock here follows it"


def test_a_sample_no_bottle_held_brings_no_series_and_a_project_all(here, electrodes, series, there):
    assert json.loads(members(here.export(electrodes[2].id))[RECORDS])["titrations"] == {}
    sent = here.export(here.project.id)
    told = json.loads(members(sent)[RECORDS])["titrations"]
    assert list(told) == [series["id"]]
    assert there.take(sent).status_code == 201
    assert json.loads(members(there.export(there.project.id))[RECORDS])["titrations"] == told


def test_losses_and_shelf_lives_stand_in_the_graph_with_unit_and_in_the_tables_with_uncertainty(
    here, electrodes, series
):
    entities = {entity["@id"]: entity for entity in graph(here.export(electrodes[0].id))}
    own = entities[f"#{series['id']}"]
    assert {"@id": f"#{electrodes[0].id}"} in own["object"]
    life = entities[f"#{series['id']}-shelf_life_first_order"]
    assert life["value"] == series["fits"][0]["shelf_life"]["value"]
    assert life["unitText"] == series["fits"][0]["shelf_life"]["unit"]
    tables = members(here.export(electrodes[0].id, format="csv"))
    rows = list(csv.DictReader(io.StringIO(tables["titrated_bottles.csv"].decode(), newline="")))
    assert len(rows) == len(series["bottles"])
    lithium = series["bottles"][0]["lithium"]
    assert float(rows[0]["lithium"]) == lithium["value"]
    assert float(rows[0]["lithium.uncertainty [mg]"]) == lithium["uncertainty"]
    assert float(rows[0]["lithium.interval_low [mg]"]) == lithium["interval"][0]


def _without_fits(told: dict[str, Any]) -> None:
    next(iter(told["titrations"].values()))["record"].pop("fits")


def _in_quotes(told: dict[str, Any]) -> None:
    next(iter(told["titrations"].values()))["record"]["fits"][0]["shelf_life"]["value"] = "1.5"


def _of_nothing(told: dict[str, Any]) -> None:
    next(iter(told["titrations"].values()))["material"] = "cheese"


@pytest.mark.parametrize("change", [_without_fits, _in_quotes, _of_nothing])
def test_a_series_that_is_none_is_refused(change, here, electrodes, series, there):
    answer = there.take(with_records(here.export(electrodes[0].id), change))
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/bad-crate"
