"""The look: enough contrast in both themes, nothing fetched from elsewhere."""

import re
from itertools import product
from pathlib import Path

import pytest

from app import portal
from app.portal import statics
from app.portal.icons import PATHS, icon

SOURCES = Path(__file__).parents[3] / "frontend" / "src"
CSS = (SOURCES / "portal.css").read_text()
TOKENS = {name: pair for name, *pair in re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", CSS)}
GROUNDS = ("ground", "sheet", "sunk")
TEXTS = ("ink", "ink-soft", "accent", "good", "warn", "bad", "info")
SOFT = [
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("info", "info-soft"),
    ("accent", "accent-soft"),
]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), [*product(TEXTS, GROUNDS), *SOFT, *(("ink", soft) for _, soft in SOFT)])
def test_text_stands_out_from_its_ground(text, ground, theme):
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


def test_a_scheme_changes_colours_alone():
    """Tokens have a colour for each scheme, and nothing else of a style sheet asks which one it is."""
    for sheet in SOURCES.rglob("*.css"):
        rules = re.findall(r"[^{}]*data-theme[^{}]*{([^}]*)}", text := sheet.read_text())
        assert "prefers-color-scheme" not in text, sheet.name
        assert {rule.strip() for rule in rules} <= {"color-scheme: light;", "color-scheme: dark;"}, sheet.name
    templates = Path(portal.__file__).parent / "templates"
    assert [each.name for each in templates.rglob("*.html") if "data-theme" in each.read_text()] == ["base.html"]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_buttons_and_the_borders_of_fields_stand_out(theme):
    assert contrast("#ffffff", TOKENS["accent-ground"][theme]) >= 4.5
    assert min(contrast(TOKENS["line-strong"][theme], TOKENS[ground][theme]) for ground in GROUNDS) >= 3


@pytest.mark.parametrize("name", sorted(path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.*")))
def test_sources_name_no_other_place(name):
    text = (SOURCES / name).read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|(?<!get )url\(", text)


def test_every_built_file_stands_in_the_manifest_and_has_its_packages_licences():
    built = set(statics.built().values())
    assert built <= set(statics.contents())
    assert "htmx.org 2" in statics.contents()["licences.txt"].decode()


@pytest.mark.parametrize("name", sorted(PATHS))
def test_icons_are_decoration_for_screen_readers(name):
    assert 'aria-hidden="true"' in icon(name)
