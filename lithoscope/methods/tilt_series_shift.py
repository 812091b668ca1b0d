"""Another channel of an aligned tilt series, moved by the same shifts."""

from lithoscope.methods.base import Method, Params, Port, choice


class TiltSeriesShiftParams(Params):
    """What the values are; the shifts are applied verbatim, once, to raw data."""

    variances: bool = choice(
        default=False,
        title="The values are variances",
        help="Of pixels that scatter independently: they go with the squares of the weights that move the counts.",
    )


METHOD = Method(
    id="tilt_series_shift",
    version="2",
    title="Tilt series: apply the shifts of another channel",
    technique="tilt_series",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods: the shifts of the ADF images serve every channel",
    inputs=(
        Port(
            "series",
            kind=("tilt_series", "spectra"),
            axes=("tyx", "ctyx", "tyxe"),
            unit="",
            title="Raw maps or spectra of every tilt",
        ),
        Port("shifts", kind="table", title="Shifts of the alignment"),
    ),
    outputs=(
        Port(
            "shifted",
            kind=("tilt_series", "tilt_series", "spectra"),
            axes=("tyx", "ctyx", "tyxe"),
            unit="",
            title="Aligned maps or spectra",
        ),
    ),
    params=TiltSeriesShiftParams,
    compute="lithoscope.numerics.tomography.alignment_report:shift_series",
    example="lithoscope.numerics.tomography.phantoms:small_shifts",
    calibration=("angles_deg", "series_names"),
)
