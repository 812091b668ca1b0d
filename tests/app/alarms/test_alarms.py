"""An alarm is raised once, said to whom it concerns, tried until it is taken, and survives every kill."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.infra.clock import now
from app.infra.db.models import Alarm, AlarmDelivery, Sample, SampleClock
from app.infra.ids import new_id
from app.lab.access import SYSTEM
from app.lab.alarms.findings import Finding
from app.lab.alarms.schemas import NewWebhook
from app.lab.alarms.sweeping import AlarmSweeper, raise_alarms, send_alarms
from app.lab.composition import Lab
from tests.conftest import add_project, add_sample, settings_for
from tests.servers import free_port

WORK = (
    "from app.infra.house import House; from app.settings import Settings;"
    "from app.lab.alarms.sweeping import send_alarms; send_alarms(House(Settings()))"
)


@pytest.fixture
def settings(tmp_path, mailbox):
    return settings_for(
        tmp_path / "data",
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
        smtp_starttls=False,
        smtp_from="lithoscope@facility.example",
        alarm_mail_to=["bench@facility.example"],
        public_url="https://lithoscope.example/",
    )


def finding_of(sample, *, key="clock.due:x", topic="clock.due", since=None):
    return Finding(key, topic, sample.project_id, sample.id, f"{sample.code} is due", since or now(), {"reason": "why"})


def listen(house, project_id, url, topics=()):
    with house.database.writing() as session:
        new = NewWebhook(url=url, project_id=project_id, topics=list(topics))
        return Lab(house, session).alarms.add_webhook(SYSTEM, new)


def raise_one(house, finding):
    with house.database.writing() as session:
        return Lab(house, session).alarms.raise_alarm(finding, now())


def hurry(house):
    """Let a time pass that is longer than any wait."""
    with house.database.writing() as session:
        waiting = update(AlarmDelivery).where(AlarmDelivery.next_try_at.is_not(None))
        session.execute(waiting.values(next_try_at=now() - timedelta(seconds=1)))


def deliveries(house):
    with house.database.reading() as session:
        return list(session.scalars(select(AlarmDelivery).order_by(AlarmDelivery.id)))


def test_a_cell_opened_days_ago_raises_an_alarm_that_arrives_everywhere(house, steward, project, receiver, mailbox):
    made = steward.post("/api/v1/webhooks", json={"url": receiver.url, "project_id": project.id}).json()
    body = {
        "project_id": project.id,
        "name": "Gen2 deposit",
        "material": "lithium_electrodeposited",
        "electrolyte": "Gen2",
    }
    sample = steward.post("/api/v1/samples", json=body).json()
    opened = {"type": "disassembly", "occurred_at": (now() - timedelta(days=3)).isoformat(), "atmosphere": "argon"}
    assert steward.post(f"/api/v1/samples/{sample['id']}/events", json=opened).status_code == 201
    AlarmSweeper(house).sweep()
    overdue = steward.get("/api/v1/alarms?topic=clock.overdue").json()["items"]
    assert overdue
    assert {alarm["sample_id"] for alarm in overdue} == {sample["id"]}
    assert all(alarm["record"]["citation"] and alarm["record"]["reason"] for alarm in overdue)
    assert all(alarm["deliveries"] == {"delivered": 2, "waiting": 0, "given_up": 0} for alarm in overdue)
    taken = next(each for each in receiver.taken if json.loads(each.body)["id"] == overdue[0]["id"])
    stamp, message_id = taken.headers["Lithoscope-Timestamp"], taken.headers["Lithoscope-Id"]
    signed = hmac.new(made["secret"].encode(), f"{stamp}.{message_id}.".encode() + taken.body, hashlib.sha256)
    assert taken.headers["Lithoscope-Signature"] == f"v1={signed.hexdigest()}"
    assert json.loads(taken.body)["link"] == f"https://lithoscope.example/samples/{sample['id']}"
    assert {mail["To"] for mail in mailbox.taken} == {"bench@facility.example"}
    assert f"[Lithoscope] {overdue[0]['message']}" in {mail["Subject"].strip() for mail in mailbox.taken}


def test_sweeping_again_raises_and_sends_nothing_twice(house, sample, receiver, mailbox):
    listen(house, sample.project_id, receiver.url)
    assert raise_one(house, finding_of(sample))
    assert not raise_one(house, finding_of(sample))
    assert send_alarms(house) == 2
    assert send_alarms(house) == 0
    assert (len(receiver.taken), len(mailbox.taken)) == (1, 1)


def test_sweepers_at_the_same_moment_raise_one_alarm_and_send_it_once(any_house, receiver):
    project = add_project(any_house, "PRJ-1")
    sample = add_sample(any_house, project, "LS-2026-9001")
    listen(any_house, project.id, receiver.url)
    finding = finding_of(sample)
    together([lambda: raise_one(any_house, finding)] * 4)
    together([lambda: send_alarms(any_house)] * 4)
    with any_house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Alarm)) == 1
    assert len(receiver.taken) == 1


def together(acts):
    barrier = threading.Barrier(len(acts))
    threads = [threading.Thread(target=lambda act=act: (barrier.wait(), act())) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_sender_killed_before_it_could_say_so_sends_once_more_under_the_same_id(house, sample, receiver):
    listen(house, sample.project_id, receiver.url)
    raise_one(house, finding_of(sample))
    receiver.may_answer.clear()
    environment = {**os.environ, "LITHOSCOPE_DATA": str(house.settings.data)}
    sender = subprocess.Popen([sys.executable, "-c", WORK], env=environment, stderr=subprocess.DEVNULL)
    assert receiver.arrived.wait(60)
    sender.kill()
    sender.wait(30)
    receiver.may_answer.set()
    webhook = next(each for each in deliveries(house) if each.webhook_id)
    assert (webhook.attempts, webhook.delivered_at) == (1, None)
    assert webhook.next_try_at > now()
    hurry(house)
    send_alarms(house)
    first, second = receiver.taken
    assert first.headers["Lithoscope-Id"] == second.headers["Lithoscope-Id"] == webhook.id
    assert all(each.delivered_at for each in deliveries(house))


def test_a_receiver_that_is_away_is_tried_with_longer_and_longer_waits_and_then_given_up(house, sample, steward):
    listen(house, sample.project_id, f"http://127.0.0.1:{free_port()}/x")
    raise_one(house, finding_of(sample))
    waits = []
    for _ in range(31):
        send_alarms(house)
        row = next(each for each in deliveries(house) if each.webhook_id)
        waits.append(None if row.next_try_at is None else (row.next_try_at - now()).total_seconds())
        hurry(house)
    assert waits[:3] == [pytest.approx(wait, abs=5) for wait in (10, 20, 40)]
    assert waits[-2] == pytest.approx(3600, abs=5)
    assert waits[-1] is None
    (alarm,) = steward.get("/api/v1/alarms").json()["items"]
    assert alarm["deliveries"] == {"delivered": 1, "waiting": 0, "given_up": 1}
    (webhook,) = steward.get("/api/v1/webhooks").json()["items"]
    assert webhook["last_delivered_at"] is None
    assert webhook["last_error"] == "the receiver did not answer (ConnectError)"


def test_a_receiver_that_fails_holds_up_nobody_else(house, sample, receiver, mailbox):
    listen(house, sample.project_id, f"http://127.0.0.1:{free_port()}/x")
    listen(house, sample.project_id, receiver.url)
    for number in range(3):
        raise_one(house, finding_of(sample, key=f"clock.due:{number}"))
    assert send_alarms(house) == 6
    tries = sorted(each.attempts for each in deliveries(house))
    assert tries == [0, 0, *[1] * 7]
    assert (len(receiver.taken), len(mailbox.taken)) == (3, 3)


def test_mail_waits_for_a_server_that_is_away(house, sample, mailbox):
    raise_one(house, finding_of(sample))
    mailbox.refuses = True
    assert send_alarms(house) == 0
    mailbox.refuses = False
    hurry(house)
    assert send_alarms(house) == 1
    assert mailbox.taken[0]["Message-ID"] == f"<{deliveries(house)[0].id}@facility.example>"


def test_topics_and_projects_choose_what_a_webhook_hears(house, sample, receiver, people):
    other = add_sample(house, add_project(house, "OTHER"), "LS-2026-0800")
    listen(house, sample.project_id, receiver.url + "&who=topic", topics=["clock.overdue"])
    listen(house, sample.project_id, receiver.url + "&who=project")
    everything = {"url": receiver.url + "&who=facility"}
    assert people.admin.post("/api/v1/webhooks", json=everything).status_code == 201
    raise_one(house, finding_of(sample, key="a", topic="clock.due"))
    raise_one(house, finding_of(other, key="b", topic="budget.exceeded"))
    send_alarms(house)
    heard = sorted((each.path.rpartition("=")[2], json.loads(each.body)["topic"]) for each in receiver.taken)
    assert heard == [("facility", "budget.exceeded"), ("facility", "clock.due"), ("project", "clock.due")]


def test_a_removed_webhook_gets_nothing_more(house, sample, steward, project, receiver):
    made = steward.post("/api/v1/webhooks", json={"url": receiver.url, "project_id": project.id}).json()
    raise_one(house, finding_of(sample))
    assert steward.delete(f"/api/v1/webhooks/{made['id']}").status_code == 204
    assert steward.get("/api/v1/webhooks").json()["items"] == []
    send_alarms(house)
    raise_one(house, finding_of(sample, key="later"))
    send_alarms(house)
    assert receiver.taken == []
    assert all(each.next_try_at is None for each in deliveries(house))


def test_old_news_is_listed_and_not_sent(house, sample, steward, receiver):
    listen(house, sample.project_id, receiver.url)
    raise_one(house, finding_of(sample, since=now() - timedelta(days=8)))
    assert len(steward.get("/api/v1/alarms").json()["items"]) == 1
    assert deliveries(house) == []


def test_deadlines_passed_long_before_the_sample_was_registered_are_news(house, project, steward):
    body = {"project_id": project.id, "name": "old", "material": "lithium_metal_foil"}
    sample = steward.post("/api/v1/samples", json=body).json()
    opened = {"type": "disassembly", "occurred_at": (now() - timedelta(days=90)).isoformat()}
    steward.post(f"/api/v1/samples/{sample['id']}/events", json=opened)
    assert raise_alarms(house, {}) > 0
    assert deliveries(house)
    with house.database.writing() as session:
        session.execute(update(Sample).values(created_at=now() - timedelta(days=60)))
    assert raise_alarms(house, {}) == 0


def test_an_alarm_is_acknowledged_once_by_whoever_was_first(house, sample, steward, people, project):
    raise_one(house, finding_of(sample))
    (alarm,) = steward.get("/api/v1/alarms?is_open=true").json()["items"]
    done = steward.post(f"/api/v1/alarms/{alarm['id']}/acknowledgement").json()
    assert done["acknowledged_by"] == steward.id
    again = people.make(role="contributor", project=project).post(f"/api/v1/alarms/{alarm['id']}/acknowledgement")
    assert again.json() == done
    assert steward.get("/api/v1/alarms?is_open=true").json()["items"] == []
    assert steward.get("/api/v1/alarms?is_open=false").json()["items"] == [done]
    viewer = people.make(role="viewer", project=project)
    assert viewer.post(f"/api/v1/alarms/{alarm['id']}/acknowledgement").status_code == 403


def test_no_instrument_acknowledges_what_a_person_should_see(house, sample, device, steward):
    raise_one(house, finding_of(sample))
    (alarm,) = steward.get("/api/v1/alarms").json()["items"]
    assert device.post(f"/api/v1/alarms/{alarm['id']}/acknowledgement").status_code == 403


def test_a_clock_that_passes_its_moment_between_two_sweeps_is_noticed(house, project, steward):
    seen = {}
    body = {"project_id": project.id, "name": "foil", "material": "lithium_metal_foil"}
    sample = steward.post("/api/v1/samples", json=body).json()
    opened = {"type": "disassembly", "occurred_at": (now() - timedelta(hours=1)).isoformat(), "atmosphere": "argon"}
    steward.post(f"/api/v1/samples/{sample['id']}/events", json=opened)
    raise_alarms(house, seen)
    assert raise_alarms(house, seen) == 0
    with house.database.writing() as session:
        session.execute(update(SampleClock).values(overdue_at=now() - timedelta(seconds=1)))
    assert raise_alarms(house, seen) > 0
    assert steward.get("/api/v1/alarms?topic=clock.overdue").json()["items"]


def test_webhooks_are_the_affair_of_stewards_and_managers(house, people, project, receiver):
    contributor = people.make(role="contributor", project=project)
    steward = people.make(role="steward", project=project)
    body = {"url": receiver.url, "project_id": project.id}
    assert contributor.post("/api/v1/webhooks", json=body).status_code == 403
    assert steward.post("/api/v1/webhooks", json={"url": receiver.url}).status_code == 403
    made = steward.post("/api/v1/webhooks", json=body)
    assert made.headers["Cache-Control"] == "no-store"
    assert "secret" not in steward.get(f"/api/v1/webhooks?project_id={project.id}").json()["items"][0]
    assert contributor.get("/api/v1/webhooks").json()["items"] == []
    assert contributor.get(f"/api/v1/webhooks?project_id={project.id}").status_code == 403
    assert contributor.delete(f"/api/v1/webhooks/{made.json()['id']}").status_code == 403
    assert people.admin.delete(f"/api/v1/webhooks/{made.json()['id']}").status_code == 204
    assert people.admin.delete(f"/api/v1/webhooks/{new_id('whk')}").status_code == 404


def test_an_address_that_may_not_be_reached_is_refused_and_not_repeated(steward, project):
    url = "https://user:d0-not-repeat-me@10.1.2.3/x"
    answer = steward.post("/api/v1/webhooks", json={"url": url, "project_id": project.id})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/bad-webhook-address"
    assert answer.json()["errors"][0]["pointer"] == "/body/url"
    assert "d0-not" not in answer.text
