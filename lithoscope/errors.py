"""The root of every error Lithoscope raises on purpose, and the branch that knows arrays and physics."""


class LithoscopeError(Exception):
    """Something Lithoscope refuses; the message names the thing, what is wrong and what to do."""


class ScienceError(LithoscopeError):
    """
    A refusal by the library: it knows arrays and physics, never HTTP.

    ``code`` is stable and kebab-case; a job that ends on it carries the code as its problem type.
    """

    code = "invalid-input"


class ReaderError(ScienceError):
    """A file that cannot be read as what it claims to be; ``code`` becomes the dataset's problem type."""

    code = "unreadable-file"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
