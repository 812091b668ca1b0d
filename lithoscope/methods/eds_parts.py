"""Ports and fields that the methods of X-rays share."""

from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from lithoscope.methods.base import Params, Port, choice, quantity

SPECTRA, MAPS, ROWS = ("e", "yxe", "tyxe"), ("cyx", "ctyx"), ("yx", "tyx")
#: A list in one line: families, elements with numbers, angles.
Words = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f]*$")]


def maps_port(name: str, title: str, *, unit: str, optional: bool = False) -> Port:
    """Declare maps of families: of an image, or of every tilt."""
    return Port(name, kind=("image", "tilt_series"), axes=MAPS, unit=unit, optional=optional, title=title)


def volumes_port(name: str, title: str, *, unit: str, optional: bool = False) -> Port:
    """Declare volumes, one for each element."""
    return Port(name, kind="volume", axes="czyx", unit=unit, optional=optional, title=title)


def words(default: str | None, *, title: str, help_: str) -> Any:
    """Declare a list written in one line."""
    return choice(default, title=title, help=help_)


def k_table_port() -> Port:
    """Declare k-factors that were found from reference particles; they win over what the parameters say."""
    return Port("k_factors", kind="table", optional=True, title="K-factors of reference particles")


class KFactorParams(Params):
    """Where k-factors come from if no table of them is given."""

    reference: Literal["nominal", "icp", "given"] = choice(
        "nominal",
        title="K-factors",
        help="Without a table of them: from this particle, taken to be 6:1:1:1 (nominal) or as measured by ICP "
        "(16.9:16.8:17.0 and oxygen), or those given below.",
    )
    k_given: Words = words(
        "", title="Given k-factors", help_="Element and atoms per count, separated by commas: O 1, Mn 0.5."
    )
    k_by_mass: bool = choice(default=False, title="Given by mass", help="They give mass per count, as printed tables.")
    k_uncertainty_percent: float | None = quantity(
        None,
        unit="%",
        title="Uncertainty of given k-factors",
        help="Of each but the first. Left empty: unknown, and said so.",
        ge=0,
        le=100,
    )
