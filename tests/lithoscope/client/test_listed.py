"""Lists that page by themselves, and the tables made of them."""

from datetime import datetime

import pytest

from lithoscope.client import ClientError, Invalid
from lithoscope.client.listed import PAGE, Listed, flat
from lithoscope.client.rows import ANY, FLAG, INSTANT, NUMBER, TEXT, WHOLE, columns_of
from lithoscope.client.things import Dataset, Job
from tests.description import description


class Pages:
    """A list of so many rows, which remembers the pages it was asked for."""

    def __init__(self, rows: int, **said: str) -> None:
        self.rows = rows
        self.said = said
        self.asked: list[int] = []

    def pages(self, path, *, limit, **filters):
        for start in range(0, self.rows, limit):
            self.asked.append(limit)
            yield from ({"id": f"ds_{number}", **self.said} for number in range(start, min(start + limit, self.rows)))


def test_pages_are_fetched_as_far_as_one_walks():
    service = Pages(10 * PAGE)
    found = Listed(service, "/datasets", Dataset)
    assert service.asked == []
    walk = iter(found)
    assert [next(walk).id for _ in range(PAGE + 1)][-1] == f"ds_{PAGE}"
    assert service.asked == [PAGE, PAGE]
    assert found.count() == 10 * PAGE


@pytest.mark.parametrize(("limit", "asked"), [(0, []), (3, [3]), (PAGE, [PAGE]), (PAGE + 1, [PAGE, PAGE])])
def test_no_more_is_fetched_than_the_limit_needs(limit, asked):
    service = Pages(10 * PAGE)
    assert len([*Listed(service, "/datasets", Dataset, limit=limit)]) == limit
    assert service.asked == asked


def test_a_limit_below_nothing_is_refused():
    with pytest.raises(ClientError, match="at most"):
        Listed(Pages(1), "/datasets", Dataset, limit=-1)


def test_quantities_stand_beside_the_fields_of_a_record():
    current = {"value": None, "unit": "nA", "source": "unknown"}
    pixel = {"value": 2.0, "unit": "nm", "source": "header"}
    record = {"id": "ds_1", "quantities": {"beam_current_nA": current}, "pixel": pixel, "attributes": {}}
    assert flat(record) == {"id": "ds_1", "beam_current_nA": None, "pixel": 2.0}


def test_datasets_are_found_by_text_sample_kind_and_tag(client, example):
    example.add_tags("searched")
    sample = client.samples.get(str(example.sample_id))
    for found in (
        client.search("ETSPY_HAADF", sample=sample),
        client.search(sample=str(sample.code), kind="tilt_series"),
        client.search(tag="Searched", project=str(example.project_id), state="readable"),
    ):
        assert [each.id for each in found] == [example.id]
    assert client.search("etspy", tag="never").first() is None
    assert client.search(technique="eels").count() == 0
    with pytest.raises(Invalid):
        client.search(technique="alchemy").first()


def test_what_a_row_lacks_is_read_when_it_is_asked_for(client, example):
    row = client.search(sample=str(example.sample_id)).first()
    assert "original" not in row.record
    assert row.original == example.original


def test_a_search_becomes_a_table_with_quantities_and_instants(client, example):
    table = client.search(sample=str(example.sample_id)).to_pandas()
    assert list(table.index) == [example.id]
    row = table.loc[example.id]
    assert (row["filename"], row["kind"]) == (example.filename, "tilt_series")
    assert row["pixel_size_nm"] == example.record["calibration"]["pixel_size_nm"]["value"]
    assert row["created_at"].to_pydatetime() == datetime.fromisoformat(example.created_at)
    nothing = client.search("no such file").to_pandas()
    assert nothing.empty
    assert nothing.dtypes.to_dict() == {name: table.dtypes[name] for name in nothing.columns}
    assert nothing.index.name == table.index.name
    quantities = {**example.record["calibration"], **example.record["quantities"]}
    assert set(table.columns) - set(nothing.columns) == quantities.keys()


@pytest.mark.parametrize("path", ["/datasets", "/jobs", "/recipe-runs", "/results", "/samples", "/series"])
def test_columns_of_an_empty_table_are_those_the_service_describes(path):
    parts = description()
    page = parts["paths"][f"/api/v1{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    row = resolved(resolved(page, parts)["properties"]["items"]["items"], parts)["properties"]
    described = {name: column_type(name, schema) for name, schema in row.items()}
    assert columns_of(path) == {name: kind for name, kind in described.items() if kind and name != "id"}


def resolved(schema, document):
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def column_type(name, schema):
    """Return the type of a column by its field; None for quantities, whose names become columns."""
    kinds = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    if "QuantityOut" in str(kinds):
        return None
    [kind] = kinds
    if name.endswith("_at"):
        return INSTANT
    if kind.get("type") == "integer":
        return WHOLE if kinds == [schema] else NUMBER
    return {"string": TEXT, "number": NUMBER, "boolean": FLAG}.get(kind.get("type"), ANY)


def test_a_column_of_which_no_row_knows_anything_keeps_its_type():
    unknown = Pages(2, finished_at=None, result_id=None, seed=3)
    table = Listed(unknown, "/jobs", Job).to_pandas()
    empty = Listed(Pages(0), "/jobs", Job).to_pandas()
    assert table.columns.tolist() == empty.columns.tolist()
    for name in ("finished_at", "result_id", "seed"):
        assert table.dtypes[name] == empty.dtypes[name]
    assert table["result_id"].isna().all()


def test_a_header_s_own_way_of_writing_a_time_stays_as_written():
    service = Pages(2, created_at="2026-11-22T10:00:00Z", acquired_at="11/22/2026 10:00:00")
    table = Listed(service, "/datasets", Dataset).to_pandas()
    assert set(table["acquired_at"]) == {"11/22/2026 10:00:00"}
    assert str(table["created_at"].iloc[0]) == "2026-11-22 10:00:00+00:00"


def test_every_row_comes_once_over_many_pages(client, example):
    for number in range(5):
        client.samples.create(f"paged {number}", project=str(example.project_id))
    rows = client.connection.pages("/samples", q="paged", limit=2)
    assert [row["name"] for row in rows] == [f"paged {number}" for number in reversed(range(5))]


def test_samples_jobs_and_results_are_lists_of_the_same_kind(client, example):
    job = client.run("tilt_series_subset", example.arrays[next(iter(example.arrays))], step_deg=30.0).wait()
    assert client.jobs(method="tilt_series_subset", limit=1).first().id == job.id
    result = client.results(method="tilt_series_subset", limit=1).first()
    assert result.id == job.result.id
    assert "tilt_series_subset" in result.paragraph()
    assert job.id in client.jobs(state="succeeded").to_pandas().index
    assert client.samples.search("tilt series", limit=1).to_pandas().iloc[0]["name"] == "tilt series"
    assert repr(client.jobs(state="succeeded")) == "<jobs state='succeeded'>"
