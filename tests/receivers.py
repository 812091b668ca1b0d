"""Receivers that tests start for themselves on loopback: of webhooks and of mail."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """Give a running receiver; clear ``may_answer`` to make it hold its answers back."""
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
    with _serving(server):
        yield receiver
        receiver.may_answer.set()


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
