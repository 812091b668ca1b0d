"""The analyses the facility offers, as the library declares them."""

from collections.abc import Mapping

from app.errors import NotFound
from lithoscope.methods import Method


class MethodService:
    """Finds methods; they are the same for everybody."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods

    def all(self) -> list[Method]:
        """Return every method, by id."""
        return list(self._methods.values())

    def get(self, method_id: str) -> Method:
        """Return a method."""
        method = self._methods.get(method_id)
        if method is None:
            raise NotFound
        return method
