"""Dose on pages: exposures of every mode, running ones, regions, budgets, records of the beam, planner, limits."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import inspect

from app.infra.clock import now
from app.infra.db.models import Exposure
from app.infra.ids import new_id
from app.portal.pages.exposures import MODES
from app.portal.windows import SHOWN
from tests.app.portal.test_pages import HTML, form

UTC = {"occurred_at.zone": "+00:00", "ended_at.zone": "+00:00"}
SQUARE = "0, 0\n4, 0\n4; 4\n0 4"
FIELD = {
    "mode": "tem_field",
    "occurred_at": "2026-03-01T10:00",
    "beam_energy_kV.value": "200",
    "beam_energy_kV.source": "user",
    "temperature_K.value": "20",
    "temperature_K.value.unit": "degC",
    "temperature_K.source": "measured",
    "dose_rate_e_per_A2_s.value": "10",
    "dose_rate_e_per_A2_s.source": "measured",
    "exposure_s.value": "15",
    "exposure_s.source": "user",
}
PLAN = {
    "phase": "LiF",
    "temperature_K": "20",
    "temperature_K.unit": "degC",
    "beam_energy_kV": "200",
    "beam_current_nA": "0.01",
    "dwell_s": "1",
    "beam_diameter_nm": "1000",
    "frames": "10",
    "criterion": "onset_of_visible_damage",
}


@pytest.fixture
def person(people, project):
    """Give somebody who may record and name regions."""
    return people.make(role="contributor", project=project)


def exposed(person, sample, **more):
    address = f"/samples/{sample.id}/exposures/new"
    answer = form(person, address, f"{address}?mode={more.get('mode', FIELD['mode'])}", **{**FIELD, **UTC, **more})
    assert answer.status_code == 303, answer.text
    return person.get(f"/api/v1/samples/{sample.id}/exposures").json()["items"][-1]


def region_of(person, sample, **more):
    answer = form(
        person,
        f"/samples/{sample.id}/regions/new",
        name="Interface",
        polygon_um=SQUARE,
        **{"phases.LiF": "true"},
        **more,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def text_of(person, path):
    answer = person.get(path, headers=HTML)
    assert answer.status_code == 200, path
    return answer.text


@pytest.mark.parametrize("mode", sorted(MODES))
def test_every_mode_of_exposure_has_its_form(person, sample, mode):
    text = text_of(person, f"/samples/{sample.id}/exposures/new?mode={mode}")
    assert 'name="temperature_K.value.unit"' in text
    assert 'name="field_um"' in text
    assert 'name="is_running"' in text


def test_an_exposure_lies_where_its_corners_say(person, sample):
    assert exposed(person, sample, field_um=SQUARE)["field_um"] == [[0, 0], [4, 0], [4, 4], [0, 4]]


def test_corners_that_are_no_numbers_are_a_fault_of_their_field(person, sample):
    address = f"/samples/{sample.id}/exposures/new"
    answer = form(person, address, f"{address}?mode=tem_field", **{**FIELD, **UTC, "field_um": "here\nthere"})
    assert answer.status_code == 422
    assert 'id="field_um-wrong"' in answer.text
    assert "here\nthere" in answer.text


def test_a_running_exposure_is_ended_by_a_correction_of_the_same_beam(person, sample):
    running = exposed(person, sample, is_running="true")
    assert "beam on" in text_of(person, f"/samples/{sample.id}/dose")
    page = f"/samples/{sample.id}/exposures/new?supersedes={running['id']}&end=true"
    text = text_of(person, page)
    assert 'name="dose_rate_e_per_A2_s.value" value="10"' in text
    ended = exposed(person, sample, supersedes_id=running["id"], ended_at="2026-03-01T10:05")
    assert ended["supersedes_id"] == running["id"]
    assert "beam on" not in text_of(person, f"/samples/{sample.id}/dose")


def test_a_dose_without_records_of_the_beam_is_called_a_lower_bound(person, sample):
    exposed(person, sample)
    address = f"/samples/{sample.id}/dose"
    assert text_of(person, address).count("is a lower bound") == 1
    answer = form(
        person,
        f"/samples/{sample.id}/beam-records/new",
        kind="operator",
        from_at="2026-03-01T09:00",
        to_at="2026-03-01T11:00",
        **{"from_at.zone": "+00:00", "to_at.zone": "+00:00"},
        **{f"covers.{kind}": "true" for kind in ("search", "focus", "flyback", "parked")},
    )
    assert answer.status_code == 303, answer.text
    assert "The dose is a lower bound" not in text_of(person, address)


def repeated(house, exposure_id, count):
    """Take an exposure again and again, a minute apart; return the ids of all, oldest first."""
    ids = [exposure_id]
    with house.database.writing() as session:
        first = session.get_one(Exposure, exposure_id)
        row = {each.key: getattr(first, each.key) for each in inspect(Exposure).column_attrs}
        for number in range(1, count):
            ids.append(new_id("exp"))
            at = first.happened_at + timedelta(minutes=number)
            when = {"occurred_at": at, "happened_at": at, "received_at": now()}
            session.add(Exposure(**{**row, **when, "id": ids[-1]}))
    return ids


def test_of_many_exposures_a_part_is_listed_and_all_are_summed(house, person, sample):
    ids = repeated(house, exposed(person, sample, field_um=SQUARE)["id"], SHOWN + 3)
    address = f"/samples/{sample.id}/dose"
    newest, older = text_of(person, address), text_of(person, f"{address}?part=1")
    listed = [re.findall(r'id="(exp_[0-9a-f]{32})"', text) for text in (newest, older)]
    assert listed[0] + listed[1] == ids[::-1]
    total = re.search(r'data-label="Recorded dose">(.*?)</td>', newest)[1]
    assert total == re.search(r'data-label="Recorded dose">(.*?)</td>', older)[1]
    assert f'data-label="Exposures">{len(ids)}<' in newest
    assert f"1 to {SHOWN} of {len(ids)}" in newest
    assert "(3 are on other parts)" in newest
    assert f'href="#{ids[-1]}"' in newest
    assert newest.count("<polygon") == SHOWN
    assert "Newer" not in newest
    assert "Older" not in older
    assert f'id="{ids[0]}"' in text_of(person, f"{address}?around={ids[0]}")


def test_fields_on_the_page_of_a_region_lead_to_their_exposures(person, sample):
    address = region_of(person, sample)
    made = exposed(person, sample, field_um=SQUARE)
    assert f'href="/things/{made["id"]}"><title>' in text_of(person, address)


def test_a_record_of_the_beam_that_runs_backwards_keeps_its_answers(person, sample):
    answer = form(
        person,
        f"/samples/{sample.id}/beam-records/new",
        kind="valve_log",
        from_at="2026-03-01T11:00",
        to_at="2026-03-01T09:00",
        note="the whole morning",
        **{"from_at.zone": "+00:00", "to_at.zone": "+00:00"},
    )
    assert answer.status_code in {409, 422}
    assert "the whole morning" in answer.text
    assert 'id="to_at-wrong"' in answer.text


def test_a_region_shows_what_is_left_of_the_phases_it_is_watched_for(person, sample):
    address = region_of(person, sample)
    exposed(person, sample, field_um=SQUARE)
    text = text_of(person, address)
    assert "150\u00a0e/Å²" in text
    assert "at least 75\u00a0%" in text
    assert re.search(r'class="badge not-known">unknown', text), "without a record of the beam nothing is within"


def test_a_region_is_changed_and_no_longer_watched(person, sample):
    address = region_of(person, sample)
    version = re.search(r'name="version" value="(\d+)"', text_of(person, f"{address}/edit"))[1]
    changed = form(person, f"{address}/edit", name="Grain", polygon_um=SQUARE, version=version)
    assert changed.status_code == 303, changed.text
    assert "Grain" in text_of(person, address)
    assert form(person, f"{address}/retirement", address).status_code == 303
    assert "no longer watched" in text_of(person, address)


def test_an_outline_that_crosses_itself_is_refused_at_its_field_with_the_corners_kept(person, sample):
    answer = form(person, f"/samples/{sample.id}/regions/new", name="Bow", polygon_um="0, 0\n4, 4\n4, 0\n0, 4")
    assert answer.status_code == 422
    assert 'id="polygon_um-wrong"' in answer.text
    assert "0, 0\n4, 4" in answer.text


def test_the_planner_says_dose_share_and_the_largest_safe_dwell(person):
    answer = form(person, "/planner", **PLAN)
    assert answer.status_code == 200
    assert "7.947\u00a0e/Å²" in answer.text
    assert "3.97\u00a0%" in answer.text
    assert "Largest that is safe" in answer.text


def test_the_planner_keeps_what_was_typed_and_names_the_field(person):
    answer = form(person, "/planner", **{**PLAN, "beam_current_nA": "-1"})
    assert answer.status_code == 422
    assert 'id="beam_current_nA-wrong"' in answer.text
    assert 'value="1000"' in answer.text


def test_what_nobody_measured_is_planned_as_unknown(person):
    answer = form(person, "/planner", **{**PLAN, "temperature_K": "-60"})
    assert 'class="badge not-known">unknown' in answer.text


def test_limits_of_the_facility_stand_beside_the_literature(people, person):
    lab_row = {
        "phase": "LiF",
        "criterion": "onset_of_visible_damage",
        "dose.lower": "180",
        "dose.upper": "220",
        "beam_energy_kV": "300",
        "temperature_K": "15, 30",
        "temperature_K.unit": "degC",
        "mode": "tem_field",
        "source": "notebook 7, page 3",
    }
    assert person.get("/limits/new", headers=HTML).status_code == 403
    assert form(people.admin, "/limits/new", **lab_row).status_code == 303
    text = text_of(person, "/limits")
    assert "180 to 220\u00a0e/Å²" in text
    assert "Bai et al." in text
    assert "15\u00a0°C to 30\u00a0°C" in text
    limit_id = re.search(r'id="(lim_[0-9a-f]{32})"', text)[1]
    assert form(people.admin, f"/limits/{limit_id}/retirement", "/limits").status_code == 303
    assert "notebook 7" not in text_of(person, "/limits")


def test_a_limit_without_any_end_is_refused_with_the_answers_kept(people):
    answer = form(people.admin, "/limits/new", phase="LiF", criterion="onset_of_visible_damage", source="page 9",
                  beam_energy_kV="300", temperature_K="288, 303", mode="tem_field")  # fmt: skip
    assert answer.status_code == 422
    assert "page 9" in answer.text


def test_the_adviser_says_where_no_source_speaks(person):
    text = text_of(person, "/strategies?material=lithium_metal_foil&question=bulk_morphology")
    assert "Ion source" in text
    assert "As printed" in text
    assert "No source in the tables" in text_of(person, "/strategies?material=other&question=inventory")


def test_every_frame_of_a_series_stands_with_the_sum_so_far(person, sample):
    made = exposed(person, sample, frames="3", recorded_scans="3")
    assert "Dose frame by frame" in text_of(person, f"/samples/{sample.id}/dose")
    text = text_of(person, f"/exposures/{made['id']}/dose-curve")
    assert "150" in text
    assert "450" in text


def test_what_is_said_of_a_sample_fills_the_form_that_changes_it(person, sample):
    address = f"/samples/{sample.id}/edit"
    given = {"name": "Foil", "prepared_at": "2026-03-01T10:00", "prepared_at.zone": "+00:00"}
    changed = form(person, address, **given, capacity_mAh_per_cm2="0.25", version=str(sample.version))
    assert changed.status_code == 303, changed.text
    text = text_of(person, address)
    assert 'value="2026-03-01T10:00:00"' in text
    assert 'value="0.25"' in text
    assert "0.25 mAh/cm²" in text_of(person, f"/samples/{sample.id}")


def test_budgets_of_regions_stand_on_the_samples_own_page(person, sample):
    region_of(person, sample)
    text = text_of(person, f"/samples/{sample.id}")
    assert "Dose budgets" in text
    assert "Interface" in text
