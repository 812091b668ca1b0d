"""An S3 server on loopback, in this process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx


@contextmanager
def s3_server() -> Iterator[str]:
    """Give the address of an empty server; what its process kept for an earlier one is forgotten."""
    from moto.server import ThreadedMotoServer

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    address = f"http://127.0.0.1:{port}"
    try:
        httpx.post(f"{address}/moto-api/reset").raise_for_status()
        yield address
    finally:
        server.stop()
