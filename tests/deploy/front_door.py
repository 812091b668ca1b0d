"""Debian's nginx with the shipped configuration, on a port of loopback."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port, need

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextmanager
def front_door(folder: Path, behind: int, store: Path, **more: str) -> Iterator[int]:
    """
    Run nginx in front of a port and give its own.

    Parameters
    ----------
    folder : Path
        Where it may write.
    behind : int
        Port of the service.
    store : Path
        What ``/_store`` names.
    **more
        Directives of the shipped file with another value: ``client_body_timeout="1s"``.
    """
    need("nginx", None if NGINX else "nginx is not installed")
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(_here((ROOT / "deploy/nginx.conf").read_text(), folder, port, behind, store, more))
    subprocess.run([NGINX, "-t", "-c", str(config)], check=True, capture_output=True)
    with (folder / "nginx.log").open("wb") as log:
        server = subprocess.Popen([NGINX, "-c", str(config), "-g", "daemon off;"], stderr=log)
    try:
        _wait_until_open(port)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _here(text: str, folder: Path, port: int, behind: int, store: Path, more: dict[str, str]) -> str:
    shipped = {
        "listen 8080": f"listen 127.0.0.1:{port}",
        "server api:8400": f"server 127.0.0.1:{behind}",
        "/tmp/nginx": f"{folder}/nginx",
        "alias /var/lib/lithoscope/store/": f"alias {store}/",
    }
    for name, value in more.items():
        before = next(line.strip() for line in text.splitlines() if line.strip().startswith(f"{name} "))
        shipped[before] = f"{name} {value};"
    for there, here in shipped.items():
        assert there in text, there
        text = text.replace(there, here)
    return ("user root;\n" if os.geteuid() == 0 else "") + text


def _wait_until_open(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("nginx did not open its port")
