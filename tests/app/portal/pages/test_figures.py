"""Pages show figures with caption and alternative, films that may rest, and how a result was made."""

from pathlib import Path
from typing import Any

from app.infra.house import House
from tests.app.results.publishing import add_job, publish
from tests.app.results.test_pictures import MADE
from tests.conftest import People


def test_a_result_shows_its_figures_and_tells_how_it_was_made(
    house: House, people: People, project: Any, tmp_path: Path
) -> None:
    result = publish(house, add_job(house, project, None), tmp_path, MADE)
    page = people.make(role="viewer", project=project).get(f"/results/{result.id}")
    assert page.status_code == 200
    home = f"/api/v1/results/{result.id}/outputs"
    for words in (
        'alt="slices of O"',
        "Slices through the middle. Scale bar 50 nm.",
        f'src="{home}/turning/picture.gif"',
        f'<source media="(prefers-reduced-motion: reduce)" srcset="{home}/turning/picture.png">',
        "output=slices&amp;format=svg",
        "Methods paragraph",
        'data-copy="methods-text"',
        "The result was computed with Lithoscope 0.1.0 by the method",
    ):
        assert words in page.text
