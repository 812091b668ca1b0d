"""K-factors from reference particles, with their scatter."""

from typing import Literal

from lithoscope.methods.base import Method, Params, Port, choice


class EdsKFactorsParams(Params):
    """What the reference particles are made of."""

    reference: Literal["nominal", "icp"] = choice(
        "nominal",
        title="Reference composition",
        help="6:1:1:1 (nominal), or as measured by ICP (16.9:16.8:17.0, with two oxygen for each metal of the layer).",
    )


METHOD = Method(
    id="eds_k_factors",
    version="1",
    title="X-rays: k-factors of reference particles",
    technique="eds",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods, EDS tomography; Cliff and Lorimer 1975, "
    "doi:10.1111/j.1365-2818.1975.tb03895.x",
    inputs=(
        Port(
            "intensities",
            kind="volume",
            axes="czyx",
            unit="",
            many=True,
            title="Intensities of each reference particle, all corrected alike",
        ),
        Port("particles", kind="labels", axes="zyx", many=True, title="The particles, in the same order"),
        Port(
            "dark_fields",
            kind="volume",
            axes="zyx",
            unit="",
            many=True,
            optional=True,
            title="Their dark-field tomograms, all recorded alike: other particles are as much denser as brighter",
        ),
    ),
    outputs=(
        Port("k_factors", kind="table", title="K-factors with scatter and uncertainty"),
        Port("particles_alone", kind="table", title="K-factors particle by particle"),
    ),
    params=EdsKFactorsParams,
    compute="lithoscope.numerics.eds.k_report:reference_factors",
    example="lithoscope.numerics.eds.examples:two_references",
    calibration=("intensities_names",),
)
