"""A network that breaks: a proxy that cuts the connection after so many bytes towards the service."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

BLOCK = 65536


class CuttingProxy:
    """
    Forwards to a service, cutting each connection after a number of bytes until no cuts are left.

    Parameters
    ----------
    target : str
        Address of the service.
    cuts : list of int
        Bytes sent towards the service before each cut.
    """

    def __init__(self, target: str, cuts: list[int]) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 0)
        self._cuts = cuts
        self.bytes_sent = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._target)
                threading.Thread(target=self._forward, args=(near, far), daemon=True).start()
                threading.Thread(target=self._back, args=(far, near), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        seen = 0
        with suppress(OSError), near, far:
            while block := near.recv(BLOCK):
                seen += len(block)
                self.bytes_sent += len(block)
                if self._cuts and seen >= self._cuts[0]:
                    self._cuts.pop(0)
                    near.shutdown(socket.SHUT_RDWR)
                    far.shutdown(socket.SHUT_RDWR)
                    return
                far.sendall(block)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while block := far.recv(BLOCK):
                near.sendall(block)
            near.shutdown(socket.SHUT_WR)
