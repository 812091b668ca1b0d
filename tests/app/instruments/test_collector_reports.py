"""What the collector of an instrument's PC says is kept, shown and brought to a manager's attention."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.infra.clock import now
from app.infra.db.models import AccessKey, Instrument

REPORT = {
    "host": "spectra-pc",
    "queue": {"growing": 1, "waiting": 12, "held": 3, "unmatched": 4, "sent": 4711, "events": 2},
    "free_journal_bytes": 5 * 2**30,
    "folders": ["D:/Data", "//server/share/spectra"],
    "problems": [
        {
            "kind": "sample-unknown",
            "count": 3,
            "words": "the service knows no sample 'LS-9' this key may send to: register it",
            "example": "LS-9/2026-11-22/<b>scan</b>.emd",
            "since": "2026-11-22T01:00:00+00:00",
        }
    ],
}


def beat(device, *, ahead_s=0.0, **more):
    sent_at = (now() + timedelta(seconds=ahead_s)).isoformat()
    answer = device.post("/api/v1/heartbeats", json={"sent_at": sent_at, "software": "lithoscope watch 1", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_last_report_stands_on_the_instruments_record_and_a_bare_beat_keeps_it(device, people):
    url = f"/api/v1/instruments/{device.instrument.id}"
    assert people.admin.get(url).json()["collector"] is None
    beat(device, collector=REPORT)
    beat(device)
    told = people.admin.get(url).json()["collector"]
    assert (told["host"], told["queue"]["unmatched"], told["queue"]["failed"]) == ("spectra-pc", 4, 0)
    assert told["software"] == "lithoscope watch 1"
    assert told["problems"][0]["kind"] == "sample-unknown"


def test_the_instruments_page_shows_queue_and_problems_and_escapes_file_names(device, people):
    beat(device, collector=REPORT)
    page = people.admin.get(f"/instruments/{device.instrument.id}").text
    assert "register it" in page
    assert "&lt;b&gt;scan&lt;/b&gt;.emd" in page
    assert "4711" in page.replace("\u202f", "").replace(",", "")
    assert "D:/Data" in page


def test_a_page_without_a_collector_says_how_to_start_one(device, people):
    assert "lithoscope watch" in people.admin.get(f"/instruments/{device.instrument.id}").text


def test_what_is_wrong_at_a_pc_and_what_waits_long_needs_attention(device, people):
    waits = (now() - timedelta(hours=3)).isoformat()
    beat(device, collector=REPORT | {"oldest_waiting_at": waits})
    words = [row["words"] for row in people.admin.get("/api/v1/attention").json()["items"]]
    assert any("register it (3 times)" in each for each in words)
    assert any("Data wait at" in each for each in words)


def test_a_revoked_key_is_said_on_the_instruments_page_and_with_the_silence_that_follows(house, device, people):
    beat(device, collector=REPORT)
    page = f"/instruments/{device.instrument.id}"
    assert "No key of its PC works" not in people.admin.get(page).text
    with house.database.writing() as session:
        session.execute(update(AccessKey).where(AccessKey.id == device.key.id).values(revoked_at=now()))
        session.execute(update(Instrument).values(last_heartbeat_at=now() - timedelta(hours=1)))
    assert "No key of its PC works any more" in people.admin.get(page).text
    words = [row["words"] for row in people.admin.get("/api/v1/attention").json()["items"]]
    assert any("silent since" in each and "enrol it again" in each for each in words)


def test_a_clock_measured_by_the_middle_of_a_round_trip_counts_unless_it_jumped(device):
    close = beat(device, ahead_s=30, clock_offset_s=29.7, round_trip_s=0.4)
    assert close["clock_offset_s"] == 29.7
    jumped = beat(device, ahead_s=430, clock_offset_s=29.7, round_trip_s=0.4)
    assert jumped["clock_offset_s"] == pytest.approx(430, abs=5)


def test_a_report_that_is_none_is_refused(device):
    bad = {"sent_at": now().isoformat(), "collector": {"queue": {"held": -1}}}
    answer = device.post("/api/v1/heartbeats", json=bad)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/body/collector/queue/held")
