"""Links, intervals, plots, groups of rooms and answers made of records."""

from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from app.lab.dose.schemas import TemField
from app.lab.regions.schemas import NewRegion
from app.portal import links, navigation, titration_plots, words
from app.portal.forms import body_of, fields_of
from app.portal.records import values_of
from lithoscope.rules.bounds import Bounds

EVENT = f"evt_{'a' * 32}"


def test_identifiers_in_a_sentence_become_links_and_the_rest_stays_text():
    made = links.linked(f"<b>counted</b> from {EVENT} (fib_milling)")
    assert made == (
        f'&lt;b&gt;counted&lt;/b&gt; from <a class="nowrap" href="/things/{EVENT}">event …aaaaaa</a> (FIB milling)'
    )


def test_a_pattern_of_file_names_stands_as_it_was_typed():
    made = links.linked("kind tilt_series, name like “tilt_series_<b>_H2O_*.emd”")
    assert made == "kind tilt series, name like “tilt_series_&lt;b&gt;_H2O_*.emd”"


def test_lists_that_the_interface_names_are_links_to_their_pages():
    assert links.linked("see GET /methods.") == 'see <a href="/methods">Methods</a>.'
    assert links.linked("see GET /processing-rules") == 'see <a href="/rules">Rules</a>'
    assert links.linked("see GET /queues & more") == "see GET /queues &amp; more"
    assert links.things("see GET /methods") == "see GET /methods"


def test_a_sentence_shows_what_the_visitor_calls_a_thing_and_says_its_kind_once():
    with links.named_by({EVENT: Markup("event of 10:00"), "events/1": Markup("step 2")}.get):
        assert links.linked(f"stopped by event {EVENT}") == (
            f'stopped by <a class="nowrap" href="/things/{EVENT}">event of 10:00</a>'
        )
        assert links.linked("in air: events/1 (<b>)") == "in air: step 2 (&lt;b&gt;)"
        assert links.things(f"box_3 {EVENT}").startswith("box_3 <a")
    assert "event …aaaaaa" in links.link(EVENT)


@pytest.mark.parametrize(
    ("name", "said"),
    [("Li2CO3", "Li₂CO₃"), ("LiF", "LiF"), ("Li2O, Li", "Li₂O, Li"), ("LiNi0.8Co0.1Mn0.1O2", "LiNi0.8Co0.1Mn0.1O2")],
)
def test_formulae_carry_subscripts(name, said):
    assert words.formula(name) == said


def test_a_fields_name_before_a_number_is_written_with_its_unit():
    assert links.linked("temperature_K 95: too warm") == "temperature 95 K: too warm"
    assert links.linked("dose_rate_e_per_A2_s at least 3500") == "dose rate at least 3500 e/(Å² s)"


def test_what_only_looks_like_an_identifier_is_no_link():
    assert links.link("evt_<script>") == "evt_&lt;script&gt;"


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((None, None, None), "unknown"),
        ((0.0, None, None), "unknown"),
        ((0.75, None, None), "at least 75\u00a0%"),
        ((None, None, 0.5), "at most 50\u00a0%"),
        ((0.8, None, 0.85), "80 to 85\u00a0%"),
        ((0.8, 0.82, 0.85), "80 to 85\u00a0%, best estimate 82\u00a0%"),
        ((None, 0.3, None), "about 30\u00a0%"),
        ((0.2, 0.2, 0.2), "20\u00a0%"),
        ((None, None, 0.0), "0\u00a0%"),
    ],
)
def test_an_interval_says_what_is_known_and_no_more(ends, said):
    assert words.share(Bounds(*ends, "1")) == said


def test_seconds_left_are_written_in_units_a_person_reads():
    assert words.span(Bounds(90.0, None, 3600.0, "s")) == "1 min 30 s to 1 h"
    assert words.span(Bounds(2.0, None, 4.0, "s")) == "2 to 4\u00a0s"
    assert words.span(Bounds.unknown("s")) == "unknown"


def test_every_room_stands_in_one_group_and_its_pages_with_it():
    addresses = [address for group in navigation.GROUPS for address, _ in group.rooms]
    assert len(addresses) == len(set(addresses))
    assert max(len(group.rooms) for group in navigation.GROUPS) <= 8
    group = navigation.present("/regions/rgn_1")
    assert group is not None
    assert group.name == "Samples"
    assert navigation.present("/account") is None


def test_a_record_fills_the_form_that_made_it():
    record = {
        "occurred_at": datetime(2026, 3, 1, 10, 0, 0, 500_000, tzinfo=UTC),
        "field_um": [[0.0, 0.5], [4.0, 0.0], [4.0, 4.0]],
        "beam_energy_kV": {"value": 200.0, "source": "user", "unit": "kV", "uncertainty": None, "note": ""},
        "is_running": False,
        "purpose": None,
    }
    values = values_of(record)
    assert values["occurred_at"] == "2026-03-01T10:00:00.500"
    assert "purpose" not in values
    body = body_of(TemField, values | {"occurred_at.zone": "+00:00"}, mode="tem_field")
    assert body.field_um == [[0.0, 0.5], [4.0, 0.0], [4.0, 4.0]]
    assert body.occurred_at == record["occurred_at"]
    assert body.beam_energy_kV.value == 200


def test_an_outline_is_asked_as_corners():
    fields = {field.name: field for field in fields_of(NewRegion.model_json_schema())}
    assert fields["polygon_um"].kind == "outline"


def test_a_plot_keeps_points_and_bands_within_its_frame():
    points = [titration_plots.Point(0, 0, 0.5), titration_plots.Point(24, 8, 0.5), titration_plots.Point(72, 12)]
    curve = titration_plots.Curve("law", [(0, 0, 0, 0), (100, 14, 10, 40)])
    made = titration_plots.plot("Loss", "hours", "loss", points=points, curves=[curve])
    for x, y, _, _ in made.points:
        assert titration_plots.LEFT <= x <= titration_plots.WIDTH - titration_plots.RIGHT
        assert titration_plots.TOP <= y <= titration_plots.HEIGHT - titration_plots.BOTTOM
    heights = [float(pair.split(",")[1]) for pair in made.curves[0].band.split()]
    assert min(heights) >= titration_plots.TOP
    assert len(made.x_ticks) >= 3
