"""Headers of the upload protocols: tus 1.0.0, Content-Digest (RFC 9530)."""

import base64
import binascii
import re
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from app.errors import LabError
from app.lab.doors import strict_json
from app.lab.schemas import ObjectId, Sha256, clean_name
from app.lab.uploads.refusals import BadHeader, BadName, LengthRequired, MediaTypeRefused
from app.lab.uploads.schemas import NewUpload

TUS_VERSION = "1.0.0"
PATCH_TYPE = "application/offset+octet-stream"
_IGNORED = frozenset({"name", "type", "filetype", "relativePath", "contentType", "lastModified"})
_KEYS = frozenset({"filename", "project_id", "sample_id", "sha256", "attributes"})
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{1,88}):\s*(?=,|;|$)")
_ID: TypeAdapter[str] = TypeAdapter(ObjectId)
_SHA256: TypeAdapter[str] = TypeAdapter(Sha256)
_ATTRIBUTES: TypeAdapter[dict[str, Any]] = TypeAdapter(Annotated[dict[str, Any], Field(max_length=50)])


class TusVersionRefused(LabError):
    """Another version of the protocol."""

    code, status, title = "tus-version", 412, "Another version of tus"

    def __init__(self) -> None:
        super().__init__(f"Send 'Tus-Resumable: {TUS_VERSION}'.", headers={"Tus-Version": TUS_VERSION})


def check_tus(given: str | None) -> None:
    """Refuse another version of the protocol."""
    if given != TUS_VERSION:
        raise TusVersionRefused


def check_media_type(content_type: str | None, *, only: str | None = None) -> None:
    """Refuse forms (they would be written twice), and anything but ``only`` where it is given."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if only is not None and media_type != only:
        raise MediaTypeRefused(f"Send the bytes as they are with 'Content-Type: {only}'.")
    if media_type.startswith("multipart/") or media_type == "application/x-www-form-urlencoded":
        raise MediaTypeRefused("Forms are not accepted: send the bytes as they are (curl: -T FILE or --data-binary).")


def whole_number(text: str | None, header: str) -> int:
    """Read a byte count."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise BadHeader(f"{header} is a whole number of bytes.")
    return int(text)


def body_length(text: str | None) -> int:
    """Read a required Content-Length."""
    if text is None:
        raise LengthRequired("Send Content-Length: a PUT is reserved before its first byte arrives.")
    return whole_number(text, "Content-Length")


def content_digest(text: str | None, name: str = "Content-Digest") -> str | None:
    """Return the SHA-256 of a Content-Digest or Repr-Digest header in hexadecimal; None without the header."""
    if text is None:
        return None
    match = _DIGEST.search(text)
    return _hex_digest(match[1] if match else "", f"{name}: sha-256=:BASE64:")


def upload_checksum(text: str | None) -> str | None:
    """Return the SHA-256 of a tus Upload-Checksum header in hexadecimal; None without the header."""
    if text is None:
        return None
    algorithm, _, value = text.strip().partition(" ")
    return _hex_digest(value.strip() if algorithm == "sha256" else "", "Upload-Checksum: sha256 BASE64")


def _hex_digest(text: str, form: str) -> str:
    value = _base64(text, form)
    if len(value) != 32:
        raise BadHeader(f"Send the digest as '{form}' with 32 bytes in base64.")
    return value.hex()


def _base64(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadHeader(f"{what}: not base64.") from None


def upload_metadata(text: str | None, size: int) -> NewUpload:
    """Read a tus Upload-Metadata header."""
    values: dict[str, str] = {}
    for pair in filter(None, ((text or "").strip()).split(",")):
        key, _, encoded = pair.strip().partition(" ")
        if key in values:
            raise BadHeader("Upload-Metadata names a key twice.")
        if key not in _KEYS | _IGNORED:
            raise BadHeader(f"Upload-Metadata knows {', '.join(sorted(_KEYS))}: another key was sent.")
        values[key] = _utf8(_base64(encoded.strip(), "Upload-Metadata"))
    if "project_id" not in values:
        raise BadHeader("Upload-Metadata needs project_id.")
    return new_upload(
        size=size,
        project_id=values["project_id"],
        filename=values.get("filename", values.get("name", "")),
        sample_id=values.get("sample_id") or None,
        sha256=values.get("sha256") or None,
        attributes=_attributes(values.get("attributes")),
    )


def _utf8(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise BadHeader("Upload-Metadata values are UTF-8 in base64.") from None
    if "\x00" in text:
        raise BadHeader("Upload-Metadata values hold no NUL.")
    return text


def _attributes(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    if len(text) > 4096:
        raise BadHeader("Upload-Metadata: attributes has at most 4,096 characters.")
    attributes: dict[str, Any] = _checked(
        _ATTRIBUTES, strict_json.parse(text.encode()), "attributes is a JSON object of at most 50 members"
    )
    return attributes


def new_upload(
    *, size: int, project_id: str, filename: str, sample_id: str | None, sha256: str | None, attributes: dict[str, Any]
) -> NewUpload:
    """Check what a sender says about a file; the name is kept as data and never becomes a path."""
    try:
        name = clean_name(filename)
    except ValueError as error:
        raise BadName(f"The file name: {error}.", errors=[{"pointer": "/filename", "detail": str(error)}]) from None
    return NewUpload(
        size_bytes=size,
        project_id=_checked(_ID, project_id, "project_id has at most 40 characters"),
        filename=name,
        sample_id=None if sample_id is None else _checked(_ID, sample_id, "sample_id has at most 40 characters"),
        declared_sha256=None if sha256 is None else _checked(_SHA256, sha256, "sha256 is 64 lower-case hex digits"),
        attributes=attributes,
    )


def _checked(adapter: TypeAdapter[Any], value: Any, rule: str) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        raise BadHeader(f"Upload-Metadata: {rule}.") from None
