"""Figures and films are kept, served and saved as they were drawn."""

from pathlib import Path
from typing import Any

import pytest

from app.infra.db.models import Result
from app.infra.house import House
from lithoscope.figures import Figure, Film
from tests.app.results.publishing import add_job, publish

PNG = bytes.fromhex("89504e470d0a1a0a") + b"picture"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><style>*{fill: red}</style></svg>'
MADE = {
    "slices": Figure(PNG, SVG, "Slices through the middle. Scale bar 50 nm.", "slices of O"),
    "turning": Film(b"GIF89a film", PNG, "The particle turning.", "film of O"),
}


@pytest.fixture
def kept() -> dict[str, Any]:
    return MADE


def test_a_picture_tells_its_caption_its_alternative_and_its_formats(viewer: Any, result: Result) -> None:
    outputs = {each["name"]: each for each in viewer.get(f"/api/v1/results/{result.id}").json()["outputs"]}
    figure, film = outputs["slices"], outputs["turning"]
    assert (figure["kind"], figure["caption"], figure["alternative"]) == (
        "figure", "Slices through the middle. Scale bar 50 nm.", "slices of O"
    )  # fmt: skip
    assert (film["kind"], film["formats"], figure["formats"]) == ("film", ["gif", "png"], ["png", "svg"])


@pytest.mark.parametrize(
    ("name", "form", "media_type", "content"),
    [
        ("slices", "png", "image/png", PNG),
        ("slices", "svg", "image/svg+xml", SVG.encode()),
        ("turning", "gif", "image/gif", b"GIF89a film"),
        ("turning", "png", "image/png", PNG),
    ],
)
def test_each_file_is_served_as_what_it_is_and_may_do_nothing(
    viewer: Any, result: Result, name: str, form: str, media_type: str, content: bytes
) -> None:
    answer = viewer.get(f"/api/v1/results/{result.id}/outputs/{name}/picture.{form}")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_a_drawing_may_bring_styles(viewer: Any, result: Result) -> None:
    home = f"/api/v1/results/{result.id}/outputs/slices/picture"
    assert "style-src 'unsafe-inline'" in viewer.get(f"{home}.svg").headers["content-security-policy"]
    assert "style-src" not in viewer.get(f"{home}.png").headers["content-security-policy"]


def test_a_form_that_was_not_drawn_is_not_found(viewer: Any, result: Result) -> None:
    home = f"/api/v1/results/{result.id}/outputs"
    assert viewer.get(f"{home}/slices/picture.gif").status_code == 404
    assert viewer.get(f"{home}/turning/picture.svg").status_code == 404
    assert viewer.get(f"{home}/slices/picture.exe").status_code == 422


@pytest.mark.parametrize(("output", "form", "content"), [("slices", "svg", SVG.encode()), ("turning", "png", PNG)])
def test_a_download_has_the_name_of_the_sample_and_the_bytes(
    viewer: Any, result: Result, sample: Any, output: str, form: str, content: bytes
) -> None:
    query = {"format": form, "output": output}
    answer = viewer.get(f"/api/v1/results/{result.id}/download", params=query)
    assert answer.content == content
    assert sample.code in answer.headers["content-disposition"]
    refused = viewer.get(f"/api/v1/results/{result.id}/download", params={**query, "format": "mrc"})
    assert refused.json()["type"] == "/problems/format-does-not-fit"


def test_the_same_picture_is_the_same_result(house: House, project: Any, result: Result, tmp_path: Path) -> None:
    assert publish(house, add_job(house, project, None), tmp_path, MADE).digest == result.digest
