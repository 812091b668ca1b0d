"""What settles reaches the service once, with the right bytes, and says whose it is."""

import hashlib
import os
import threading
import time

from lithoscope.client.pieces import MIB
from tests.lithoscope.client.conftest import EXAMPLE
from tests.lithoscope.client.cutting import CuttingProxy


def emsa(seed: int = 0) -> bytes:
    lines = ["#FORMAT : EMSA/MAS Spectral Data File", f"#TITLE : {seed}", "#SPECTRUM :", "1.0, 2.0", "#ENDOFDATA :"]
    return "\r\n".join(lines).encode()


def test_a_file_is_sent_once_after_a_minute_of_quiet_with_sample_and_corrected_time(pc, sample, client):
    path = pc.write(f"{sample.code}/scan.dm3", EXAMPLE.read_bytes())
    early = [dataset for each in pc.rounds(45) for dataset in each.sent]
    assert early == []
    [dataset_id] = pc.sent()
    dataset = client.dataset(dataset_id)
    assert dataset.sha256 == hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert (dataset.sample_id, dataset.filename) == (sample.id, "scan.dm3")
    assert dataset.attributes["source_path"] == f"{sample.code}/scan.dm3"
    assert dataset.attributes["clock_offset_s"] is not None
    assert path.read_bytes() == EXAMPLE.read_bytes()
    assert pc.sent(3600) == []


def test_a_file_that_is_cut_by_its_own_header_waits_until_it_is_whole(pc, sample):
    whole = EXAMPLE.read_bytes()
    path = pc.write(f"{sample.code}/slow.dm3", whole[: len(whole) // 2])
    assert pc.sent(600) == []
    assert "bytes are there" in pc.unit(f"{sample.code}/slow.dm3")["reason"]
    path.write_bytes(whole + b"\0" * 16)
    assert len(pc.sent(1500)) == 1


def test_a_renamed_and_a_copied_file_are_recognised_and_not_sent_again(pc, sample):
    first = pc.write(f"{sample.code}/a.msa", emsa(1))
    [dataset_id] = pc.sent()
    first.rename(first.with_name("b.msa"))
    pc.write(f"{sample.code}/c.msa", emsa(1))
    rounds = pc.rounds(300)
    assert sum(each.bytes_sent for each in rounds) == 0
    for name in ("b", "c"):
        unit = pc.unit(f"{sample.code}/{name}.msa")
        assert (unit["state"], unit["dataset_id"]) == ("same", dataset_id)


def test_a_lost_journal_sends_nothing_twice(pc, sample):
    pc.write(f"{sample.code}/a.msa", emsa(2))
    [dataset_id] = pc.sent()
    pc.collector.close()
    pc.collectors.clear()
    for path in pc.journal.parent.glob(f"{pc.journal.name}*"):
        path.unlink()
    rounds = pc.rounds(300)
    assert sum(each.bytes_sent for each in rounds) == 0
    assert pc.unit(f"{sample.code}/a.msa")["dataset_id"] == dataset_id


def test_the_same_content_under_two_samples_is_two_datasets_and_said(pc, sample, client, service):
    other = client.samples.create("its neighbour", project=service.project_id)
    pc.write(f"{sample.code}/a.msa", emsa(3))
    pc.write(f"{other.code}/a.msa", emsa(3))
    sent = pc.sent()
    assert len(set(sent)) == 2
    assert {client.dataset(each).sample_id for each in sent} == {sample.id, other.id}
    reasons = [pc.unit(f"{code}/a.msa")["reason"] for code in (sample.code, other.code)]
    assert any("of another sample" in reason for reason in reasons)


def test_a_network_that_breaks_costs_at_most_a_piece_a_cut(pc_at, sample, client, service):
    cuts = [3 * MIB, 11 * MIB, 5 * MIB]
    proxy = CuttingProxy(service.url, list(cuts))
    pc = pc_at(url=proxy.url)
    content = os.urandom(24 * MIB)
    pc.write(f"{sample.code}/big.raw", content)
    [dataset_id] = pc.sent(900)
    proxy.close()
    assert client.dataset(dataset_id).sha256 == hashlib.sha256(content).hexdigest()
    assert proxy.bytes_sent <= len(content) + len(cuts) * 8 * MIB + MIB


def test_a_collector_that_is_killed_goes_on_where_it_stopped(pc_at, sample, client):
    pc = pc_at(bandwidth_MB_s=0.5)  # a piece of 8 MiB keeps the line busy for 16 s
    content = os.urandom(20 * MIB)
    pc.write(f"{sample.code}/big.raw", content)
    while not (before := sum(each.bytes_sent for each in pc.rounds(0))):
        pc.clock.steady += 15
    pc.restart(bandwidth_MB_s=None)
    rounds = pc.rounds(60)
    [dataset_id] = [dataset for each in rounds for dataset in each.sent]
    assert before + sum(each.bytes_sent for each in rounds) == len(content)
    assert client.dataset(dataset_id).sha256 == hashlib.sha256(content).hexdigest()


def test_a_file_that_changes_while_it_is_sent_is_ended_and_settles_again(pc_at, sample, client, enrolled):
    pc = pc_at(bandwidth_MB_s=0.5)
    path = pc.write(f"{sample.code}/live.raw", os.urandom(20 * MIB))
    while not any(each.bytes_sent for each in pc.rounds(0)):
        pc.clock.steady += 15
    content = os.urandom(9 * MIB)
    path.write_bytes(content)
    pc.rounds(15)
    assert pc.unit(f"{sample.code}/live.raw")["state"] == "growing"
    [dataset_id] = pc.sent(200)
    assert client.dataset(dataset_id).sha256 == hashlib.sha256(content).hexdigest()
    assert len(list(client.datasets(sample_id=sample.id))) == 1


def test_a_file_of_an_unknown_sample_is_held_until_the_sample_exists(pc, client, service, sample):
    pc.write("LS-2031-0001/a.msa", emsa(4))
    assert pc.sent(200) == []
    unit = pc.unit("LS-2031-0001/a.msa")
    assert (unit["state"], unit["problem"]) == ("held", "sample-unknown")
    client.samples.create("late", project=service.project_id, code="LS-2031-0001")
    assert len(pc.sent(300)) == 1


def test_a_file_that_no_rule_fits_is_told_and_found_again_when_the_rules_change(pc, sample):
    pc.write("stray.msa", emsa(5))
    assert pc.sent(200) == []
    assert pc.unit("stray.msa")["state"] == "unmatched"
    rules = [*pc.settings.rules, pc.settings.rules[0].model_copy(update={"match": "*.msa", "sample": sample.code})]
    pc.restart(rules=rules)
    assert len(pc.sent(200)) == 1


def test_groups_travel_as_one_dataset(pc_at, sample, client):
    rules = '[[rules]]\nmatch = "{sample}/slices/*"\nsample = "{sample}"\ngroup = "folder"\n'
    pc = pc_at(rules + '[[rules]]\nmatch = "{sample}/**"\nsample = "{sample}"\n')
    for number in range(3):
        pc.write(f"{sample.code}/slices/{number:03}.raw", os.urandom(1000))
    pc.write(f"{sample.code}/tilt.raw", b"one")
    pc.write(f"{sample.code}/tilt.raw.mdoc", b"[ZValue = 0]\nTiltAngle = 1\n")
    pc.write(f"{sample.code}/tilt.raw.lithoscope.json", b'{"holder": "cryo"}')
    names = {client.dataset(each).filename: client.dataset(each) for each in pc.sent(300)}
    assert set(names) == {"slices.zip", "tilt.raw.zip"}
    assert names["slices.zip"].attributes["files"] == 3
    assert names["tilt.raw.zip"].attributes["side_car"] == {"holder": "cryo"}


def test_an_emi_waits_for_its_ser_and_both_are_one_dataset(pc, sample, client):
    pc.write(f"{sample.code}/map.emi", b"JP" + b"<ObjectInfo></ObjectInfo>")
    assert pc.sent(200) == []
    assert "waits for" in pc.unit(f"{sample.code}/map.emi")["reason"]
    assert len(pc.sent(1500)) == 1  # its partner never came


def test_names_the_service_does_not_take_are_shortened_and_kept_whole_beside(pc, sample, client):
    name = "ü" * 120 + ".msa"
    long = "/".join(["very-long-folder-name-of-a-user-" * 2] * 4)
    pc.write(f"{sample.code}/{long}/{name}", emsa(6))
    [dataset_id] = pc.sent()
    dataset = client.dataset(dataset_id)
    assert len(dataset.filename.encode()) <= 255
    assert dataset.attributes["source_path"] == f"{sample.code}/{long}/{name}"


def test_an_unreadable_share_loses_nothing_and_is_told(pc, sample):
    pc.write(f"{sample.code}/a.msa", emsa(7))
    pc.rounds(15)
    away = pc.folder.with_name("away")
    pc.folder.rename(away)
    rounds = pc.rounds(300)
    assert any("is the share there" in words for each in rounds for words in each.problems)
    away.rename(pc.folder)
    assert len(pc.sent(900)) == 1


def test_an_empty_file_and_a_bad_side_car_wait_and_say_why(pc, sample):
    pc.write(f"{sample.code}/empty.raw", b"")
    pc.write(f"{sample.code}/b.raw", b"bytes")
    side_car = pc.write(f"{sample.code}/b.raw.lithoscope.json", b"{not json")
    assert pc.sent(200) == []
    assert pc.unit(f"{sample.code}/empty.raw")["reason"] == "it has no bytes"
    assert pc.unit(f"{sample.code}/b.raw")["problem"] == "bad-side-car"
    side_car.write_bytes(b'{"holder": "cryo"}')
    assert len(pc.sent(300)) == 1


def test_a_link_out_of_the_folder_is_not_followed_but_told(pc, sample, tmp_path):
    outside = tmp_path / "secret.msa"
    outside.write_bytes(emsa(8))
    folder = pc.folder / sample.code
    folder.mkdir()
    (folder / "link.msa").symlink_to(outside)
    assert pc.sent(200) == []
    journal = pc.collector.journal
    odd = [journal.noted(row["name"]) for row in journal.rows("SELECT name FROM note WHERE name LIKE 'odd:%'")]
    assert [(each["kind"], each["example"]) for each in odd] == [("link", str(folder / "link.msa"))]


def test_it_runs_by_itself_with_threads_until_it_is_told_to_stop(pc, sample, enrolled):
    real = threading.Event()

    class Hasty(type(pc.clock)):
        """Lets a second pass in a hundredth of one."""

        def sleep(self, seconds: float) -> None:
            self.steady += seconds / 3  # three threads turn it
            real.wait(0.01)

    pc.clock = Hasty()
    pc.write(f"{sample.code}/a.msa", emsa(9))
    told = []
    begun = time.monotonic()
    pc.collector.run(lambda: any(each.sent for each in told) or time.monotonic() - begun > 60, told.append)
    assert [len(each.sent) for each in told if each.sent] == [1]
    assert enrolled.admin.get(f"/instruments/{enrolled.instrument_id}").json()["collector"]["folders"] == [
        str(pc.folder)
    ]
