"""A network between collector and service that goes out, cuts in the middle, and comes back."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

BLOCK = 65536


class Network:
    """
    A proxy on loopback.

    Parameters
    ----------
    target : str
        Address of the service; it may go away and come back at the same port.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 0)
        self._is_out = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.bytes_sent = 0
        self._cut_after: int | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def go_out(self) -> None:
        """Refuse every connection and break those that are open."""
        self._is_out = True
        self.cut()

    def come_back(self) -> None:
        """Let connections through again."""
        self._is_out = False

    def cut(self) -> None:
        """Break what is open now."""
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def cut_after(self, count: int) -> None:
        """Break everything once this many more bytes went towards the service."""
        self._cut_after = self.bytes_sent + count

    def close(self) -> None:
        """End it."""
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._connect(near)

    def _connect(self, near: socket.socket) -> None:
        try:
            if self._is_out:
                raise ConnectionRefusedError
            far = socket.create_connection(self._target)
        except OSError:
            near.close()
            return
        with self._lock:
            self._open |= {near, far}
        for pair in ((near, far, True), (far, near, False)):
            threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while block := source.recv(BLOCK):
                sink.sendall(block)
                if counted:
                    self._count(len(block))
        with self._lock:
            self._open -= {source, sink}
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        if not counted:
            source.close()
            sink.close()

    def _count(self, count: int) -> None:
        self.bytes_sent += count
        if self._cut_after is not None and self.bytes_sent >= self._cut_after:
            self._cut_after = None
            self.cut()
