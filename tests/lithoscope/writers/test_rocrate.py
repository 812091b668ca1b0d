import csv
import io
import json

import pytest

from lithoscope.writers.prov_json import prov_json
from lithoscope.writers.record_tables import record_tables
from lithoscope.writers.record_units import unit_of
from lithoscope.writers.rocrate import PROCESS_RUN, Issue, crate_json
from lithoscope.writers.rocrate_parts import CrateFile, properties

SAMPLE, EVENT, PERSON = "smp_" + "1" * 32, "evt_" + "2" * 32, "usr_" + "3" * 32
NOON = "2026-05-04T12:00:00.000000+00:00"


@pytest.fixture
def records():
    """Give the records of a sample that was opened by somebody not the recorder."""
    sample = {
        "id": SAMPLE,
        "parent_id": None,
        "code": "LS-1",
        "name": "Foil",
        "material": "lithium_metal_foil",
        **dict.fromkeys(("kind", "electrolyte", "cell_history", "prepared_at", "capacity_mAh_per_cm2", "split_at")),
        "created_by": PERSON,
        "created_at": NOON,
    }
    event = {
        "id": EVENT,
        "sample_id": SAMPLE,
        "type": "disassembly",
        "occurred_at": NOON,
        "happened_at": NOON,
        "ended_at": None,
        "received_at": NOON,
        "clock_offset_s": None,
        "recorded_by": PERSON,
        "warnings": [],
        "operator": "A. Person",
        "place": "=1+1",
        "supersedes_id": None,
        "evidence": [],
        "payload": {"source": "user", "o2_ppm": 0.05, "note": "-cmd"},
    }
    return {
        "target": SAMPLE,
        "project": {"id": "prj_" + "4" * 32, "code": "P", "title": "Project"},
        "people": {PERSON: {"name": "R. Recorder", "kind": "person"}},
        "instruments": {},
        "readings": {},
        "titrations": {},
        "samples": [sample],
        "events": [event],
        "edges": [{"source_id": SAMPLE, "target_id": EVENT, "relation": "wasGeneratedBy"}],
        **{name: [] for name in ("regions", "exposures", "datasets", "jobs", "results", "runs")},
        **{name: [] for name in ("notes", "tags", "labels", "evaluations", "not_included")},
    }


def graph(records, **issue):
    document = json.loads(crate_json(records, [CrateFile("a.csv", "0" * 64, 3, "text/csv")], Issue(**issue)))
    return {entity["@id"]: entity for entity in document["@graph"]}


def test_a_custody_event_is_an_action_of_the_person_who_did_it(records):
    entities = graph(records)
    action = entities[f"#{EVENT}"]
    assert action["@type"] == "CreateAction"
    assert entities[action["agent"]["@id"]]["name"] == "A. Person"
    assert action["startTime"] == action["endTime"] == "2026-05-04T12:00:00.000+00:00"
    assert entities["./"]["mentions"] == {"@id": f"#{EVENT}"}


def test_a_number_whose_name_says_its_unit_states_it(records):
    assert graph(records)[f"#{EVENT}-o2_ppm"]["unitText"] == "ppm"
    named = {"dose_e_per_A2_s": "e/(A^2 s)", "capacity_mAh_per_cm2": "mAh/cm^2", "charge_percent": "%", "seed": None}
    assert {name: unit_of(name, 1.0) for name in named} == named
    assert unit_of("place_s", "glovebox") is None


@pytest.mark.parametrize("edition", ["1.3", "1.2"])
def test_the_metadata_says_which_edition_and_profile_it_follows(records, edition):
    entities = graph(records, version=edition)
    assert entities["ro-crate-metadata.json"]["conformsTo"]["@id"] == f"https://w3id.org/ro/crate/{edition}"
    assert entities["./"]["conformsTo"]["@id"] == PROCESS_RUN


def test_every_reference_leads_to_an_entity_of_the_crate(records):
    entities = graph(records, licence="https://creativecommons.org/licenses/by/4.0/")

    def references(value):
        if isinstance(value, dict):
            yield from [value["@id"]] if set(value) == {"@id"} else ()
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    outside = {each for each in references(list(entities.values())) if each not in entities}
    assert outside == {"https://w3id.org/ro/crate/1.3"}


def test_a_file_states_digest_size_and_format(records):
    file = graph(records)["a.csv"]
    assert (file["sha256"], file["contentSize"], file["encodingFormat"]) == ("0" * 64, "3", "text/csv")


def test_without_a_licence_that_is_said(records):
    entities = graph(records)
    assert "No licence" in entities[entities["./"]["license"]["@id"]]["name"]


def test_provenance_joins_entity_activity_and_agent(records):
    document = json.loads(prov_json(records))
    (made,) = document["wasGeneratedBy"].values()
    assert made == {"prov:entity": f"lithoscope:{SAMPLE}", "prov:activity": f"lithoscope:{EVENT}"}
    assert f"lithoscope:{PERSON}" in document["agent"]
    known = {*document["entity"], *document["activity"], *document["agent"]}
    for relation in ("wasGeneratedBy", "wasAssociatedWith", "wasAttributedTo"):
        for ends in document[relation].values():
            assert set(ends.values()) <= known


def quantity(value, unit, uncertainty=None, interval=None):
    return {"value": value, "unit": unit, "source": "header", "uncertainty": uncertainty, "interval": interval}


@pytest.mark.parametrize(("unit", "told"), [("nm", "standard uncertainty 0.05 nm"), ("1", "standard uncertainty 0.05")])
def test_an_uncertainty_in_the_graph_has_its_unit(unit, told):
    (entity,) = properties("#ds_1", {"pixel_size_nm": quantity(12.25, unit, 0.05)})
    assert entity["description"] == told


def exposed(identifier, unit, **dose):
    return {"id": identifier, "note": "=1+1", "conditions": {}, "dose": {"series": quantity(unit=unit, **dose)}}


def table(records, name):
    content = dict(record_tables(records))[name].decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_beside_each_value_of_a_table_stands_its_uncertainty_with_the_unit_in_the_name(records):
    records["exposures"] = [
        exposed("exp_1", "e/A^2", value=1750.0, uncertainty=50.1, interval=[1600.0, 1900.0]),
        exposed("exp_2", "e/A^2", value=12.5),
    ]
    first, second = table(records, "exposures.csv")
    names = list(first)
    place = names.index("dose.series")
    assert names[place : place + 4] == [
        "dose.series",
        "dose.series.uncertainty [e/A^2]",
        "dose.series.unit",
        "dose.series.source",
    ]
    assert (first["dose.series"], first["dose.series.uncertainty [e/A^2]"]) == ("1750.0", "50.1")
    assert (second["dose.series"], second["dose.series.uncertainty [e/A^2]"]) == ("12.5", "")
    ends = [f"dose.series.interval_{end} [e/A^2]" for end in ("low", "high")]
    assert [first[end] for end in ends] == ["1600.0", "1900.0"]
    assert [second[end] for end in ends] == ["", ""]
    assert first["note"] == "'=1+1"


def test_where_a_column_mixes_units_its_uncertainty_points_to_the_column_that_tells_them(records):
    records["exposures"] = [
        exposed("exp_1", "e/A^2", value=1750.0, uncertainty=50.1),
        exposed("exp_2", "photons/um^2", value=3.0, uncertainty=0.1),
    ]
    rows = table(records, "exposures.csv")
    assert [row["dose.series.uncertainty [as dose.series.unit]"] for row in rows] == ["50.1", "0.1"]
    assert [row["dose.series.unit"] for row in rows] == ["e/A^2", "photons/um^2"]


def test_corrections_of_a_scale_are_a_table_with_both_values_and_their_uncertainties(records):
    change = {
        "name": "pixel_size_nm",
        "previous": None,
        "value": quantity(4.63, "nm", 0.05),
        "reason": "=cross grating",
        "changed_by": PERSON,
        "changed_at": NOON,
    }
    records["datasets"] = [{"id": "ds_1", "calibration_history": [change]}]
    (row,) = table(records, "calibrations.csv")
    assert (row["dataset_id"], row["name"], row["previous"], row["value"]) == ("ds_1", "pixel_size_nm", "", "4.63")
    assert (row["value.uncertainty [nm]"], row["reason"]) == ("0.05", "'=cross grating")


def test_no_cell_of_a_table_is_a_formula_and_numbers_stay_numbers(records):
    tables = dict(record_tables(records))
    assert set(tables) == {"samples.csv", "events.csv"}
    (event,) = csv.DictReader(io.StringIO(tables["events.csv"].decode(), newline=""))
    assert event["place"] == "'=1+1"
    assert event["payload.note"] == "'-cmd"
    assert event["payload.o2_ppm"] == "0.05"
