"""Results are immutable, served by piece, exported whole, and never as other bytes than were published."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import h5py
import mrcfile
import numpy as np
import pytest
import tifffile

from app.infra.clock import now
from app.infra.db.models import Dataset, Instrument, Result
from app.infra.house import House
from app.infra.ids import new_id
from lithoscope.readers.omezarr import read_omezarr
from tests.app.results.publishing import RUN_RECORD, add_job, publish, volume
from tests.datasets import add_dataset


def download(who: Any, result: Result, export_format: str, output: str | None = None, **headers: str) -> Any:
    query = {"format": export_format} | ({} if output is None else {"output": output})
    return who.get(f"/api/v1/results/{result.id}/download", params=query, headers=headers)


def test_a_result_tells_its_outputs_and_the_whole_account_of_its_making(viewer: Any, result: Result) -> None:
    answer = viewer.get(f"/api/v1/results/{result.id}")
    record = answer.json()
    assert (answer.headers["ETag"], record["run_record"]) == (f'"{result.digest}"', RUN_RECORD)
    made = {output["name"]: output for output in record["outputs"]}
    assert (made["volume"]["shape"], made["volume"]["axes"], made["volume"]["title"]) == ([6, 8, 10], "zyx", "Tomogram")
    assert made["volume"]["spacing"]["z"] == {
        "value": 17.99, "unit": "nm", "source": "header", "uncertainty": 0.01, "interval": None, "note": ""
    }  # fmt: skip
    assert (made["fraction"]["quantity"]["value"], made["fraction"]["quantity"]["interval"]) == (0.42, [0.39, 0.45])
    assert (made["classes"]["columns"], made["classes"]["rows"]) == ({"class": "1", "volume_nm3": "nm^3"}, 2)


def test_lists_are_newest_first_and_narrowed(
    viewer: Any, house: House, project: Any, sample: Any, result: Result, tmp_path: Path
) -> None:
    newer = publish(house, add_job(house, project, None), tmp_path)
    assert [row["id"] for row in viewer.get("/api/v1/results").json()["items"]] == [newer.id, result.id]
    wanted = {"sample_id": sample.id, "method": "segment_threshold", "project_id": project.id}
    assert [row["id"] for row in viewer.get("/api/v1/results", params=wanted).json()["items"]] == [result.id]
    of_method = [row["id"] for row in viewer.get("/api/v1/results?method=segment_threshold").json()["items"]]
    assert of_method == [newer.id, result.id]
    first = viewer.get("/api/v1/results", params={"limit": 1, "method": "segment_threshold"}).json()
    assert [row["id"] for row in viewer.get(first["next"]).json()["items"]] == [result.id]
    first = viewer.get("/api/v1/results", params={"limit": 1}).json()
    assert [row["id"] for row in viewer.get(first["next"]).json()["items"]] == [result.id]


def test_chunks_are_served_with_tag_and_range(viewer: Any, result: Result) -> None:
    url = f"/api/v1/results/{result.id}/outputs/volume/zarr/zarr.json"
    whole = viewer.get(url)
    assert whole.json()["attributes"]["ome"]["version"] == "0.5"
    part = viewer.get(url, headers={"Range": "bytes=2-9"})
    assert (part.status_code, part.content) == (206, whole.content[2:10])
    assert viewer.get(url, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    for outside in ("0/c/9/9/9", "../../../lithoscope.db", "%2e%2e/manifest.json", ""):
        assert viewer.get(f"/api/v1/results/{result.id}/outputs/volume/zarr/{outside}").status_code == 404


def test_mid_slices_are_pictures(viewer: Any, result: Result) -> None:
    for axis in "zyx":
        picture = viewer.get(f"/api/v1/results/{result.id}/outputs/volume/slices/{axis}.png")
        assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert viewer.get(f"/api/v1/results/{result.id}/outputs/series/slices/t.png").status_code == 200
    assert viewer.get(f"/api/v1/results/{result.id}/outputs/series/slices/x.png").status_code == 404
    assert viewer.get(f"/api/v1/results/{result.id}/outputs/series/slices/q.png").status_code == 422


def test_tables_come_as_columns_with_units(viewer: Any, result: Result) -> None:
    table = viewer.get(f"/api/v1/results/{result.id}/outputs/classes/table").json()
    assert table["columns"]["volume_nm3"] == [1.5, 2.5]
    assert table["units"]["volume_nm3"] == "nm^3"


def test_ome_zarr_comes_back_with_scale_and_the_same_bytes_every_time(
    viewer: Any, result: Result, tmp_path: Path, house: House
) -> None:
    first = download(viewer, result, "ome-zarr", "volume")
    for place in (house.staging / "exports").iterdir():
        for path in place.iterdir():
            path.unlink()
        place.rmdir()
    assert download(viewer, result, "ome-zarr", "volume").content == first.content
    zipfile.ZipFile(io.BytesIO(first.content)).extractall(tmp_path / "out")
    array = read_omezarr(tmp_path / "out")
    np.testing.assert_array_equal(array.values, volume().values)
    assert (array.spacing["z"].value, array.spacing["z"].source) == (17.99, "header")


def test_hdf5_carries_values_unit_and_run_record(viewer: Any, result: Result) -> None:
    with h5py.File(io.BytesIO(download(viewer, result, "hdf5", "volume").content)) as file:
        np.testing.assert_array_equal(file["entry/data/data"][...], volume().values)
        assert file["entry/data/data"].attrs["units"] == "counts"
        kept: list[str] = []
        file["entry/lithoscope"].visititems(lambda _name, item: kept.append(str(item[()])))
        assert any(result.id in text and "segment_threshold" in text for text in kept)


def test_mrc_has_voxels_in_angstrom_and_tilts_beside_a_series(viewer: Any, result: Result, tmp_path: Path) -> None:
    (tmp_path / "a.mrc").write_bytes(download(viewer, result, "mrc", "volume").content)
    with mrcfile.open(tmp_path / "a.mrc") as mrc:
        np.testing.assert_array_equal(mrc.data, volume().values)
        assert mrc.voxel_size.x == pytest.approx(179.9)
    series = download(viewer, result, "mrc", "series")
    assert series.headers["content-disposition"].endswith('.mrc.zip"')
    bundle = zipfile.ZipFile(io.BytesIO(series.content))
    angles = next(name for name in bundle.namelist() if name.endswith(".rawtlt"))
    assert bundle.read(angles).split() == [b"-10.0000", b"0.0000", b"10.0000"]


def test_tiff_of_labels_reads_back(viewer: Any, result: Result, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(download(viewer, result, "tiff", "labels").content)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), volume().values > 100)


def test_csv_of_tables_and_scalars_runs_no_formula(viewer: Any, result: Result) -> None:
    rows = list(csv.reader(io.StringIO(download(viewer, result, "csv", "classes").text)))
    assert rows == [["class", "volume_nm3"], ["'=1+1", "1.5"], ["pore", "2.5"]]
    (scalar,) = csv.DictReader(io.StringIO(download(viewer, result, "csv", "fraction").text))
    assert (scalar["value"], scalar["unit"], scalar["uncertainty"], scalar["source"]) == (
        "0.42",
        "1",
        "0.02",
        "measured",
    )


@pytest.mark.parametrize(
    ("output", "export_format", "fitting"),
    [("volume", "csv", "ome-zarr or hdf5 or mrc or tiff"), ("classes", "mrc", "csv"), ("fraction", "ome-zarr", "csv")],
)
def test_a_format_that_does_not_fit_is_refused_naming_those_that_do(
    viewer: Any, result: Result, output: str, export_format: str, fitting: str
) -> None:
    answer = download(viewer, result, export_format, output)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/format-does-not-fit")
    assert fitting in answer.json()["detail"]


def test_numbers_a_format_cannot_hold_are_refused(
    viewer: Any, house: House, project: Any, sample: Any, tmp_path: Path
) -> None:
    huge = volume().values.astype(np.int64) + 2**40
    made = {"counts": type(volume())(huge, "zyx", kind="volume", name="counts")}
    result = publish(house, add_job(house, project, sample), tmp_path, made)
    answer = download(viewer, result, "mrc")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/format-does-not-fit")


def test_an_output_must_be_chosen_when_there_are_several(viewer: Any, result: Result) -> None:
    assert download(viewer, result, "csv").status_code == 422
    assert download(viewer, result, "csv", "nonsense").status_code == 404
    assert download(viewer, result, "docx", "volume").status_code == 422


def test_a_download_is_an_attachment_with_a_telling_ascii_name_and_knows_range(
    viewer: Any, house: House, project: Any, sample: Any, tmp_path: Path
) -> None:
    dataset = add_dataset(house, project, sample)
    instrument = Instrument(id=new_id("ins"), code="Titan Ü", name="T", technique="stem", created_at=now())
    with house.database.writing() as session:
        session.add(instrument)
        session.flush()
        session.get_one(Dataset, dataset.id).instrument_id = instrument.id
    result = publish(house, add_job(house, project, sample, image=f"{dataset.id}/data"), tmp_path)
    answer = download(viewer, result, "mrc", "volume")
    name = re.search(r'^attachment; filename="([^"]+)"$', answer.headers["content-disposition"])
    stem = f"{sample.code}_Titan-U_stem-segment-threshold-volume_{now():%Y%m%d}_{result.id[-8:]}"
    assert name is not None
    assert name[1] == f"{stem}.mrc"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    part = download(viewer, result, "mrc", "volume", Range="bytes=0-9")
    assert (part.status_code, part.content, part.headers["etag"]) == (206, answer.content[:10], answer.headers["etag"])


@pytest.mark.parametrize("export_format", ["ome-zarr", "hdf5"])
def test_damaged_bytes_are_never_given_out(viewer: Any, house: House, result: Result, export_format: str) -> None:
    tree = house.store.root / (result.store_key or "")  # type: ignore[attr-defined]
    files = json.loads((tree / "manifest.json").read_text())["files"]
    damaged = next(name for name in files if name.startswith("volume.ome.zarr/0/c/"))
    content = bytearray((tree / damaged).read_bytes())
    content[0] ^= 1
    (tree / damaged).write_bytes(content)
    chunk = damaged.removeprefix("volume.ome.zarr/")
    answers = [
        download(viewer, result, export_format, "volume"),
        viewer.get(f"/api/v1/results/{result.id}/outputs/volume/zarr/{chunk}"),
    ]
    assert [(answer.status_code, answer.json()["type"]) for answer in answers] == [
        (500, "/problems/integrity-failure")
    ] * 2
    assert download(viewer, result, "csv", "classes").status_code == 200


def test_strangers_find_nothing(people: Any, result: Result) -> None:
    stranger = people.make()
    paths = ["", "/outputs/volume/zarr/zarr.json", "/outputs/volume/slices/z.png", "/outputs/classes/table"]
    urls = [f"/api/v1/results/{result.id}{path}" for path in (*paths, "/download?format=mrc&output=volume")]
    assert {stranger.get(url).status_code for url in urls} == {404}
    assert stranger.get("/api/v1/results").json()["items"] == []


def test_a_result_leads_to_its_job_and_inputs(
    viewer: Any, house: House, project: Any, sample: Any, tmp_path: Path
) -> None:
    dataset = add_dataset(house, project, sample)
    result = publish(house, add_job(house, project, sample, image=dataset.id), tmp_path)
    graph = viewer.get(f"/api/v1/lineage/{result.id}", params={"direction": "upstream"}).json()
    relations = {(edge["source_id"][:3], edge["target_id"][:2], edge["relation"]) for edge in graph["edges"]}
    assert relations == {("res", "jo", "wasGeneratedBy"), ("res", "ds", "wasDerivedFrom"), ("job", "ds", "used")}
