"""What was mapped or quantified is found by its element: results, and the datasets they were made of."""

from pathlib import Path

import numpy as np
import pytest

from app.infra.house import House
from app.lab.composition import Lab
from lithoscope.arrays import LabelledArray
from tests.app.results.publishing import add_job, publish
from tests.conftest import Person, add_project
from tests.datasets import add_dataset


def maps(*names: str) -> dict[str, LabelledArray]:
    """Return maps named by families of lines."""
    values = np.ones((len(names), 4, 4), np.float32)
    return {"maps": LabelledArray(values, "cyx", unit="counts", name="maps", labels={"c": names})}


def found(who: Person, things: str, element: str, **more: str) -> list[str]:
    """Return what a search for an element finds."""
    answer = who.get(f"/api/v1/{things}", params={"element": element, **more})
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["items"]]


def test_a_dataset_is_found_by_what_results_made_of_it_show_over_any_number_of_steps(
    viewer: Person, house: House, project, sample, tmp_path: Path
) -> None:
    spectra, other = add_dataset(house, project, sample), add_dataset(house, project)
    aligned = publish(house, add_job(house, project, sample, spectra=spectra.id), tmp_path)
    mapped = publish(house, add_job(house, project, sample, s=f"{aligned.id}/x"), tmp_path, maps("O K", "Ni L"))
    publish(house, add_job(house, project, None, spectra=other.id), tmp_path, maps("Mn L"))
    assert found(viewer, "results", "Ni") == [mapped.id]
    assert found(viewer, "datasets", "Ni") == [spectra.id]
    assert found(viewer, "datasets", "Ni", sample_id=sample.id) == [spectra.id]
    assert found(viewer, "datasets", "Mn", sample_id=sample.id) == []
    assert found(viewer, "datasets", "Co") == found(viewer, "results", "Co") == []


def test_what_a_deleted_result_showed_is_no_longer_found(
    viewer: Person, steward: Person, house: House, project, tmp_path: Path
) -> None:
    spectra = add_dataset(house, project)
    mapped = publish(house, add_job(house, project, None, spectra=spectra.id), tmp_path, maps("Ni L"))
    headers = {"If-Match": f'"{mapped.digest}"'}
    answer = steward.delete(f"/api/v1/results/{mapped.id}", params={"reason": "wrong families"}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert found(viewer, "datasets", "Ni") == found(viewer, "results", "Ni") == []


def test_another_project_s_result_says_nothing_of_a_dataset(
    viewer: Person, house: House, project, tmp_path: Path
) -> None:
    spectra = add_dataset(house, project)
    elsewhere = add_project(house, "OTHER")
    publish(house, add_job(house, elsewhere, None, spectra=spectra.id), tmp_path, maps("Ni L"))
    assert found(viewer, "datasets", "Ni") == found(viewer, "results", "Ni") == []


def test_a_dataset_whose_own_maps_are_named_is_found_until_it_is_read_anew(
    viewer: Person, house: House, project
) -> None:
    sent = add_dataset(house, project, state="verified")
    for names, element in ((["Ni K"], "Ni"), (["Mn K"], "Mn")):
        with house.database.writing() as session:
            arrays = [{"name": "maps", "kind": "image", "axes": "cyx", "labels": {"c": names}}]
            Lab(house, session).datasets.mark_readable(sent.id, arrays=arrays, store_key=None, is_again=True)
        assert found(viewer, "datasets", element) == [sent.id]
    assert found(viewer, "datasets", "Ni") == []


@pytest.mark.parametrize("things", ["datasets", "results"])
@pytest.mark.parametrize("element", ["Xx", "ni", "Nickel", ""])
def test_what_is_no_element_is_refused_by_name(viewer: Person, things: str, element: str) -> None:
    answer = viewer.get(f"/api/v1/{things}", params={"element": element})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "invalid-input")
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/query/element"]
