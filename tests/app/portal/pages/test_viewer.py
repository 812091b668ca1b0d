"""The viewer's own page: several things in one frame, each by the rights of who looks."""

import re
from typing import Any

import numpy as np
import pytest

from app.portal import statics
from lithoscope.arrays import LabelledArray, Table
from lithoscope.units import Quantity
from tests.app.portal.pages.test_seeing import finished, told
from tests.app.portal.test_pages import HTML
from tests.app.results.publishing import RUN_RECORD


def volume(step_nm: float, side: int) -> dict[str, Any]:
    steps = dict.fromkeys("zyx", Quantity(step_nm, "nm", "header"))
    values = np.zeros((side, side, side), np.float32)
    return {"volume": LabelledArray(values, "zyx", steps, "counts", kind="volume", name="volume")}


@pytest.fixture
def shown(house, project, tmp_path, monkeypatch) -> list[str]:
    """Publish two volumes of other voxels and a table; return the ids of their results."""
    monkeypatch.setitem(RUN_RECORD, "method_version", "1")
    monkeypatch.setitem(RUN_RECORD, "inputs", {})
    made = [volume(5.0, 4), volume(10.0, 3), {"classes": Table({"class": ["pore"]}, {"class": "1"})}]
    return [str(finished(house, project, tmp_path, outputs).result_id) for outputs in made]


def test_volumes_of_other_voxels_stand_in_one_frame_and_are_told_apart(people, project, shown):
    first, second, _ = shown
    viewer = people.make(role="viewer", project=project)
    text = viewer.get(f"/viewer?show={first}/volume&show={second}/volume@after", headers=HTML).text
    (frame,) = told(text, "slices")
    assert [each["steps"]["x"] for each in frame["maps"]] == [5.0, 10.0]
    assert [each["shape"] for each in frame["maps"]] == [[4, 4, 4], [3, 3, 3]]
    titles = [each["title"] for each in frame["maps"]]
    assert titles[0].startswith("Segmentation by thresholds")
    assert titles[1] == "after: Tomogram"
    assert "several grids in one physical frame" in text
    assert f'href="/viewer?show={second}/volume@after"' in text


def test_words_of_the_address_are_escaped(people, project, shown):
    viewer = people.make(role="viewer", project=project)
    text = viewer.get(f'/viewer?show={shown[0]}/volume@<b x="1">', headers=HTML).text
    assert "<b x" not in text
    assert told(text, "slices")[0]["maps"][0]["title"] == '<b x="1">: Tomogram'


@pytest.mark.parametrize("reference", ["{0}/nothing", "{0}", "res_gone/volume", "smp_x/volume", "@"])
def test_what_is_not_there_is_not_found(people, project, shown, reference: str):
    viewer = people.make(role="viewer", project=project)
    assert viewer.get("/viewer", params={"show": reference.format(*shown)}, headers=HTML).status_code == 404


def test_what_belongs_to_others_is_not_found_and_not_offered(people, shown):
    stranger = people.make()
    assert stranger.get(f"/viewer?show={shown[0]}/volume", headers=HTML).status_code == 404
    empty = stranger.get("/viewer", headers=HTML)
    assert empty.status_code == 200
    assert shown[0] not in empty.text
    assert "Nothing can be looked at yet" in empty.text


def test_what_cannot_be_cut_says_where_to_look_and_is_not_offered(people, project, shown):
    first, second, table = shown
    viewer = people.make(role="viewer", project=project)
    text = viewer.get(f"/viewer?show={table}/classes", headers=HTML).text
    assert "cannot be cut" in text
    assert f'href="/results/{table}"' in text
    assert f'value="{first}/volume"' in text
    assert f'value="{second}/volume"' in text
    assert f'<option value="{table}/classes"' not in text


def test_what_may_be_added_is_found_by_words_of_method_and_identifier(people, project, shown):
    first, second, _ = shown
    viewer = people.make(role="viewer", project=project)

    def offered(**query: Any) -> list[str]:
        answer = viewer.get("/viewer/offers", params=query, headers=HTML)
        assert answer.status_code == 200
        return re.findall(r'<option value="([^"]+)"', answer.text)

    both = {f"{first}/volume", f"{second}/volume"}
    assert set(offered()) == both
    assert set(offered(find="thresholds")) == both
    assert offered(find=first) == [f"{first}/volume"]
    assert offered(find="thresholds", show=f"{first}/volume@before") == [f"{second}/volume"]
    assert "Nothing of that name" in viewer.get("/viewer/offers?find=no-such", headers=HTML).text


def test_a_search_without_scripts_keeps_what_is_shown_and_what_was_looked_for(people, project, shown):
    first, second, _ = shown
    viewer = people.make(role="viewer", project=project)
    text = viewer.get(f"/viewer?show={first}/volume&show=&find={second}", headers=HTML).text
    assert f'<option value="{second}/volume"' in text
    assert f'name="find" value="{second}"' in text
    assert f'<input type="hidden" name="show" value="{first}/volume">' in text
    assert "No more" not in text


def test_what_belongs_to_others_is_found_by_no_words(people, shown):
    assert shown[0] not in people.make().get(f"/viewer/offers?find={shown[0]}", headers=HTML).text


def test_a_page_with_slices_leads_to_the_viewer(people, project, shown):
    viewer = people.make(role="viewer", project=project)
    text = viewer.get(f"/results/{shown[0]}", headers=HTML).text
    assert f'data-page="/viewer?show={shown[0]}/volume"' in text
    assert "data-fragment" not in text
    assert "data-fragment" in viewer.get(f"/viewer?show={shown[0]}/volume", headers=HTML).text


def test_no_more_than_twelve_are_shown_together(people, project, shown):
    viewer = people.make(role="viewer", project=project)
    many = "&".join(f"show={shown[0]}/volume@{k}" for k in range(13))
    assert viewer.get(f"/viewer?{many}", headers=HTML).status_code == 400


def test_the_worker_may_ask_this_service_and_evaluates_no_text(people):
    policy = people.make().get(statics.address("slicing.js")).headers["content-security-policy"].split("; ")
    assert "connect-src 'self'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "default-src 'none'" in policy
