"""The dose of a tilt series, tilt by tilt."""

from typing import Literal

from lithoscope.methods.base import Method, Params, Port, choice, quantity


class TiltSeriesDoseParams(Params):
    """In which order the tilts were taken; a file sorts them by angle."""

    order: Literal["rising", "falling", "symmetric"] = choice(
        "rising", title="Order of the tilts", help="Rising or falling angle, or from the flattest to both sides."
    )
    scans_before: int = quantity(
        1, unit="1", title="Scans before the series", help="Of those outside it; the others came after.", ge=0, le=1000
    )


METHOD = Method(
    id="tilt_series_dose",
    version="1",
    title="Tilt series: dose of each tilt",
    technique="tilt_series",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods: 0.300 nA, 0.05 s, 4.63 nm, 15 tilts and two scans more",
    inputs=(
        Port("projections", kind="tilt_series", axes="tyx", unit="", title="Tilt series"),
        Port("exposure", kind="exposure", title="Its exposure"),
    ),
    outputs=(
        Port("tilts", kind="table", title="Dose of each scan and the sum so far, in order of time"),
        Port("dose_per_tilt", kind="scalar", unit="e/A^2", title="Dose of one tilt"),
        Port("dose_series", kind="scalar", unit="e/A^2", title="Dose of the series"),
        Port("dose_recorded", kind="scalar", unit="e/A^2", title="Dose of all recorded scans"),
    ),
    params=TiltSeriesDoseParams,
    compute="lithoscope.rules.tilt_dose:tilt_doses",
    example="lithoscope.rules.tilt_dose:example_series",
    calibration=("angles_deg",),
)
