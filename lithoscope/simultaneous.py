"""What a simultaneous tilt series consists of: the arrays of its one dataset, by their fixed names."""

from dataclasses import dataclass

#: How the HDF5 layout calls itself, in the attribute ``layout`` of its root.
LAYOUT = "simultaneous_tilt_series"
LAYOUT_VERSION = 1
#: The list of scans in a folder or archive of files, one a tilt or one a signal.
MANIFEST = "series.csv"


@dataclass(frozen=True, slots=True)
class Signal:
    """
    One signal of a simultaneous tilt series.

    Parameters
    ----------
    axes : str
        Axis letters of its array, as in `LabelledArray`.
    kind : str
        What the array is.
    unit : str
        Of its values.
    title : str
        Words for people.
    """

    axes: str
    kind: str
    unit: str
    title: str


_SPECTRA = ("tyxe", "spectra", "counts")

#: Every array, the principal one first.
SIGNALS = {
    "dark_field": Signal("tyx", "tilt_series", "counts", "Dark field"),
    "x_rays": Signal(*_SPECTRA, "X-ray spectra, detectors summed"),
    "low_loss": Signal(*_SPECTRA, "Energy loss with the zero-loss peak"),
    "core_loss": Signal(*_SPECTRA, "Energy loss of the core edges"),
    "live_fraction": Signal("tyx", "tilt_series", "1", "Part of the dwell time the X-ray detectors listened"),
}
#: Signals of the scans that were repeated at one tilt to look for damage, in order of time.
REPEATED = {f"repeat_{name}": SIGNALS[name] for name in ("dark_field", "low_loss", "core_loss")}
#: Acquisition values that belong to a series, and their units.
ACQUISITION = {
    "beam_energy_kV": "kV",
    "beam_current_nA": "nA",
    "dwell_s": "s",
    "convergence_mrad": "mrad",
    "collection_mrad": "mrad",
    "tilt_axis_deg": "deg",
    "pixel_size_nm": "nm",
}
