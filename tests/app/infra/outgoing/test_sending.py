import base64
import hashlib
import hmac
import time

import pytest

from app.infra.outgoing import MailServer, NotTaken, Posting, send_mail, send_webhook
from tests.receivers import certificate, dripping_receiver, webhook_receiver
from tests.servers import free_port


def test_a_receiver_can_prove_who_sent_what_and_when(receiver):
    body = '{"message": "LS-2026-0001 ist überfällig"}'.encode()
    send_webhook(Posting("ald_1", receiver.url, "secret", body))
    (taken,) = receiver.taken
    stamp = taken.headers["Lithoscope-Timestamp"]
    expected = hmac.new(b"secret", f"{stamp}.ald_1.".encode() + body, hashlib.sha256).hexdigest()
    assert taken.headers["Lithoscope-Signature"] == f"v1={expected}"
    assert taken.headers["Lithoscope-Id"] == "ald_1"
    assert taken.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert abs(time.time() - int(stamp)) < 60
    assert (taken.body, taken.path) == (body, "/hooks/lithoscope?from=tests")


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_only_a_plain_yes_counts_and_no_redirect_is_followed(receiver, status):
    receiver.answers = [status]
    with pytest.raises(NotTaken, match=str(status)):
        send_webhook(Posting("ald_1", receiver.url, "secret", b"{}"))
    assert len(receiver.taken) == 1


def test_a_receiver_that_is_away_did_not_take_it():
    with pytest.raises(NotTaken, match="did not answer"):
        send_webhook(Posting("ald_1", f"http://127.0.0.1:{free_port()}/x", "secret", b"{}"))


def test_a_receiver_whose_answer_drips_for_ever_is_left():
    with dripping_receiver() as url, pytest.raises(NotTaken, match="TimeoutError"):
        send_webhook(Posting("ald_1", url, "secret", b"{}"), within_s=0.5)


def test_a_receiver_is_known_by_its_certificate_whatever_address_its_name_leads_to(tmp_path, monkeypatch):
    trusted = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with webhook_receiver(trusted) as receiver:
        send_webhook(Posting("ald_1", f"https://localhost:{receiver.port}/x", "secret", b"{}"))
    assert receiver.taken[0].headers["Host"] == f"localhost:{receiver.port}"


@pytest.mark.parametrize("named", ["localhost", "another.example"])
def test_a_receiver_nobody_vouches_for_gets_nothing(tmp_path, monkeypatch, named):
    """Signed by nobody we trust, or trusted for another name."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, "another.example")))
    own = tmp_path / "own"
    own.mkdir()
    shown = certificate(own, named) if named == "localhost" else tmp_path / "another.example.pem"
    with webhook_receiver(shown) as receiver:
        with pytest.raises(NotTaken, match="ConnectError"):
            send_webhook(Posting("ald_1", f"https://localhost:{receiver.port}/x", "secret", b"{}"))
        assert receiver.taken == []


def server_of(mailbox, **more):
    return MailServer("127.0.0.1", mailbox.port, "lithoscope@facility.example", starttls=False, **more)


def test_a_mail_arrives_with_an_id_that_stays(mailbox):
    send_mail(
        server_of(mailbox), message_id="ald_1", to="a@b.example", subject="Überfällig\r\nBcc: x@y", text="Zeile\n."
    )
    (mail,) = mailbox.taken
    assert mail["Message-ID"] == "<ald_1@facility.example>"
    assert mail["Subject"] == "Überfällig Bcc: x@y"
    assert mail["Bcc"] is None
    assert mail["To"] == "a@b.example"
    assert mail.get_content().splitlines() == ["Zeile", "."]
    assert mailbox.signed_in == []


def test_a_user_signs_in_when_one_is_named(mailbox):
    send_mail(server_of(mailbox, user="u", password="p"), message_id="1", to="a@b.example", subject="s", text="t")
    assert base64.b64decode(mailbox.signed_in[0]) == b"\0u\0p"


def test_a_mail_server_that_refuses_or_cannot_encrypt_did_not_take_it(mailbox):
    mail = {"message_id": "1", "to": "a@b.example", "subject": "s", "text": "t"}
    mailbox.refuses = True
    with pytest.raises(NotTaken, match="SMTPRecipientsRefused"):
        send_mail(server_of(mailbox), **mail)
    encrypting = MailServer("127.0.0.1", mailbox.port, "lithoscope@facility.example", starttls=True)
    with pytest.raises(NotTaken, match="SMTPNotSupportedError"):
        send_mail(encrypting, **mail)
    assert mailbox.taken == []
    nowhere = MailServer(".nowhere", mailbox.port, "lithoscope@facility.example", starttls=False)
    with pytest.raises(NotTaken, match="UnicodeError"):
        send_mail(nowhere, **mail)
