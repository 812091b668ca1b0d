"""How a message on its way out fails."""

from lithoscope.errors import LithoscopeError


class NotTaken(LithoscopeError):
    """The other side did not take it now; another try may do."""
