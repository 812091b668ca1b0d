"""A deleted result leaves a tombstone; its bytes go when nobody shares them."""

from pathlib import Path
from typing import Any

from app.infra.db.models import Result
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.results.purging import purge
from tests.app.results.publishing import add_job, publish
from tests.conftest import add_project


def delete(who: Any, result: Result, **headers: str) -> Any:
    headers = headers or {"If-Match": f'"{result.digest}"'}
    return who.request("DELETE", f"/api/v1/results/{result.id}", params={"reason": "wrong sample"}, headers=headers)


def test_a_deleted_result_is_not_found_and_its_tombstone_says_what_it_was(
    steward: Any, house: House, result: Result
) -> None:
    tombstone = delete(steward, result).json()
    assert (tombstone["object_id"], tombstone["reason"], tombstone["deleted_by"]) == (
        result.id,
        "wrong sample",
        steward.id,
    )
    assert tombstone["record"]["digest"] == result.digest
    assert steward.get(f"/api/v1/results/{result.id}").status_code == 404
    assert steward.get("/api/v1/results").json()["items"] == []
    assert delete(steward, result).status_code == 404
    assert (purge(house), purge(house)) == (1, 0)
    assert not house.store.exists(result.store_key or "")


def test_bytes_that_another_result_shares_stay(
    steward: Any, house: House, project: Any, result: Result, tmp_path: Path
) -> None:
    twin = publish(house, add_job(house, project, None), tmp_path)
    assert twin.store_key == result.store_key
    delete(steward, result)
    assert purge(house) == 0
    assert steward.get(f"/api/v1/results/{twin.id}/outputs/volume/zarr/zarr.json").status_code == 200


def test_a_result_that_others_were_made_from_stays(
    steward: Any, house: House, project: Any, sample: Any, result: Result, tmp_path: Path
) -> None:
    later = publish(house, add_job(house, project, sample, volume=f"{result.id}/volume"), tmp_path)
    refused = delete(steward, result)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/has-dependents")
    assert refused.json()["dependents"] == [later.id]
    assert delete(steward, later).status_code == 200
    assert delete(steward, result).status_code == 200


def test_only_a_steward_who_has_seen_the_result_deletes_it(
    people: Any, steward: Any, project: Any, result: Result
) -> None:
    assert delete(people.make(role="analyst", project=project), result).status_code == 403
    assert delete(people.make(), result).status_code == 404
    assert delete(steward, result, **{"If-Match": '"other"'}).status_code == 412
    assert delete(steward, result, Accept="*/*").status_code == 428
    assert steward.get(f"/api/v1/results/{result.id}").status_code == 200


def test_trees_of_deleted_results_go_on_both_databases(any_house: House, tmp_path: Path) -> None:
    result = publish(any_house, add_job(any_house, add_project(any_house, "P"), None), tmp_path)
    with any_house.database.writing() as session:
        results = Lab(any_house, session).results
        assert results.live_trees() == [result.store_key]
        results.delete(SYSTEM, result.id, result.digest, "no longer needed")
        assert results.live_trees() == []
    assert purge(any_house) == 1
