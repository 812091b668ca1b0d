"""Settings of the published analysis, under the names that functions here give them."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType


def _table(name: str) -> Mapping[str, float]:
    """Return one part of the table."""
    file = resources.files("lithoscope.numerics.particles").joinpath("tables/published.toml")
    return MappingProxyType({key: float(value) for key, value in tomllib.loads(file.read_text("utf-8"))[name].items()})


#: Atomic fraction above which a voxel is rich in an element [1].
PAPER_THRESHOLDS = _table("rich_threshold")
#: Oxygen of the pure phases, rounded: arguments of `rock_salt_fraction` [1].
PAPER_OXYGEN = _table("oxygen")
