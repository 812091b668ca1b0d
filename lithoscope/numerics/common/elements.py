"""Elements by their symbols."""

from lithoscope.elements import SYMBOLS
from lithoscope.numerics.common.errors import InvalidSetting


def atomic_number_of(name: str) -> int:
    """
    Return the atomic number of the element that a name begins with, such as ``Mn``, ``Mn L`` or ``O K``.

    Raises
    ------
    InvalidSetting
        It begins with no element.
    """
    symbol = name.strip().partition(" ")[0]
    if symbol not in SYMBOLS:
        raise InvalidSetting("the name of a map begins with no element: name maps as 'O K' or 'Mn L'")
    return SYMBOLS.index(symbol) + 1
