"""What can go wrong, typed: every refusal of the service carries its problem document (RFC 9457)."""

from typing import Any, ClassVar

import httpx

from lithoscope.errors import LithoscopeError

OTHER_VERSION = (
    "this address does not speak this client's API (/api/v1): check the address, or update the older of the two "
    "(here: pip install --upgrade lithoscope)"
)
_MOST_LINES = 20
_UNKNOWN_ADDRESS = frozenset({404, 405, 410, 426, 501})


class ClientError(LithoscopeError):
    """Something the client refuses or cannot do; ``exit_code`` is what the command line ends with."""

    exit_code: ClassVar[int] = 1


class NotSignedIn(ClientError):
    """No address or no token: neither an argument, nor the environment, nor a `lithoscope login`."""

    exit_code = 3


class Unreachable(ClientError):
    """The service did not answer, however often it was asked."""

    exit_code = 4


class Rejected(ClientError):
    """
    The service has the bytes but could not read them.

    Parameters
    ----------
    dataset_id : str
        The dataset; its bytes are kept.
    problem : dict
        Why, as ``type``, ``title`` and ``detail``.
    """

    exit_code = 6

    def __init__(self, dataset_id: str, problem: dict[str, Any]) -> None:
        super().__init__(f"dataset {dataset_id} was rejected: {_words(problem)}")
        self.dataset_id = dataset_id
        self.problem = problem


class JobFailed(ClientError):
    """
    A job ended without a result.

    Parameters
    ----------
    job_id, state : str
        The job and how it ended: ``failed`` or ``cancelled``.
    problem : dict
        Why, as ``type``, ``title`` and ``detail``; empty for a cancelled job.
    log : list of str
        The last lines it wrote.
    """

    exit_code = 7

    def __init__(self, job_id: str, state: str, problem: dict[str, Any], log: list[str]) -> None:
        tail = "".join(f"\n  {line}" for line in log)
        super().__init__(f"job {job_id} {state}{': ' + _words(problem) if problem else ''}{tail}")
        self.job_id = job_id
        self.state = state
        self.problem = problem
        self.log = log


class Problem(ClientError):
    """
    A refusal by the service.

    Parameters
    ----------
    status : int
        HTTP status.
    document : dict
        The problem document; branch on its ``type``.
    """

    exit_code = 5

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        known = f": {document['dataset_id']}" if "dataset_id" in document else ""
        super().__init__(f"{_words(_placed(document))}{known} [{status} {document.get('type', '')}]{_each(document)}")
        self.status = status
        self.document = document

    @property
    def code(self) -> str:
        """Return the stable code, the last part of ``type``."""
        return str(self.document.get("type", "")).rpartition("/")[2]

    @property
    def errors(self) -> list[dict[str, str]]:
        """Return the fields at fault, each with ``pointer`` and ``detail``."""
        return list(self.document.get("errors", []))


class Unauthenticated(Problem):
    """The token is missing, wrong, expired or revoked."""

    exit_code = 3


class Forbidden(Problem):
    """The object is visible, the act is not yours."""


class NotFound(Problem):
    """There is no such object, or it is not yours to see."""


class Conflict(Problem):
    """The request contradicts the present state."""


class ChangedMeanwhile(Problem):
    """The object has changed since it was read."""


class TooLarge(Problem):
    """More bytes than the service takes."""


class Invalid(Problem):
    """The content is refused; ``errors`` name the fields."""


class OtherVersion(Problem):
    """The address speaks no API, or one of an older or newer version than this client's."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        super().__init__(status, {**document, "title": "Another API", "detail": OTHER_VERSION})


class TooManyRequests(Problem):
    """The credential asks more often than it may."""


class ServiceFailed(Problem):
    """The service failed; ``document["request_id"]`` leads to the cause in its log."""

    exit_code = 4


_BY_STATUS: dict[int, type[Problem]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: ChangedMeanwhile,
    413: TooLarge,
    422: Invalid,
    429: TooManyRequests,
}


def problem_of(response: httpx.Response) -> Problem:
    """Read a refusal."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {"type": "about:blank", "title": response.reason_phrase or "Unexpected answer", "detail": ""}
    if response.status_code in _UNKNOWN_ADDRESS and document.get("type", "about:blank") == "about:blank":
        return OtherVersion(response.status_code, document)  # our own refusals name their type
    kind = _BY_STATUS.get(response.status_code, ServiceFailed if response.status_code >= 500 else Problem)
    return kind(response.status_code, document)


def document_of(response: httpx.Response) -> Any:
    """
    Read a JSON answer.

    Raises
    ------
    OtherVersion
        It is none: another program answers there.
    """
    try:
        return response.json()
    except ValueError:
        raise OtherVersion(response.status_code, {"type": "about:blank"}) from None


def _placed(document: dict[str, Any]) -> dict[str, Any]:
    """Let the words of a refusal begin with the one field or file they are about."""
    errors = _errors(document)
    if len(errors) != 1 or errors[0]["detail"] != document.get("detail"):
        return document
    return {**document, "detail": f"{errors[0]['pointer']}: {errors[0]['detail']}"}


def _each(document: dict[str, Any]) -> str:
    """Say, a line each, what of several things at fault the words of a refusal do not."""
    told = str(document.get("detail", ""))
    errors = _errors(document)
    lines = [each["detail"] for each in errors if each["detail"] not in told] if len(errors) > 1 else []
    more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return "".join(f"\n  {line}" for line in lines[:_MOST_LINES] + more)


def _errors(document: dict[str, Any]) -> list[dict[str, str]]:
    given = document.get("errors")
    found = given if isinstance(given, list) else []
    return [
        {"pointer": str(each["pointer"]), "detail": str(each["detail"])}
        for each in found
        if isinstance(each, dict) and {"pointer", "detail"} <= set(each)
    ]


def _words(document: dict[str, Any]) -> str:
    title, detail = str(document.get("title", "")), str(document.get("detail", ""))
    return f"{title}: {detail}" if title and detail else title or detail or "refused without a reason"
