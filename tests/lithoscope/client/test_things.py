"""Jobs, results and arrays as a notebook uses them."""

import numpy as np
import pytest

from lithoscope.client import Client, ClientError, Invalid, JobFailed, NotFound
from tests.live import new_token


@pytest.fixture(scope="module")
def series(example):
    return next(iter(example.arrays.values()))


def test_a_sample_is_registered_with_what_is_known_of_its_way(client, service):
    sample = client.samples.create("NCM111-07", project=service.project_id, glovebox_hours=36, transfer="inert")
    summary = sample.custody_summary()
    assert summary["storage"]["value"] == pytest.approx(36)
    assert summary["transfer_methods"] == ["inert_gas_shuttle"]
    assert client.samples.get(sample.code).id == sample.id
    assert [event["type"] for event in sample.events()] == ["storage", "transfer"]


def test_the_only_project_needs_no_name(service):
    of_the_project = new_token(service.url, project_ids=[service.project_id])
    with Client(service.url, of_the_project, progress=False) as client:
        assert client.default_project() == service.project_id


def test_a_refusal_names_the_field_and_carries_the_document(client, service):
    with pytest.raises(Invalid) as refused:
        client.samples.create("x", project=service.project_id, material="unobtainium")
    assert refused.value.errors[0]["pointer"] == "/body/material"


def test_a_missing_object_is_not_found(client):
    with pytest.raises(NotFound):
        client.job("job_" + "0" * 32)


def test_a_field_that_is_not_there_is_named_with_those_that_are(client, service):
    sample = client.samples.create("fields", project=service.project_id)
    with pytest.raises(AttributeError, match=r"it has .*cell_history, code"):
        _ = sample.colour


def test_a_dataset_opens_lazily_with_names_tilts_and_nanometres(series):
    array = series.to_xarray()
    assert array.dims == ("t", "y", "x")
    assert array.chunks is not None
    assert array["t"].values[[0, -1]].tolist() == [-90.0, 90.0]
    assert float(array["x"][1] - array["x"][0]) == pytest.approx(17.99, abs=0.01)
    assert array["x"].attrs["units"] == "nm"
    assert array.isel(t=45).values.max() > 0


@pytest.fixture(scope="module")
def tomogram(service, series):
    with service.client() as client:
        subset = client.run("tilt_series_subset", series).wait(progress=False)
        clean = client.run("tilt_series_background", subset.outputs["tilt_series"]).wait(progress=False)
        job = client.run("tomogram_sirt", clean.outputs["tilt_series"], iterations=20)
        events = list(job.events())
        yield job.wait(progress=False), events


def test_an_output_is_the_input_of_the_next_job_and_the_volume_opens_in_nanometres(tomogram):
    volume = tomogram[0].outputs["volume"].to_xarray()
    assert volume.dims == ("z", "y", "x")
    assert float(volume["z"][1] - volume["z"][0]) == pytest.approx(17.99, abs=0.01)
    assert np.isfinite(volume.sel(z=500, method="nearest").values).all()


def test_a_level_that_is_not_there_is_refused_with_those_that_are(tomogram):
    with pytest.raises(ClientError, match="levels 0 to 0"):
        tomogram[0].outputs["volume"].to_xarray(level=1)


def test_napari_gets_data_scale_and_units(tomogram):
    _, keywords, kind = tomogram[0].outputs["volume"].to_napari()
    assert kind == "image"
    assert keywords["scale"] == pytest.approx([17.99] * 3, abs=0.01)
    assert keywords["units"] == ["nm"] * 3


def test_a_voxel_goes_back_to_the_cell_in_whatever_unit_the_service_derived(tomogram):
    here = tomogram[0].outputs["volume"].provenance(voxel=(10, 20, 30))
    assert (here.value.unit, here.value.source) == ("counts/px", "measured")
    assert here.unknowns


def test_events_come_in_order_and_end_with_the_end(tomogram):
    events = tomogram[1]
    assert [event.seq for event in events] == sorted({event.seq for event in events})
    assert events[-1].ends
    assert any(event.type == "progress" and "residual" in event.payload for event in events)


def test_following_can_begin_after_any_event(client, tomogram):
    job, events = tomogram
    rest = list(client.job(job.id).events(after=events[-2].seq))
    assert [event.seq for event in rest] == [events[-1].seq]


def test_a_job_can_be_cited(tomogram):
    assert tomogram[0].cite().startswith("Tomogram (SIRT) (Lithoscope method tomogram_sirt version 2; Gilbert 1972")


def test_a_result_is_cited_in_the_form_asked_for(tomogram):
    result = tomogram[0].result
    assert result.id in result.cite()
    assert result.cite("bibtex").startswith("@")


def test_the_report_of_a_job_is_written_as_its_file_says(tomogram, tmp_path):
    written = tomogram[0].report(str(tmp_path / "run.html"))
    assert written == tmp_path / "run.html"
    assert "<html" in written.read_text(encoding="utf-8")


def test_a_name_that_is_not_there_is_refused_with_those_that_are(tomogram, example):
    with pytest.raises(KeyError, match=r"volum: there are .*volume"):
        _ = tomogram[0].outputs["volum"]
    with pytest.raises(KeyError, match="there are"):
        _ = example.metadata["phase_of_the_moon"]
    assert example.metadata["pixel_size"] == example.metadata["pixel_size_nm"]


def test_the_tilts_of_a_series_have_their_unit(series):
    assert series.to_xarray()["t"].attrs["units"] == "deg"
    _, keywords, _ = series.to_napari()
    assert keywords["scale"][0] == pytest.approx(2.0)
    assert keywords["units"] == ["deg", "nm", "nm"]


def test_an_early_finish_keeps_the_result(client, series):
    clean = client.run("tilt_series_background", series).wait(progress=False)
    job = client.run("tomogram_sirt", clean.outputs["tilt_series"], iterations=10_000)
    for event in job.events():
        if event.type == "progress" and 0 < event.payload["done"] < 10_000:
            job.finish_early()
            break
    assert job.wait(progress=False).outputs["volume"].shape == (64, 64, 64)


def test_a_cancelled_job_is_told_as_one_without_result(client, series):
    clean = client.run("tilt_series_background", series).wait(progress=False)
    job = client.run("tomogram_sirt", clean.outputs["tilt_series"], iterations=10_000)
    for event in job.events():
        if event.type == "progress":
            job.cancel()
            break
    with pytest.raises(JobFailed, match="cancelled") as failed:
        job.wait(progress=False)
    assert failed.value.state == "cancelled"
    with pytest.raises(ClientError, match="has no result"):
        _ = job.result


def test_a_number_comes_with_unit_and_source(client, service):
    sample = client.samples.create("dosed", project=service.project_id)
    given = {
        name: {"value": value, "source": "user"}
        for name, value in {"beam_current_nA": 0.3, "dwell_s": 0.05, "step_nm": 4.63, "beam_energy_kV": 300.0}.items()
    }
    exposure = sample.record_exposure(mode="stem_raster", occurred_at="2026-01-05T10:00:00Z", frames=15, **given)
    dose = client.run("raster_dose", exposure["id"]).wait(progress=False).outputs
    assert dose["dose_series"].quantity.value == pytest.approx(6.551e5, rel=1e-3)
    assert dose["dose_series"].quantity.unit == "e/A^2"
    assert dose["dose_series"].quantity.source == "user"
    assert len(dose["scans"].table()) > 1
    with pytest.raises(ClientError, match=r"use \.quantity"):
        dose["dose_series"].to_xarray()
    with pytest.raises(ClientError, match="not a number"):
        _ = dose["scans"].quantity


def test_results_are_saved_in_the_form_asked_for(client, tomogram, tmp_path):
    target = tomogram[0].result.download("volume", "mrc", tmp_path / "volume.mrc")
    assert target.stat().st_size >= 64**3 * 4
    assert list(tmp_path.glob("*.part")) == []


def test_lineage_leads_from_the_volume_to_the_sample(client, tomogram):
    graph = str(client.lineage(tomogram[0].result, direction="upstream"))
    assert "smp_" in graph
    assert "ds_" in graph
