"""Numbers in the words of the demonstration's table."""

from lithoscope.units import Quantity


def words_of(quantity: Quantity) -> str:
    """Write a number with its unit and source."""
    if quantity.value is None:
        return "unknown"
    return f"{quantity.value:.4g} {quantity.unit} ({quantity.source})"
