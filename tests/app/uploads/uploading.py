"""How the tests send bytes."""

import base64
import hashlib
import json
import random
from typing import Any

import httpx

TUS = {"Tus-Resumable": "1.0.0"}
UPLOADS = "/api/v1/uploads"


def some_bytes(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def content_digest(content: bytes) -> dict[str, str]:
    return {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"}


def checksum(content: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"sha256 {base64.b64encode(hashlib.sha256(content).digest()).decode()}"}


def put(sender: Any, content: bytes, project_id: str, filename: str = "a.dm3", **more: Any) -> httpx.Response:
    headers = content_digest(content) | more.pop("headers", {})
    return sender.put(
        UPLOADS, params={"project_id": project_id, "filename": filename, **more}, content=content, headers=headers
    )


def metadata(**values: Any) -> str:
    texts = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in values.items()}
    return ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in texts.items())


def begin(sender: Any, size: int, project_id: str, filename: str = "a.dm3", **more: Any) -> httpx.Response:
    headers = {**TUS, "Upload-Length": str(size)}
    headers["Upload-Metadata"] = metadata(filename=filename, project_id=project_id, **more)
    return sender.post(UPLOADS, headers=headers)


def begun(sender: Any, size: int, project_id: str, filename: str = "a.dm3", **more: Any) -> str:
    answer = begin(sender, size, project_id, filename, **more)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def patch(sender: Any, location: str, offset: int, content: Any, **headers: str) -> httpx.Response:
    fixed = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    return sender.patch(location, content=content, headers=fixed | headers)


def offset_of(sender: Any, location: str) -> int:
    return int(sender.head(location, headers=TUS).headers["Upload-Offset"])


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")
