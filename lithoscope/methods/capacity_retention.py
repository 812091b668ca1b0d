"""How much of a cell's capacity is left after each cycle."""

from lithoscope.methods.base import Method, Params, Port, quantity


class CapacityRetentionParams(Params):
    """What the capacity is compared with, and how well it is known."""

    reference_cycle: int | None = quantity(
        None,
        unit="1",
        title="Reference cycle",
        help="Empty for the first on record; a later one where formation comes before.",
        ge=0,
    )
    uncertainty_mAh_per_g: float = quantity(
        0.0,
        unit="mAh/g",
        title="Uncertainty of one reading against another",
        help="Of current and cut-offs; the mass of the electrode drops out. In the unit of the table.",
        ge=0,
    )


METHOD = Method(
    id="capacity_retention",
    version="1",
    title="Cycling: capacity retention",
    technique="electrochemistry",
    reference="Oh et al., ADF-EDS-EELS tomography, Fig. 1a",
    inputs=(Port("cycling", kind="table", title="Cycles with discharge capacity"),),
    outputs=(
        Port("retention", kind="table", title="Capacity, share left and share lost of each cycle"),
        Port("lost", kind="scalar", title="Share lost at the last cycle"),
    ),
    params=CapacityRetentionParams,
    compute="lithoscope.numerics.particles.capacity_report:retention_curve",
    example="lithoscope.numerics.particles.examples:cycling",
)
