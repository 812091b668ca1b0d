"""What an upload can be refused for."""

from typing import Any

from app.errors import Conflict, LabError


class EmptyFile(LabError):
    """A file of zero bytes."""

    code, status, title = "empty-file", 422, "The file is empty"

    def __init__(self) -> None:
        super().__init__("The file has no bytes: check that the instrument finished writing it.")


class BadName(LabError):
    """A file name that cannot be kept."""

    code, status, title = "bad-name", 422, "File name refused"


class BadHeader(LabError):
    """A header of the upload protocols that is missing or malformed."""

    code, status, title = "bad-upload-header", 422, "Upload header refused"


class LengthRequired(LabError):
    """A body of unknown length."""

    code, status, title = "length-required", 411, "Content-Length is required"


class TooLarge(LabError):
    """More bytes than allowed."""

    code, status, title = "too-large", 413, "Too large"


class DiskFull(LabError):
    """The disk must keep its reserve."""

    code, status, title = "disk-full", 507, "Disk full"


class TooManyUploads(LabError):
    """A credential holds too many unfinished uploads."""

    code, status, title = "too-many-uploads", 429, "Too many unfinished uploads"


class MediaTypeRefused(LabError):
    """Forms and other wrappings of bytes."""

    code, status, title = "unsupported-media-type", 415, "Media type not accepted"


class DigestMismatch(LabError):
    """The bytes that arrived are not those announced."""

    code, status, title = "digest-mismatch", 422, "The digest does not match"


class ChecksumMismatch(LabError):
    """The bytes of one PATCH are not those its Upload-Checksum names; nothing of them is kept."""

    code, status, title = "checksum-mismatch", 460, "The checksum does not match"


class WrongOffset(Conflict):
    """A PATCH that does not begin where the upload stands."""

    code, title = "wrong-offset", "The upload stands elsewhere"

    def __init__(self, offset: int) -> None:
        super().__init__(
            "Upload-Offset is not where the upload stands: ask HEAD and go on from there.",
            headers={"Upload-Offset": str(offset)},
            offset=offset,
        )


class Busy(LabError):
    """Another PATCH is writing this upload."""

    code, status, title = "upload-busy", 423, "Another request is writing this upload"

    def __init__(self) -> None:
        super().__init__("Another request is writing this upload: try again.", headers={"Retry-After": "5"})


class LeaseLost(Conflict):
    """The upload was ended, or taken over, while its bytes were arriving."""

    code, title = "upload-lease-lost", "The upload is no longer this request's"

    def __init__(self) -> None:
        super().__init__("The upload was ended or taken over by another request: ask for its state.")


class Gone(LabError):
    """An upload that takes no more bytes."""

    code, status, title = "upload-gone", 410, "The upload is over"

    def __init__(self, state: str) -> None:
        super().__init__(f"The upload is {state}: start a new one.", state=state)


class SlowBody(LabError):
    """A body that hardly moves."""

    code, status, title = "slow-body", 408, "The body arrives too slowly"

    def __init__(self) -> None:
        super().__init__("Less than 10 kB/s arrived for a minute: check the network and go on where the upload stands.")


class DuplicateContent(Conflict):
    """The project holds these bytes under other metadata."""

    code, title = "duplicate-content", "The project holds these bytes already"


class BytesLost(LabError):
    """A complete file that the disk lost before it was published."""

    code, status, title = "bytes-lost", 500, "The bytes are gone"


def refusal_of(problem: dict[str, Any]) -> LabError:
    """Turn the problem an upload ended on into the refusal it was."""
    known: dict[str, type[LabError]] = {kind.code: kind for kind in (DigestMismatch, DuplicateContent, BytesLost)}
    kind = known[str(problem["type"]).removeprefix("/problems/")]
    extra = {name: value for name, value in problem.items() if name not in {"type", "title", "status", "detail"}}
    return kind(str(problem["detail"]), **extra)
