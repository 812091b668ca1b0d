"""How a long computation reports and is stopped."""

from typing import Protocol


class Progress(Protocol):
    """
    A callback between two steps of a long computation.

    It raises to cancel. Returning False asks for an early finish that keeps the present result.
    """

    def __call__(self, done: int, total: int, /, **values: float) -> bool:
        """Report that `done` of `total` steps are complete, with named figures of the last one."""
        ...


def silent(_done: int, _total: int, /, **_values: float) -> bool:
    """Go on: what a computation reports to when nobody listens."""
    return True
