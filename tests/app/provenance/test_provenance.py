"""From a voxel, label or number back to what had been done before, and from an event on to the results after it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.errors import Invalid, NotFound
from app.infra.db.models import Result, Sample
from app.infra.exports import DamagedTree
from app.infra.house import House
from app.lab.access import SYSTEM, Actor
from app.lab.composition import Lab
from app.lab.labels.schemas import NewLabel
from app.lab.provenance.repository import MAX_DEPTH
from tests.app.provenance.scene import DAY, Scene


@pytest.fixture
def scene(any_house: House, tmp_path: Path) -> Scene:
    return Scene(any_house, tmp_path)


@pytest.fixture
def small(house: House, tmp_path: Path) -> Scene:
    """A scene on SQLite alone, for what no database decides."""
    return Scene(house, tmp_path)


def trace(scene: Scene, result: str, output: str = "volume", **asked: Any) -> Any:
    with scene.house.database.reading() as session:
        return Lab(scene.house, session).provenance.of_number(SYSTEM, result, output, **asked)


def after(scene: Scene, event: str, actor: Actor = SYSTEM, **page: Any) -> Any:
    with scene.house.database.reading() as session:
        return Lab(scene.house, session).provenance.results_after(actor, event, **page)


def test_a_voxel_leads_to_its_job_data_exposure_dose_and_the_disassembly_of_the_cell(scene):
    opened = scene.event(scene.cell, "disassembly", 0, atmosphere="argon")
    split = scene.event(scene.cell, "split", 2, child_ids=[scene.lamella.id])
    scene.event(scene.cell, "storage", 3)  # after the split: the lamella had left
    moved = scene.event(scene.lamella, "transfer", 4, method="inert_gas_holder", air_exposure_s=0.0)
    search = scene.exposure(scene.lamella, 5)
    data = scene.dataset(scene.lamella)
    beam = scene.exposure(scene.lamella, 6, dataset_id=data)
    scene.event(scene.lamella, "storage", 7)  # after the exposure
    found = trace(scene, scene.result(data), voxel="1,2,3")
    assert (found.value.value, found.value.unit, found.value.source) == (1 * 30 + 2 * 6 + 3, "counts", "measured")
    assert found.position["z"].value == 2.0
    assert found.place == {"z": 1, "y": 2, "x": 3}
    assert [(run.method, run.method_version, run.seed) for run in found.runs] == [("tomogram_sirt", "3", 7)]
    assert [(each.id, each.taken_at_source) for each in found.datasets] == [(data, "exposure")]
    assert [event.id for event in found.events] == [opened, split, moved]
    assert [event.inherited_from for event in found.events] == [scene.cell.id, scene.cell.id, None]
    assert {tuple(event.before) for event in found.events} == {(beam,)}
    (exposure,) = found.exposures
    assert (exposure.id, exposure.fluence.value, exposure.fluence.unit) == (beam, 30.0, "e/A^2")
    assert [(each.exposure_ids, each.total.value) for each in exposure.before] == [([search], 30.0)]
    assert ([each.id for each in found.samples], found.cells) == ([scene.lamella.id, scene.cell.id], [scene.cell.id])
    assert found.is_complete


def test_a_corrected_event_is_left_out_and_its_correction_counts_at_its_own_moment(scene):
    wrong = scene.event(scene.lamella, "transfer", 1, method="ambient_air", air_exposure_s=9.0)
    late = scene.event(scene.lamella, "transfer", 9, method="ambient_air", supersedes_id=wrong)
    data = scene.dataset(scene.lamella)
    scene.exposure(scene.lamella, 6, dataset_id=data)
    result = scene.result(data)
    assert trace(scene, result).events == []
    for event in (wrong, late):
        answer = after(scene, event)
        assert (answer.standing_event_id, answer.items) == (late, [])


def test_each_exposure_names_the_events_before_it(scene):
    first, second = scene.dataset(scene.lamella), scene.dataset(scene.lamella)
    early = scene.exposure(scene.lamella, 2, dataset_id=first)
    between = scene.event(scene.lamella, "transfer", 3, method="ambient_air")
    late = scene.exposure(scene.lamella, 4, dataset_id=second)
    start = scene.event(scene.lamella, "mounting", 1, holder="grid")
    found = trace(scene, scene.result(first, second))
    assert {event.id: event.before for event in found.events} == {start: [early, late], between: [late]}
    assert [len(each.before) for each in found.exposures] == [0, 1]


def test_fluences_of_different_energies_never_meet_in_one_sum(small):
    small.exposure(small.lamella, 1)
    small.exposure(small.lamella, 2, beam_energy_kV={"value": 300.0, "source": "user"})
    small.exposure(small.lamella, 3, exposure_s=None)
    data = small.dataset(small.lamella)
    small.exposure(small.lamella, 6, dataset_id=data)
    sums = trace(small, small.result(data)).exposures[0].before
    assert {each.beam_energy.value: (each.total.value, each.known_part.value) for each in sums} == {
        200.0: (None, 30.0),
        300.0: (30.0, 30.0),
    }


def test_a_result_of_a_result_leads_back_over_both_runs(scene):
    data = scene.dataset(scene.lamella)
    scene.exposure(scene.lamella, 6, dataset_id=data)
    first = scene.result(data)
    found = trace(scene, scene.result(f"{first}/volume"), "share")
    assert [(run.result_id == first, run.depth) for run in found.runs] == [(False, 1), (True, 2)]
    assert [each.id for each in found.datasets] == [data]
    assert (found.value.value, found.value.uncertainty) == (0.5, 0.1)


def test_data_without_an_exposure_is_dated_by_its_header_or_by_its_arrival_and_its_dose_is_unknown(small):
    stamped = small.dataset(small.lamella, acquired_at=DAY.isoformat())
    silent = small.dataset(small.lamella, acquired_at="yesterday")
    found = trace(small, small.result(stamped, silent))
    assert [each.taken_at_source for each in found.datasets] == ["header", "received"]
    assert found.exposures == []
    assert [word.partition(":")[0] for word in found.unknowns] == [
        f"no exposure of {stamped} is recorded",
        f"no exposure of {silent} is recorded",
    ]


def test_a_number_from_a_corrected_exposure_says_so(small):
    old = small.exposure(small.lamella, 5)
    result = small.result(old)
    new = small.exposure(small.lamella, 5, supersedes_id=old)
    (exposure,) = trace(small, result).exposures
    assert (exposure.id, exposure.superseded_by, exposure.fluence.value) == (old, new, None)


@pytest.mark.parametrize(
    ("output", "asked"),
    [
        ("volume", {"voxel": "1,2"}),
        ("volume", {"voxel": "4,0,0"}),
        ("volume", {"voxel": "-1,0,0"}),
        ("volume", {"voxel": "a,b,c"}),
        ("volume", {"voxel": "1" * 70 + ",0,0"}),
        ("volume", {"label": 2}),
        ("share", {"voxel": "0,0,0"}),
        ("labels", {"label": 1}),
        ("labels", {"label": 0}),
        ("labels", {"label": 2, "voxel": "1,0,0"}),
    ],
)
def test_what_the_output_does_not_hold_is_refused(small, output, asked):
    with pytest.raises(Invalid) as refusal:
        trace(small, small.result(small.dataset(small.lamella)), output, **asked)
    assert refusal.value.errors[0]["pointer"] in {"/query/voxel", "/query/label"}


def test_a_label_is_found_by_its_number_and_by_a_voxel_of_it(small):
    result = small.result(small.dataset(small.lamella))
    assert trace(small, result, "labels", label=2).label.label == 2
    assert trace(small, result, "labels", voxel="1,0,0").label.label == 2
    assert trace(small, result, "labels", voxel="0,0,0").label is None


def test_a_label_carries_its_phase_and_whether_a_beam_may_have_made_it(small):
    data = small.dataset(small.lamella)
    warm = {"temperature_K": {"value": 293.15, "source": "user"}}
    rate = {"dose_rate_e_per_A2_s": {"value": 100.0, "unit": "e/(A^2 s)", "source": "user"}}
    small.exposure(small.lamella, 1, dataset_id=data, exposure_s={"value": 60.0, "source": "user"}, **warm | rate)
    result = small.result(data)
    assert trace(small, result, "labels", label=2).label.possibly_beam_made == "unknown"
    with small.house.database.writing() as session:
        new = NewLabel(output="labels", label=2, phase="Li2O")
        Lab(small.house, session).labels.assign(SYSTEM, result, new)
    label = trace(small, result, "labels", voxel="1,0,0").label
    assert (label.phase, label.possibly_beam_made) == ("Li2O", "true")
    assert label.reason


def test_damaged_bytes_give_no_value(small):
    result = small.result(small.dataset(small.lamella))
    with small.house.database.reading() as session:
        tree = session.get_one(Result, result).store_key
    path = small.house.settings.data / "store" / str(tree) / "volume.ome.zarr" / "0" / "c" / "0" / "0" / "0"
    path.write_bytes(path.read_bytes()[:-9] + b"123456789")
    with pytest.raises(DamagedTree):
        trace(small, result, voxel="0,0,0")


def test_an_event_leads_on_to_the_results_after_it_also_of_children_split_later(scene):
    opened = scene.event(scene.cell, "disassembly", 0)
    early_data, late_data = scene.dataset(scene.cell), scene.dataset(scene.lamella)
    scene.exposure(scene.cell, 1, dataset_id=early_data)
    milled = scene.event(scene.cell, "fib_milling", 2, ion_source="Xe")
    scene.event(scene.cell, "split", 3, child_ids=[scene.lamella.id])
    grown = scene.event(scene.cell, "storage", 4)
    scene.exposure(scene.lamella, 5, dataset_id=late_data)
    early, late = scene.result(early_data), scene.result(late_data)
    both = scene.result(f"{early}/volume", f"{late}/volume")
    ids = {event: [item.result_id for item in after(scene, event).items] for event in (opened, milled, grown)}
    assert ids == {opened: [both, late, early], milled: [both, late], grown: []}
    assert {item.is_after for item in after(scene, milled).items} == {True}
    assert after(scene, milled).sample_ids == sorted([scene.cell.id, scene.lamella.id])
    assert after(scene, grown).sample_ids == [scene.cell.id]


def test_both_directions_agree_on_what_came_first(scene):
    events = [scene.event(scene.lamella, "note", hour, note="x") for hour in range(6)]
    data = [scene.dataset(scene.lamella) for _ in range(3)]
    for number, dataset in enumerate(data):
        scene.exposure(scene.lamella, 2 * number, dataset_id=dataset)
    results = [scene.result(dataset) for dataset in data]
    back = {(event.id, result) for result in results for event in trace(scene, result).events}
    on = {(event, item.result_id) for event in events for item in after(scene, event).items}
    assert back == on
    assert len(on) == 1 + 3 + 5


def test_results_of_undated_data_are_perhaps_after_it(scene):
    event = scene.event(scene.lamella, "note", 0, note="x")
    result = scene.result(scene.dataset(scene.lamella))
    assert [(item.result_id, item.is_after) for item in after(scene, event).items] == [(result, None)]


def test_the_list_is_read_page_by_page_newest_first(small):
    event = small.event(small.lamella, "note", 0, note="x")
    data = small.dataset(small.lamella)
    results = [small.result(data) for _ in range(3)]
    first = after(small, event, limit=2)
    rest = after(small, event, before=first.items[-1].result_id, limit=2)
    assert [item.result_id for item in [*first.items, *rest.items]] == results[::-1]


def test_a_line_of_many_splits_is_told_up_to_its_cell(scene):
    samples = [scene.lamella]
    with scene.house.database.writing() as session:
        for number in range(MAX_DEPTH):
            child = Sample(
                id=f"smp_{number:032x}", project_id=scene.project.id, parent_id=samples[-1].id, code=f"C-{number:04d}",
                name="x", material="nmc", created_by="system", created_at=DAY, split_at=DAY,
            )  # fmt: skip
            session.add(child)
            session.flush()
            samples.append(child)
    data = scene.dataset(samples[-1])
    found = trace(scene, scene.result(data))
    assert (len(found.samples), found.is_complete) == (MAX_DEPTH + 2, True)


def test_strangers_see_neither_the_number_nor_the_event(small):
    event = small.event(small.lamella, "note", 0, note="x")
    result = small.result(small.dataset(small.lamella))
    stranger = Actor(id="usr_x", kind="person", label="x")
    with small.house.database.reading() as session:
        lab = Lab(small.house, session)
        with pytest.raises(NotFound):
            lab.provenance.of_number(stranger, result, "volume")
        with pytest.raises(NotFound):
            lab.provenance.results_after(stranger, event)


@pytest.fixture
def viewer(small: Scene, people: Any) -> Iterator[Any]:
    return people.make(role="viewer", project=small.project)


def test_the_questions_are_asked_over_http(small, viewer):
    event = small.event(small.lamella, "note", 0, note="x")
    result = small.result(small.dataset(small.lamella))
    address = f"/api/v1/results/{result}/outputs"
    answer = viewer.get(f"{address}/volume/provenance", params={"voxel": "3,4,5"})
    assert (answer.status_code, answer.json()["value"]["value"]) == (200, 119.0)
    assert viewer.get(f"{address}/labels/provenance", params={"label": 2}).json()["label"]["label"] == 2
    assert viewer.get(f"{address}/share/provenance").json()["value"]["uncertainty"] == 0.1
    assert viewer.get(f"{address}/nothing/provenance").status_code == 404
    refused = viewer.get(f"{address}/volume/provenance", params={"voxel": "9,9,9"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/voxel")
    page = viewer.get(f"/api/v1/events/{event}/results", params={"limit": 1}).json()
    assert [item["result_id"] for item in page["items"]] == [result]
    assert viewer.get(page["next"]).json()["items"] == []


def test_damage_is_a_problem_of_its_own_over_http(small, viewer):
    result = small.result(small.dataset(small.lamella))
    with small.house.database.reading() as session:
        tree = session.get_one(Result, result).store_key
    small.house.store.delete(f"{tree}/volume.ome.zarr/0/c/0/0/0")
    answer = viewer.get(f"/api/v1/results/{result}/outputs/volume/provenance", params={"voxel": "0,0,0"})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (500, "integrity-failure")


def test_tilts_that_no_exposure_accounts_for_are_counted(small):
    series = {"name": "haadf", "kind": "tilt_series", "axes": "tyx", "shape": [91, 8, 8]}
    data = small.dataset(small.lamella, arrays=[series])
    small.exposure(small.lamella, 6, dataset_id=data, frames=15)
    found = trace(small, small.result(data))
    assert [(each.tilts, each.tilts_without_dose) for each in found.datasets] == [(91, 76)]
    assert f"76 of 91 tilts of {data} have no record of dose" in found.unknowns
    small.exposure(small.lamella, 7, dataset_id=data, frames=76)
    found = trace(small, small.result(data))
    assert [each.tilts_without_dose for each in found.datasets] == [0]
    assert not [each for each in found.unknowns if "no record of dose" in each]
