"""Receivers that tests start for themselves on loopback: of webhooks and of mail."""

import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.infra.clock import now


def certificate(folder: Path, name: str) -> Path:
    """Write a key and a certificate for a host that signs itself; trust it by SSL_CERT_FILE."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / f"{name}.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass(frozen=True)
class Taken:
    """One request a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebhookReceiver:
    """An HTTP server that keeps what it gets; ``answers`` are used up one by one, then it answers 204."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/hooks/lithoscope?from=tests"


@contextmanager
def webhook_receiver(certified_by: Path | None = None) -> Iterator[WebhookReceiver]:
    """Give a running receiver, encrypted with a certificate; clear ``may_answer`` to make it hold its answers back."""
    receiver = WebhookReceiver()
    receiver.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.taken.append(Taken(self.path, dict(self.headers), body))
            receiver.arrived.set()
            receiver.may_answer.wait(30)
            status = receiver.answers.pop(0) if receiver.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", receiver.url)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    if certified_by is not None:
        encrypted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        encrypted.load_cert_chain(certified_by)
        server.socket = encrypted.wrap_socket(server.socket, server_side=True)
    with _serving(server):
        yield receiver
        receiver.may_answer.set()


class _Dripping(socketserver.StreamRequestHandler):
    """Answers a header byte by byte, for ever: each byte comes in time, the answer never does."""

    def handle(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        with suppress(OSError):  # until the sender has had enough
            while True:
                self.wfile.write(b"x")
                time.sleep(0.02)


class _DrippingServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def dripping_receiver() -> Iterator[str]:
    """Give the address of a receiver that never comes to an end."""
    with _DrippingServer(("127.0.0.1", 0), _Dripping) as server, _serving(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/x"


@dataclass
class MailReceiver:
    """An SMTP server that keeps what it gets; it refuses recipients while ``refuses``."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    refuses: bool = False


class _MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, receiver: MailReceiver) -> None:
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.receiver = receiver
        receiver.port = self.server_address[1]


class _MailHandler(socketserver.StreamRequestHandler):
    server: _MailServer

    def handle(self) -> None:
        self._say("220 loopback")
        while line := self.rfile.readline():
            word = line.split()[0].decode().upper() if line.split() else ""
            if word == "QUIT":
                self._say("221 bye")
                return
            self._answer(word, line)

    def _answer(self, word: str, line: bytes) -> None:
        receiver = self.server.receiver
        if word == "EHLO":
            self._say("250-loopback", "250 AUTH PLAIN")
        elif word == "AUTH":
            receiver.signed_in.append(line.split()[2].decode())
            self._say("235 welcome")
        elif word == "RCPT" and receiver.refuses:
            self._say("450 not now")
        elif word == "DATA":
            self._say("354 go on")
            receiver.taken.append(self._mail())
            self._say("250 taken")
        else:
            self._say("250 fine")

    def _mail(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def mail_receiver() -> Iterator[MailReceiver]:
    """Give a running mail server that speaks as much SMTP as a client needs."""
    receiver = MailReceiver()
    with _MailServer(receiver) as server, _serving(server):
        yield receiver


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
