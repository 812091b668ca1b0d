"""What every reader returns, and the limits every reader keeps."""

from dataclasses import dataclass, field
from typing import Any

from lithoscope.arrays import LabelledArray
from lithoscope.event_list import EventList
from lithoscope.tables import Table
from lithoscope.units import Quantity


@dataclass(frozen=True)
class Reading:
    """
    One file, read.

    Parameters
    ----------
    arrays : tuple of LabelledArray
        The first is the principal one; none where the file holds tables only.
    metadata : mapping of str to Quantity
        Acquisition values we index, by fixed names: ``beam_energy_kV``, ``beam_current_nA``, ``dwell_s``,
        ``exposure_s``, ``pixel_size_nm``, ``magnification``, ``stage_alpha_deg``, ``temperature_K``, and where the
        format has them ``camera_length_mm``, ``working_distance_mm``, ``convergence_mrad``, ``collection_mrad``,
        ``live_time_s``, ``dose_per_frame_e_per_A2``, ``photon_energy_keV``. A value the header lacks, or states as an
        impossible zero, is ``unknown`` with a note naming the header key.
    calibration : mapping of str to Quantity
        What is needed to use the arrays (``pixel_size_nm``, ``slice_spacing_nm``, ``tilt_axis_deg``,
        ``energy_step_eV``), each with source.
    original : mapping
        The vendor header as plain JSON values, large arrays left out.
    acquired_at : str
        ISO 8601 as the header gives it (often without zone); as written where day and month may have changed places;
        empty if unknown.
    warnings : tuple of str
        Things a person should know, each one sentence.
    format : str
        As in `Manifest`; filled in by `lithoscope.readers.read`.
    tables : mapping of str to Table
        Tables of the file by plain names, such as a cycler's.
    events : EventList, optional
        Detected ions or photons; they stay in the file, which must outlive the reading.
    """

    arrays: tuple[LabelledArray, ...]
    metadata: dict[str, Quantity] = field(default_factory=dict)
    calibration: dict[str, Quantity] = field(default_factory=dict)
    original: dict[str, Any] = field(default_factory=dict)
    acquired_at: str = ""
    warnings: tuple[str, ...] = ()
    format: str = ""
    tables: dict[str, Table] = field(default_factory=dict)
    events: EventList | None = None
