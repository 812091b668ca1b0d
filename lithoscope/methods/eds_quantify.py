"""Atomic per cent of the pixels of one image."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Port, choice, quantity
from lithoscope.methods.eds_parts import KFactorParams, Words, k_table_port, words


class EdsQuantifyParams(KFactorParams):
    """
    Which k-factors turn photons into atoms, and what the specimen absorbs.

    A single image knows nothing of thickness: absorption is that of a foil of the thickness and density given here.
    """

    advanced: ClassVar[frozenset[str]] = frozenset({"k_by_mass", "unseen", "elevation_deg", "floor"})

    reference: Literal["given", "nominal", "icp"] = choice(
        "given",
        title="K-factors",
        help="Without a table of them: those given below, or from this image, taken to be 6:1:1:1 (nominal) or as "
        "measured by ICP.",
    )
    absorption: Literal["none", "foil"] = choice("none", title="Absorption", help="Not corrected, or that of a foil.")
    thickness_nm: float | None = quantity(None, unit="nm", title="Thickness of the foil", gt=0, le=100_000)
    density_g_cm3: float | None = quantity(None, unit="g/cm^3", title="Density of the foil", gt=0, le=25)
    unseen: Words = words(
        "", title="Unseen elements", help_="Atoms without a map for each atom of those with one: Li 0.3333."
    )
    elevation_deg: float = quantity(
        18.0, unit="deg", title="Take-off angle", help="Of the detectors above the specimen.", gt=0, le=90
    )
    sigma_px: float = quantity(
        0.0, unit="px", title="Smoothing", help="Gaussian over the maps; the uncertainty follows.", ge=0, le=20
    )
    floor: float = quantity(
        0.05,
        unit="1",
        title="Fewest atoms",
        help="Pixels with a smaller part of the median of all atoms have no composition.",
        ge=0,
        lt=1,
    )


METHOD = Method(
    id="eds_quantify",
    version="1",
    title="X-rays: composition of an image",
    technique="eds",
    reference="Cliff and Lorimer 1975, doi:10.1111/j.1365-2818.1975.tb03895.x",
    inputs=(
        Port("maps", kind="image", axes="cyx", unit="counts", title="Photons of each family"),
        Port("variance", kind="image", axes="cyx", unit="", optional=True, title="Variance of the maps"),
        Port("mask", kind=("labels", "image"), axes="yx", optional=True, title="Where composition is wanted"),
        k_table_port(),
    ),
    outputs=(
        Port("composition", kind="image", axes="cyx", unit="at%", title="Atomic per cent; empty where not valid"),
        Port("uncertainty", kind="image", axes="cyx", unit="at%", optional=True, title="Its standard uncertainty"),
        Port("valid", kind="labels", axes="yx", title="Where there is a composition"),
        Port("elements", kind="table", title="Mean composition"),
        Port("k_factors", kind="table", title="K-factors"),
    ),
    params=EdsQuantifyParams,
    compute="lithoscope.numerics.eds.quantify_report:composition_maps",
    example="lithoscope.numerics.eds.examples:one_image",
    calibration=("maps_names",),
)
