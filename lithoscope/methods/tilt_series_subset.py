"""Evenly spaced tilts out of a longer series."""

from typing import ClassVar

from lithoscope.methods.base import Method, Params, Port, quantity


class TiltSeriesSubsetParams(Params):
    """Which tilts to take; the defaults are the geometry of Oh et al."""

    advanced: ClassVar[frozenset[str]] = frozenset({"tolerance_deg"})

    first_deg: float = quantity(-70.0, unit="deg", title="First tilt", ge=-180, le=180)
    last_deg: float = quantity(70.0, unit="deg", title="Last tilt", ge=-180, le=180)
    step_deg: float = quantity(10.0, unit="deg", title="Step", gt=0, le=180)
    tolerance_deg: float = quantity(
        0.5, unit="deg", title="Tolerance", help="How far a tilt may be from the wanted angle.", ge=0, le=90
    )


METHOD = Method(
    id="tilt_series_subset",
    version="1",
    title="Tilt series: choose tilts",
    technique="tilt_series",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods: 15 tilts from -70 to 70 deg",
    inputs=(Port("projections", kind="tilt_series", axes="tyx", unit="", title="Tilt series"),),
    outputs=(Port("tilt_series", kind="tilt_series", axes="tyx", unit="", title="Chosen tilts"),),
    params=TiltSeriesSubsetParams,
    compute="lithoscope.numerics.tomography:pick_tilts",
    example="lithoscope.numerics.tomography.phantoms:fine_tilt_series",
    calibration=("angles_deg",),
)
