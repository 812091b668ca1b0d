from math import exp

import numpy as np
import pytest

from app.infra.ids import new_id
from app.lab.composition import Lab
from lithoscope.rules.titration import Bottle, hydrogen_fraction, hydrogen_of_lithium_umol
from tests.conftest import add_project, add_sample

GAS_BOTTLE = {"volume_mL": 30.0, "water_mL": 0.5, "pressure_Pa": 101325.0, "temperature_K": 298.15}
WORKED_MG = 0.08201  # 0.25 mAh/cm2 on a half-inch disc
AREA_CM2 = 1.26677
LEVELS = [0.05, 0.1, 0.2, 0.4, 0.8]


def area_of(percent, scatter=0.0):
    return 50 + 1e4 * percent + scatter


def percent_of(mass_mg):
    return 100 * hydrogen_fraction(hydrogen_of_lithium_umol(mass_mg), Bottle(30.0, 0.5, 101325.0, 298.15))


def calibration_of(instrument_id, seed=0, **more):
    rng = np.random.default_rng(seed)
    points = [{"amount": level, "area": area_of(level, float(rng.normal(0, 20)))} for level in LEVELS * 2]
    return {
        "instrument_id": instrument_id,
        "measured_at": "2026-05-04T10:00:00Z",
        "standard": "hydrogen_percent",
        "points": points,
        **more,
    }


def series_of(project_id, calibration_id, *, rate_per_h=0.003, hours=(0.0, 24.0, 72.0, 168.0), replicates=3, **more):
    rng = np.random.default_rng(1)
    bottles = [
        {
            "storage_h": stored,
            "areas": [area_of(percent_of(WORKED_MG * exp(-rate_per_h * stored)), float(rng.normal(0, 20)))],
        }
        for stored in hours
        for _ in range(replicates)
    ]
    return {
        "project_id": project_id,
        "material": "lithium_electrodeposited",
        "electrolyte": "Gen 2",
        "gas_calibration_id": calibration_id,
        "gas_bottle": GAS_BOTTLE,
        "area_cm2": AREA_CM2,
        "bottles": bottles,
        **more,
    }


@pytest.fixture
def calibration(people, device):
    answer = people.admin.post("/api/v1/gas-calibrations", json=calibration_of(device.instrument.id))
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def chemist(people, project):
    return people.make(role="contributor", project=project)


def record(person, body, status=201):
    answer = person.post("/api/v1/titration-series", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_calibration_keeps_its_points_and_its_line(people, device, calibration):
    assert calibration["line"]["slope"] == pytest.approx(1e4, rel=0.01)
    assert calibration["line"]["points"] == 10
    assert calibration["warnings"] == []
    found = people.make().get(f"/api/v1/gas-calibrations/{calibration['id']}").json()
    assert found == calibration
    listed = people.make().get(f"/api/v1/gas-calibrations?instrument_id={device.instrument.id}").json()
    assert listed["items"] == [calibration]


def test_the_instrument_s_own_pc_may_calibrate_it_and_no_other(device, people):
    assert device.post("/api/v1/gas-calibrations", json=calibration_of(device.instrument.id)).status_code == 201
    other = {"code": "gc-2", "name": "GC 2", "technique": "other"}
    other_id = people.admin.post("/api/v1/instruments", json=other).json()["id"]
    assert device.post("/api/v1/gas-calibrations", json=calibration_of(other_id)).status_code == 404


def test_a_fresh_electrode_of_the_worked_example_is_read_back(chemist, project, calibration):
    series = record(chemist, series_of(project.id, calibration["id"]))
    fresh = series["times"][0]
    assert fresh["storage_h"] == 0
    assert fresh["lithium"]["value"] == pytest.approx(WORKED_MG, rel=0.01)
    bottle = series["bottles"][0]
    assert bottle["hydrogen"]["value"] == pytest.approx(5.908, rel=0.02)
    assert bottle["charge_per_area"]["value"] == pytest.approx(0.25, rel=0.02)
    assert bottle["thickness"]["value"] == pytest.approx(1.21, rel=0.02)
    assert bottle["lithium"]["interval"][0] < WORKED_MG < bottle["lithium"]["interval"][1]
    assert "hydride" in bottle["lithium"]["note"]


def test_one_bottle_is_read_without_a_series(people, calibration):
    """The worked example: 0.4795 % of a sealed 30 mL bottle are 5.908 umol, 0.0820 mg and 0.25 mAh/cm2."""
    address = f"/api/v1/gas-calibrations/{calibration['id']}/reading?area={area_of(0.4795)}"
    read = people.make().get(f"{address}&volume_mL=30&water_mL=0.5&area_cm2={AREA_CM2}").json()
    assert read["hydrogen"]["value"] == pytest.approx(5.908, rel=0.01)
    assert read["lithium"]["interval"][0] < 0.0820 < read["lithium"]["interval"][1]
    assert read["charge_per_area"]["value"] == pytest.approx(0.25, rel=0.01)
    assert read["warnings"] == []
    without = people.make().get(address)
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/query/volume_mL")
    scattered = people.make().get(f"{address}&area=900000&volume_mL=30")
    assert scattered.json()["type"] == "/problems/bad-titration-series"


@pytest.mark.parametrize("query", ["", "area=nan", "area=inf", "area=-1", "area=1&volume_mL=0", "area=1&volume_mL=nan"])
def test_a_reading_of_nothing_is_refused(people, calibration, query):
    address = f"/api/v1/gas-calibrations/{calibration['id']}/reading?{query}"
    assert people.make().get(address).status_code == 422


def test_both_laws_are_fitted_with_bands_and_shelf_lives(chemist, project, calibration):
    series = record(chemist, series_of(project.id, calibration["id"]))
    first, root = series["fits"]
    assert (first["model"], root["model"]) == ("first_order", "square_root")
    assert first["rate"]["interval"][0] < 0.003 < first["rate"]["interval"][1]
    assert first["rate"]["unit"] == "h^-1"
    assert first["shelf_life"]["value"] == pytest.approx(35.1, rel=0.06)
    assert first["shelf_life"]["interval"][0] < 35.1 < first["shelf_life"]["interval"][1]
    assert first["fresh_charge_per_area"]["value"] == pytest.approx(0.25, rel=0.02)
    assert first["curve"][-1]["hours"] == pytest.approx(1.5 * 168)
    assert first["warnings"] == []
    assert root["warnings"] == ["misfit: the bottles deviate from this law by more than their scatter"]
    assert series["warnings"] == []


def test_fewer_than_three_replicates_are_flagged(chemist, project, calibration):
    series = record(chemist, series_of(project.id, calibration["id"], replicates=2))
    assert "too-few-replicates: 2 at 24 h, 3 are asked for" in series["warnings"]


def test_a_shelf_life_far_beyond_the_measured_time_is_not_made_up(chemist, project, calibration):
    body = series_of(project.id, calibration["id"], rate_per_h=0.003, hours=(0.0, 4.0, 12.0))
    life = record(chemist, body)["fits"][0]["shelf_life"]
    assert life["value"] is None
    assert "not reached within the measured time of 12 h" in life["note"]


def test_an_area_outside_the_standards_is_flagged(chemist, project, calibration):
    body = series_of(project.id, calibration["id"])
    body["bottles"][0]["areas"] = [area_of(1.2)]
    series = record(chemist, body)
    assert series["bottles"][0]["warnings"] == ["outside-calibration: the area lies outside those of the standards"]
    assert "doubtful-bottles: some bottles carry warnings of their own" in series["warnings"]


def test_an_empty_bottle_holds_no_lithium_rather_than_less(chemist, project, calibration):
    body = series_of(project.id, calibration["id"])
    body["bottles"][-1]["areas"] = [0.0]
    bottle = record(chemist, body)["bottles"][-1]
    assert bottle["lithium"]["value"] == 0
    assert "no-lithium: the area is not above that of an empty bottle" in bottle["warnings"]


def test_masses_that_make_no_sense_fit_no_law_and_say_so(chemist, project, calibration):
    body = series_of(project.id, calibration["id"])
    for bottle, percent in zip(body["bottles"], [0.5] * 3 + [0.1] * 3 + [0.6] * 3 + [0.15] * 3, strict=True):
        bottle["areas"] = [area_of(percent, 3.0 * body["bottles"].index(bottle))]
    for fit in record(chemist, body)["fits"]:
        assert "misfit: the bottles deviate from this law by more than their scatter" in fit["warnings"]


def test_electrodes_without_fresh_ones_and_with_two_times_are_flagged(chemist, project, calibration):
    series = record(chemist, series_of(project.id, calibration["id"], hours=(24.0, 168.0)))
    assert series["times"][1]["loss"]["value"] is None
    codes = {warning.partition(":")[0] for warning in series["warnings"]}
    assert codes == {"too-few-times", "no-fresh-electrode"}


def test_standards_of_lithium_need_no_bottle(people, chemist, project, device):
    points = [{"amount": 0.02 * step, "area": 1000.0 * step + step % 2} for step in range(1, 8)]
    body = calibration_of(device.instrument.id, standard="lithium_mg", points=points)
    calibration = people.admin.post("/api/v1/gas-calibrations", json=body).json()
    wanted = series_of(project.id, calibration["id"], gas_bottle=None)
    for bottle in wanted["bottles"]:
        bottle["areas"] = [4000.0 * exp(-0.003 * bottle["storage_h"])]
    series = record(chemist, wanted)
    assert series["times"][0]["lithium"]["value"] == pytest.approx(0.08, rel=1e-3)


def test_clocks_hear_of_the_newest_series_that_stands(house, chemist, project, calibration):
    slow = record(chemist, series_of(project.id, calibration["id"], rate_per_h=0.002))
    fast = record(chemist, series_of(project.id, calibration["id"], rate_per_h=0.004, supersedes_id=slow["id"]))
    with house.database.reading() as session:
        titrations = Lab(house, session).titrations
        first, root = titrations.measured_losses("lithium_electrodeposited", "gen2", project.id)
        assert titrations.measured_losses("lithium_electrodeposited", "bi-salt", project.id) == []
        assert titrations.measured_losses("lithium_metal_foil", None, project.id) == []
        assert titrations.measured_losses("lithium_electrodeposited", "Gen 2", new_id("prj")) == []
    assert (first.model, root.model, first.series_id) == ("first_order", "square_root", fast["id"])
    assert first.loss_at(24).interval[0] < 100 * (1 - exp(-0.004 * 24)) < first.loss_at(24).interval[1]


def test_a_correction_is_shown_and_made_once(chemist, project, calibration):
    first = record(chemist, series_of(project.id, calibration["id"]))
    second = record(chemist, series_of(project.id, calibration["id"], supersedes_id=first["id"]))
    assert chemist.get(f"/api/v1/titration-series/{first['id']}").json()["superseded_by"] == second["id"]
    listed = chemist.get(f"/api/v1/titration-series?project_id={project.id}").json()["items"]
    assert [each["id"] for each in listed] == [second["id"], first["id"]]
    again = record(chemist, series_of(project.id, calibration["id"], supersedes_id=first["id"]), 409)
    assert again["type"] == "/problems/already-superseded"


def test_a_calibration_is_corrected_once(people, device, calibration):
    body = calibration_of(device.instrument.id, seed=2, supersedes_id=calibration["id"])
    assert people.admin.post("/api/v1/gas-calibrations", json=body).status_code == 201
    assert people.admin.get(f"/api/v1/gas-calibrations/{calibration['id']}").json()["superseded_by"]
    assert people.admin.post("/api/v1/gas-calibrations", json=body).json()["type"] == "/problems/already-superseded"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"gas_bottle": None}, "/body/gas_bottle"),
        ({"gas_bottle": {**GAS_BOTTLE, "water_mL": 30.0}}, "/body/gas_bottle"),
        ({"gas_calibration_id": new_id("gcl")}, "/body/gas_calibration_id"),
        ({"supersedes_id": new_id("tgs")}, "/body/supersedes_id"),
        ({"bottles": [{"storage_h": 24.0, "areas": [100.0]}] * 3}, "/body/bottles"),
        ({"bottles": [{"storage_h": 0.0, "areas": [50.0 + n * 90000.0, 50.0]} for n in range(3)]}, "/body/bottles"),
    ],
)
def test_what_gives_no_series_is_refused_by_field(chemist, project, calibration, change, pointer):
    answer = record(chemist, series_of(project.id, calibration["id"], **change), 422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]
    assert chemist.get("/api/v1/titration-series").json()["items"] == []


def test_a_consumed_sample_must_be_of_the_project(house, chemist, project, calibration):
    foreign = add_sample(house, add_project(house, "OTHER"), "LS-2026-0700")
    body = series_of(project.id, calibration["id"])
    body["bottles"][2]["sample_id"] = foreign.id
    assert record(chemist, body, 422)["errors"][0]["pointer"] == "/body/bottles/2/sample_id"
    body["bottles"][2]["sample_id"] = add_sample(house, project, "LS-2026-0701").id
    record(chemist, body)


def test_a_pressure_in_the_wrong_unit_must_be_confirmed(chemist, project, calibration):
    body = series_of(project.id, calibration["id"], o2_ppm=5e5)
    assert record(chemist, body, 422)["type"] == "/problems/implausible-value"
    assert any("o2_ppm" in warning for warning in record(chemist, {**body, "confirm": True})["warnings"])


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([(0.1, 1000), (0.2, 2000)], "invalid-input"),
        ([(0.1, 1000), (0.1, 1010), (0.1, 990)], "bad-gas-calibration"),
        ([(0.1, -1000), (0.2, 2000), (0.3, 3000)], "out-of-range"),
        ([(0.1, 3000), (0.2, 2000), (0.3, 1000)], "bad-gas-calibration"),
        ([(47.9, 1000), (99.0, 2000), (100.0, 3000)], "bad-gas-calibration"),
    ],
)
def test_standards_that_give_no_line_are_refused(people, device, points, code):
    rows = [{"amount": amount, "area": float(area)} for amount, area in points]
    answer = people.admin.post("/api/v1/gas-calibrations", json=calibration_of(device.instrument.id, points=rows))
    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{code}"


def test_only_contributors_record_series(people, project, calibration):
    viewer = people.make(role="viewer", project=project)
    assert record(viewer, series_of(project.id, calibration["id"]), 403)["type"] == "/problems/forbidden"
