"""The dose a series of scanned frames gave the sample."""

from lithoscope.methods.base import Method, Params, Port


class RasterDoseParams(Params):
    """Nothing to choose: everything is on record in the exposure."""


METHOD = Method(
    id="raster_dose",
    version="1",
    title="Dose of a raster series",
    technique="beam",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods: 0.300 nA, 0.05 s, 4.63 nm, 15 tilts",
    inputs=(Port("exposure", kind="exposure", title="Exposure"),),
    outputs=(
        Port("dose_per_frame", kind="scalar", unit="e/A^2", title="Dose of one frame"),
        Port("dose_series", kind="scalar", unit="e/A^2", title="Dose of the series"),
        Port("dose_recorded", kind="scalar", unit="e/A^2", title="Dose of all recorded scans"),
        Port("dose_rate", kind="scalar", unit="e/(A^2 s)", title="Dose rate over the frame"),
        Port("dose_rate_dwell", kind="scalar", unit="e/(A^2 s)", title="Dose rate under the probe"),
        Port("scans", kind="table", title="Dose scan by scan"),
    ),
    params=RasterDoseParams,
    compute="lithoscope.rules.dose:account_raster_dose",
    example="lithoscope.rules.dose:example_exposure",
)
