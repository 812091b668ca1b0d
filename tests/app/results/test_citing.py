"""A result is cited in every form and goes out whole."""

import io
import json
import zipfile
from typing import Any

import pytest
import yaml

from app.infra.exports import DamagedTree
from app.infra.house import House
from app.infra.storage import LocalStore
from tests.app.results.publishing import RUN_RECORD


def cite(who: Any, result: Any, form: str) -> Any:
    return who.get(f"/api/v1/results/{result.id}/citation?format={form}")


@pytest.mark.parametrize(
    ("form", "media_type", "ending"),
    [
        ("text", "text/plain", "txt"),
        ("bibtex", "application/x-bibtex", "bib"),
        ("ris", "application/x-research-info-systems", "ris"),
        ("cff", "application/yaml", "cff"),
    ],
)
def test_a_citation_comes_in_every_form(
    viewer: Any, result: Any, sample: Any, form: str, media_type: str, ending: str
) -> None:
    answer = cite(viewer, result, form)
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{result.id}.{ending}"'
    for part in (result.id.replace("_", "\\_" if form == "bibtex" else "_"), result.digest, sample.code, "10.1109/"):
        assert part in answer.text


def test_a_citation_file_names_the_address_people_open(viewer: Any, result: Any) -> None:
    record = yaml.safe_load(cite(viewer, result, "cff").text)
    assert record["url"] == f"http://testserver/results/{result.id}"


def test_no_other_form_is_known(viewer: Any, result: Any) -> None:
    assert cite(viewer, result, "endnote").status_code == 422


def test_a_whole_result_goes_out_as_one_zip(viewer: Any, result: Any) -> None:
    answer = viewer.get(f"/api/v1/results/{result.id}/archive")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        told = json.loads(archive.read("result.json"))
    assert {"CITATION.cff", "CITATION.bib", "classes.csv", "volume.ome.zarr/zarr.json"} <= names
    assert not [name for name in names if ".display/" in name]
    assert (told["digest"], told["run_record"]) == (result.digest, RUN_RECORD)


def test_damaged_bytes_break_the_zip_off(house: House, viewer: Any, result: Any) -> None:
    assert isinstance(house.store, LocalStore)
    with house.store.local(result.store_key) as folder:
        path = folder / "classes.csv"
        path.chmod(0o644)
        path.write_bytes(b"changed")
    with pytest.raises(DamagedTree):
        viewer.get(f"/api/v1/results/{result.id}/archive")
