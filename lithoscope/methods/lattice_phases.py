"""Phase of a cathode from place to place in an atomic-resolution image."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, Port, quantity


class LatticePhasesParams(Params):
    """How large the pieces are, and how sure a phase must be."""

    advanced: ClassVar[frozenset[str]] = frozenset({"smallest_score", "smallest_lead", "scale_tolerance"})

    window_nm: float = quantity(
        3.0, unit="nm", title="Edge of a piece", help="At least four of the longest spacings.", gt=0, le=1000
    )
    step_nm: float = quantity(1.5, unit="nm", title="From one piece to the next", gt=0, le=1000)
    smallest_score: float = quantity(
        0.5, unit="1", title="Smallest score", help="What the best phase must reach.", ge=0, le=1
    )
    smallest_lead: float = quantity(
        0.08, unit="1", title="Smallest lead", help="Of its pattern over the next one's.", ge=0, le=1
    )
    scale_tolerance: float = quantity(
        0.02,
        unit="1",
        title="Tolerance of spacings",
        help="Standard deviation: calibration, composition and strain together.",
        gt=0,
        lt=0.2,
    )


METHOD = Method(
    id="lattice_phases",
    version="1",
    title="Atomic resolution: phases by lattice spacings",
    technique="images",
    reference="Oh et al., ADF-EDS-EELS tomography, Fig. 1b-d; cells of layered oxide, spinel and rock salt",
    inputs=(Port("image", kind="image", axes="yx", unit="", title="Dark-field image"),),
    outputs=(
        Port("phases", kind="labels", axes="yx", title="Phase of each piece"),
        Port("shares", kind="table", title="Pieces under each label"),
        Port("pieces", kind="table", title="Scores of every piece"),
    ),
    params=LatticePhasesParams,
    compute="lithoscope.numerics.particles.lattice_report:map_phases",
    example="lithoscope.numerics.particles.examples:atomic_image",
    calibration=("pixel_size_nm",),
)
