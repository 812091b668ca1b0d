"""Labels are held against the dose they were seen at."""

from typing import Any

import pytest

from tests.app.budgets.test_budgets import BEAM, COLD, OPERATOR, SQUARE
from tests.app.dose.ledger import record
from tests.app.results.publishing import add_job, publish
from tests.conftest import add_sample
from tests.datasets import add_dataset

FAR = [[100, 100], [110, 100], [110, 110]]


@pytest.fixture
def dataset(house: Any, project: Any, sample: Any) -> Any:
    return add_dataset(house, project, sample)


@pytest.fixture
def used(dataset: Any) -> dict[str, str]:
    return {"volume": dataset.id}


def expose(who: Any, sample: Any, dataset: Any, *, declared: bool = True, **change: Any) -> str:
    """Record the exposure that gave the dataset, in the cold, and that there was no other beam."""
    answer = record(who, sample.id, BEAM, **{**COLD, "dataset_id": dataset.id, **change})
    assert answer.status_code == 201, answer.text
    if declared:
        who.post(f"/api/v1/samples/{sample.id}/beam-records", json=OPERATOR)
    return str(answer.json()["id"])


def assign(who: Any, result: Any, phase: str | None = "Li2O", **change: Any) -> Any:
    body = {"output": "labels", "label": 1, "phase": phase, **change}
    return who.post(f"/api/v1/results/{result.id}/labels", json=body)


def labels_of(who: Any, result: Any) -> Any:
    return who.get(f"/api/v1/results/{result.id}/labels").json()["items"]


def test_a_product_past_the_limit_of_its_parent_is_possibly_beam_made(
    contributor: Any, sample: Any, dataset: Any, result: Any
) -> None:
    """3000 e/Å² in the cold: past lithium carbonate's 2000, below lithium fluoride's 1e4."""
    exposure_id = expose(contributor, sample, dataset, exposure_s={"value": 30, "source": "user"})
    made = assign(contributor, result).json()
    assert made["possibly_beam_made"] == "true"
    assert "Li2CO3 -> Li2O + CO2" in made["reason"]
    assert made["seen_by_exposure_ids"] == [exposure_id]
    spent = {parent["parent"]: parent["spent"]["upper"] for parent in made["parents"]}
    assert spent == pytest.approx({"LiF": 0.3, "Li2CO3": 1.5})
    assert all("004" in decay["source"] for decay in made["decays"])
    assert labels_of(contributor, result) == [made]
    assert assign(contributor, result, "Li", label=2).json()["possibly_beam_made"] == "false"


def test_what_was_seen_below_every_limit_was_there(contributor: Any, sample: Any, dataset: Any, result: Any) -> None:
    expose(contributor, sample, dataset)
    assert assign(contributor, result).json()["possibly_beam_made"] == "false"


def test_the_beam_before_counts_and_the_beam_after_does_not(
    contributor: Any, sample: Any, dataset: Any, result: Any
) -> None:
    expose(contributor, sample, dataset)
    record(contributor, sample.id, BEAM, occurred_at="2026-10-03T09:30:00Z", exposure_s={"value": 30, "source": "user"})
    assert assign(contributor, result).json()["possibly_beam_made"] == "false"
    record(contributor, sample.id, BEAM, occurred_at="2026-10-03T07:30:00Z", exposure_s={"value": 30, "source": "user"})
    assert labels_of(contributor, result)[0]["possibly_beam_made"] == "true"


def test_a_beam_that_lay_elsewhere_made_nothing_here(contributor: Any, sample: Any, dataset: Any, result: Any) -> None:
    earlier = {"occurred_at": "2026-10-03T07:30:00Z", "exposure_s": {"value": 30, "source": "user"}}
    record(contributor, sample.id, BEAM, **earlier, field_um=FAR)
    expose(contributor, sample, dataset)
    assert assign(contributor, result).json()["possibly_beam_made"] == "false"
    record(contributor, sample.id, BEAM, **earlier, field_um=...)
    assert labels_of(contributor, result)[0]["possibly_beam_made"] == "unknown"


def test_without_the_place_of_what_was_seen_others_may_have_met_it(
    contributor: Any, sample: Any, dataset: Any, result: Any
) -> None:
    earlier = {"occurred_at": "2026-10-03T07:30:00Z", "exposure_s": {"value": 30, "source": "user"}}
    record(contributor, sample.id, BEAM, **earlier, field_um=SQUARE)
    expose(contributor, sample, dataset, field_um=...)
    assert assign(contributor, result).json()["possibly_beam_made"] == "unknown"


def test_not_knowing_the_dose_is_said(contributor: Any, sample: Any, dataset: Any, result: Any) -> None:
    nothing = assign(contributor, result).json()
    assert nothing["possibly_beam_made"] == "unknown"
    assert nothing["reason"].startswith("no exposure of what it was made from is on record")
    expose(contributor, sample, dataset, declared=False)
    assert labels_of(contributor, result)[0]["possibly_beam_made"] == "unknown"


def test_the_latest_word_counts(contributor: Any, result: Any) -> None:
    assert assign(contributor, result).json()["phase"] == "Li2O"
    assert assign(contributor, result, "lithium fluoride").json()["phase"] == "LiF"
    assert [label["phase"] for label in labels_of(contributor, result)] == ["LiF"]
    assert assign(contributor, result, None).status_code == 201
    assert labels_of(contributor, result) == []


def test_a_viewer_reads_and_does_not_say(people: Any, project: Any, contributor: Any, result: Any) -> None:
    viewer = people.make(role="viewer", project=project)
    assign(contributor, result)
    assert assign(viewer, result).status_code == 403
    assert len(labels_of(viewer, result)) == 1


@pytest.mark.parametrize(
    ("change", "problem", "pointer"),
    [
        ({"output": "nothing"}, "invalid-input", "/body/output"),
        ({"output": "volume"}, "not-labels", "/body/output"),
        ({"label": -1}, "out-of-range", "/body/label"),
    ],
)
def test_what_is_no_label_is_told_by_field(
    contributor: Any, result: Any, change: Any, problem: str, pointer: str
) -> None:
    answer = assign(contributor, result, **change)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}")
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_result_of_no_sample_has_no_dose(house: Any, project: Any, contributor: Any, tmp_path: Any) -> None:
    dataset = add_dataset(house, project)
    loose = publish(house, add_job(house, project, None, volume=dataset.id), tmp_path)
    assert assign(contributor, loose).json()["possibly_beam_made"] == "unknown"


def test_an_exposure_of_another_sample_is_where_its_dose_is(
    house: Any, project: Any, contributor: Any, tmp_path: Any
) -> None:
    dataset = add_dataset(house, project)
    sample = add_sample(house, project, "LS-2026-9003")
    expose(contributor, sample, dataset, exposure_s={"value": 30, "source": "user"})
    loose = publish(house, add_job(house, project, None, volume=dataset.id), tmp_path)
    assert assign(contributor, loose).json()["possibly_beam_made"] == "true"
