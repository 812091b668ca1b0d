"""The facility's refusals: each a stable code, an HTTP status and words that name the remedy."""

from typing import ClassVar

from lithoscope.errors import LithoscopeError


class LabError(LithoscopeError):
    """
    A refusal by the service; written to clients as RFC 9457 problem+json of type ``/problems/<code>``.

    Parameters
    ----------
    detail : str
        What is wrong with what, and what to do. Never the offending value itself.
    errors : list of dict
        ``{"pointer": "/json/pointer", "detail": "..."}`` for each field at fault.
    headers : dict
        Extra response headers, such as Retry-After.
    **extra
        Extension members of the problem document.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "Request refused"

    def __init__(
        self,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}
        self.extra = extra


class NotFound(LabError):
    """What does not exist, and what the caller may not see: one and the same answer."""

    code, status, title = "not-found", 404, "Not found"

    def __init__(self) -> None:
        super().__init__("There is no such object, or it is not yours to see.")


class Unauthenticated(LabError):
    """No credential, or one that is wrong, expired or revoked."""

    code, status, title = "unauthenticated", 401, "Sign in first"

    def __init__(self, detail: str = "Send a valid key as 'Authorization: Bearer lsk_...' or sign in.") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="lithoscope"'})


class Forbidden(LabError):
    """The object is visible to the caller, the act is not theirs."""

    code, status, title = "forbidden", 403, "Not allowed"


class Invalid(LabError):
    """A well-formed request whose content is refused; ``errors`` name the fields."""

    code, status, title = "invalid-input", 422, "Invalid input"

    @classmethod
    def field(cls, pointer: str, detail: str) -> "Invalid":
        """Refuse one field."""
        return cls(detail, errors=[{"pointer": pointer, "detail": detail}])


class Conflict(LabError):
    """The request contradicts the present state."""

    code, status, title = "conflict", 409, "Conflict with the present state"


class QuotaExceeded(LabError):
    """The project has no room."""

    code, status, title = "quota-exceeded", 413, "The project's quota is exceeded"


class StaleVersion(LabError):
    """If-Match names another version than the present one."""

    code, status, title = "stale-version", 412, "The object has changed"

    def __init__(self) -> None:
        super().__init__("The object has changed since you read it: read it again and repeat your change.")


class PreconditionRequired(LabError):
    """A change without If-Match."""

    code, status, title = "precondition-required", 428, "If-Match is required"

    def __init__(self) -> None:
        super().__init__("Send the object's ETag in If-Match, so that no change of another person is overwritten.")
