"""What cycling does to a particle of NCM111, as numbers to plant: surface layer, composition, valence, segregation."""

from dataclasses import dataclass

from lithoscope.numerics.common.errors import InvalidSetting


@dataclass(frozen=True, slots=True)
class DepthLaw:
    """
    A value that goes from the surface to the core as ``core + (surface - core) exp(-depth / decay_nm)``.

    Parameters
    ----------
    surface, core : tuple of float
        Values at depth zero and deep inside, one for each state or element [1].
    decay_nm : float
        Depth of 1/e [nm].
    """

    surface: tuple[float, ...]
    core: tuple[float, ...]
    decay_nm: float = 20.0

    def __post_init__(self) -> None:
        if len(self.surface) != len(self.core) or not self.decay_nm > 0:
            raise InvalidSetting(
                "a depth law needs as many values at the surface as in the core, and a decay above zero"
            )
        if min(*self.surface, *self.core) < 0:
            raise InvalidSetting("a depth law cannot plant values below zero")


@dataclass(frozen=True, slots=True)
class CyclingState:
    """
    A particle after so many cycles.

    Parameters
    ----------
    cycles : int
        Charges and discharges.
    layer_nm : float
        Thickness of the surface layer that has turned towards rock salt [nm].
    layer_rock_salt, bulk_rock_salt : float
        Part of the volume that is rock salt (MO) there and below [1]; the rest is layered LiMO2.
    shares : (float, float, float)
        Mean shares of Mn, Co and Ni among the metals [1].
    mn, co : DepthLaw
        Parts of Mn4+, Mn3+, Mn2+ and of Co3+, Co2+; each sums to one at the surface and in the core [1].
    inhomogeneity : DepthLaw
        Standard deviation of the atomic fractions of Mn, Co and Ni at one depth [1]; one value for all three.
    rich_spots : int
        Places below the surface where one metal has gathered.
    """

    cycles: int
    layer_nm: float
    layer_rock_salt: float
    bulk_rock_salt: float
    mn: DepthLaw
    co: DepthLaw
    inhomogeneity: DepthLaw
    rich_spots: int
    shares: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)

    def __post_init__(self) -> None:
        parts = (self.mn.surface, self.mn.core, self.co.surface, self.co.core, self.shares)
        if any(abs(sum(part) - 1) > 1e-6 for part in parts):
            raise InvalidSetting("the parts of the valence states, and of the metals, must sum to one: correct them")
        if not (0 <= self.layer_rock_salt <= 1 and 0 <= self.bulk_rock_salt <= 1 and self.layer_nm >= 0):
            raise InvalidSetting("the rock salt is a part of the volume between 0 and 1, the layer not below 0 nm")


# Means and the direction of every gradient follow Oh et al., Simultaneous ADF-EDS-EELS tomography, text to figures 2-4
# (at 100 cycles Mn4+ 80.7 %, Mn2+ 12.1 %, Co3+ 77.5 %; at 200 53.4 %, 42.0 %, 11.0 %, O 61.0 at%; Mn4+ about a tenth
# less at 50 cycles than before). The laws between surface and core, and the layers, are drawn, not measured.
PRISTINE = CyclingState(
    0, 0.0, 0.0, 0.0,
    DepthLaw((0.66, 0.17, 0.17), (0.92, 0.03, 0.05)),
    DepthLaw((0.60, 0.40), (0.88, 0.12)),
    DepthLaw((0.008,), (0.0018,), 12.0), 1,
)  # fmt: skip
AFTER_50 = CyclingState(
    50, 2.3, 0.3, 0.0,
    DepthLaw((0.56, 0.24, 0.20), (0.82, 0.11, 0.07)),
    DepthLaw((0.60, 0.40), (0.87, 0.13)),
    DepthLaw((0.005,), (0.0012,), 12.0), 0,
)  # fmt: skip
AFTER_100 = CyclingState(
    100, 4.6, 0.4, 0.0,
    DepthLaw((0.67, 0.13, 0.20), (0.91, 0.03, 0.06)),
    DepthLaw((0.62, 0.38), (0.89, 0.11)),
    DepthLaw((0.011,), (0.003,), 14.0), 3,
)  # fmt: skip
AFTER_200 = CyclingState(
    200, 9.3, 0.6, 0.202,
    DepthLaw((0.59, 0.03, 0.38), (0.49, 0.06, 0.45)),
    DepthLaw((0.18, 0.82), (0.055, 0.945)),
    DepthLaw((0.010,), (0.0035,), 16.0), 3,
)  # fmt: skip
STATES = {"pristine": PRISTINE, "50": AFTER_50, "100": AFTER_100, "200": AFTER_200}


def uniform_state(
    *,
    rock_salt: float = 0.0,
    shares: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3),
    mn: tuple[float, float, float] = (1.0, 0.0, 0.0),
    co: tuple[float, float] = (1.0, 0.0),
    inhomogeneity: float = 0.0,
) -> CyclingState:
    """
    Return a state without any gradient: whatever depends on depth in a result was made by the measurement.

    Parameters
    ----------
    rock_salt : float
        Part of the volume [1].
    shares : (float, float, float)
        Of Mn, Co and Ni among the metals [1].
    mn, co : tuple of float
        Parts of Mn4+, Mn3+, Mn2+ and of Co3+, Co2+ [1].
    inhomogeneity : float
        Standard deviation of the metals' atomic fractions [1].

    Raises
    ------
    InvalidSetting
    """
    even = DepthLaw((inhomogeneity,), (inhomogeneity,))
    return CyclingState(0, 0.0, 0.0, rock_salt, DepthLaw(mn, mn), DepthLaw(co, co), even, 0, shares)
