"""
A twin as files: what its instrument would have recorded, and beside it what no instrument tells.

The series is written scan by scan as any other simultaneous series; the spectra a laboratory would take of powders of
each valence lie beside it, and the planted truth on the voxels of the scan.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import Progress, silent
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.twins import Experiment, NcmParticle, TiltScan, planted_figures, references
from lithoscope.numerics.twins.crystal import SHOWN
from lithoscope.numerics.twins.edges import COBALT, MANGANESE
from lithoscope.numerics.twins.settings import ExperimentSettings
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5
from lithoscope.writers.tilt_series_hdf5 import Scan, SeriesFrame, write_simultaneous

SERIES_FILE = "series.h5"
FIGURES_FILE = "planted.json"
#: Channels of references: 180 eV from below each edge on, as fine as a laboratory would take them.
REFERENCE_STEP_EV, REFERENCE_EV = 0.1, 180.0
REFERENCE_EDGES = ((MANGANESE, 600.0), (COBALT, 740.0))
#: How a file and an input of a recipe call each state.
STATE_NAMES = {"Mn4+": "mn_4", "Mn3+": "mn_3", "Mn2+": "mn_2", "Co3+": "co_3", "Co2+": "co_2"}
TRUTH = ("occupancy", "composition", "valence", "depth")


@dataclass(frozen=True, slots=True)
class TwinFiles:
    """
    Where the files of a twin lie.

    Parameters
    ----------
    series : Path
        The simultaneous tilt series.
    references : dict of str to Path
        Spectra by their names: ``mn_4``, ``mn_3``, ``mn_2``, ``co_3``, ``co_2``.
    truth : dict of str to Path
        Planted volumes: ``occupancy``, ``composition`` [at%], ``valence`` [1], ``depth`` [nm].
    figures : Path
        JSON of `PlantedFigures`.
    """

    series: Path
    references: dict[str, Path]
    truth: dict[str, Path]
    figures: Path

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Name the files that `write_twin` puts into a folder."""
        return cls(
            folder / SERIES_FILE,
            {name: folder / f"{name}.h5" for name in STATE_NAMES.values()},
            {name: folder / f"{name}.h5" for name in TRUTH},
            folder / FIGURES_FILE,
        )

    @property
    def are_whole(self) -> bool:
        """Say whether all of them are there; the last one written is the proof."""
        return all(path.exists() for path in (self.figures, *self.references.values(), *self.truth.values()))


def write_twin(
    folder: Path, experiment: Experiment, *, acquired_at: str = "", title: str = "", progress: Progress = silent
) -> TwinFiles:
    """
    Take every scan of a twin and write what is recorded, the references and the truth.

    Parameters
    ----------
    folder : Path
        Made when it is missing; files that are there already stay, and are an error.
    experiment : Experiment
        Of the particle and settings.
    acquired_at : str
        ISO 8601 with zone, for the series' header.
    title : str
    progress : Progress
        Asked after every scan; an answer of False ends the series there.

    Returns
    -------
    files : TwinFiles

    Raises
    ------
    FileExistsError
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = TwinFiles.at(folder)
    frame = series_frame(experiment.settings, title=title or "Twin of a simultaneous tilt series", at=acquired_at)
    write_simultaneous(files.series, _scans(experiment, progress), frame)
    truth = experiment.particle.coarser(experiment.binning)
    figures = json.dumps(asdict(planted_figures(truth)), indent=1)
    files.figures.write_text(figures, encoding="utf-8")
    for array in (*reference_spectra(experiment.settings), *truth_volumes(truth)):
        write_hdf5(array, folder / f"{array.name}.h5")
    return files


def series_frame(settings: ExperimentSettings, *, title: str, at: str = "") -> SeriesFrame:
    """Return what the header of a twin's series states."""
    probe, losses = settings.probe, settings.losses
    step = Quantity(probe.step_nm, "nm", "header")
    known = {
        "beam_energy_kV": (probe.beam_energy_keV, "kV"),
        "beam_current_nA": (probe.current_nA, "nA"),
        "dwell_s": (probe.dwell_s, "s"),
        "convergence_mrad": (probe.convergence_mrad, "mrad"),
        "collection_mrad": (probe.collection_mrad, "mrad"),
        "tilt_axis_deg": (0.0, "deg"),
        "pixel_size_nm": (probe.step_nm, "nm"),
    }
    axes = {"x_rays": settings.x_rays.axis, "low_loss": losses.low_axis, "core_loss": losses.core_axis}
    return SeriesFrame(
        step,
        step,
        {name: axis.energies_eV for name, axis in axes.items()},
        {name: Quantity(value, unit, "header") for name, (value, unit) in known.items()},
        title=title,
        acquired_at=at,
        attributes={"simulated": True},
    )


def reference_spectra(settings: ExperimentSettings) -> list[LabelledArray]:
    """Return the spectra of powders of each state of Mn and Co, on scales that differ."""
    probe = settings.probe
    beam = Beam(probe.beam_energy_keV, probe.convergence_mrad, probe.collection_mrad)
    found = []
    for edge, first_eV in REFERENCE_EDGES:
        axis = EnergyAxis(first_eV, REFERENCE_STEP_EV, round(REFERENCE_EV / REFERENCE_STEP_EV))
        for state, spectrum in references(edge, axis=axis, beam=beam).items():
            values = np.asarray(spectrum, np.float32)
            found.append(
                LabelledArray(
                    values,
                    "e",
                    {"e": Quantity(REFERENCE_STEP_EV, "eV", "header")},
                    "counts",
                    {"e": axis.energies_eV},
                    kind="spectra",
                    name=STATE_NAMES[state],
                )
            )
    return found


def truth_volumes(particle: NcmParticle) -> list[LabelledArray]:
    """Return what is planted, on the particle's own voxels; empty where there is no particle."""
    step = Quantity(particle.voxel_nm, "nm", "header")
    spacing = dict.fromkeys("zyx", step)
    states = np.concatenate([particle.mn_states, particle.co_states])

    def volume(name: str, values: NDArray[Any], unit: str, names: tuple[str, ...] = ()) -> LabelledArray:
        axes = "czyx" if names else "zyx"
        labels = {"c": names} if names else {}
        values = np.asarray(values, np.float32)
        return LabelledArray(values, axes, spacing, unit, kind="volume", name=name, labels=labels)

    return [
        volume("occupancy", particle.occupancy, "1"),
        volume("composition", 100 * particle.composition, "at%", SHOWN),
        volume("valence", np.where(particle.occupancy > 0, states, np.nan), "1", tuple(STATE_NAMES)),
        volume("depth", particle.depth_nm, "nm"),
    ]


def _scans(experiment: Experiment, progress: Progress) -> Iterator[Scan]:
    """Take the scans; those at the repeated tilt also count as repeated, the series' own among them."""
    settings = experiment.settings
    kinds = _dtypes(settings)
    for index in range(len(experiment)):
        scan = experiment.scan(index)
        signals = {name: values.astype(kinds.get(name, values.dtype)) for name, values in _signals(scan).items()}
        yield Scan(scan.angle_deg, signals, scan.is_in_series, scan.angle_deg == settings.stage.repeated_deg)
        if not progress(index + 1, len(experiment), angle_deg=scan.angle_deg):
            return


def _signals(scan: TiltScan) -> dict[str, NDArray[Any]]:
    """Return the signals of a scan as a recorder gives them: X-ray detectors summed, their live time averaged."""
    x_rays = scan.x_rays.sum(axis=0) if scan.x_rays.ndim == 4 else scan.x_rays
    live = scan.live_fractions.mean(axis=0).astype(np.float32)
    spectra = {"x_rays": x_rays, "low_loss": scan.low_loss, "core_loss": scan.core_loss}
    return {"dark_field": scan.dark_field, **spectra, "live_fraction": live}


def _dtypes(settings: ExperimentSettings) -> dict[str, type[np.unsignedinteger[Any]]]:
    """Say which counts are stored in 16 bits; the zero-loss peak of wide channels may hold more."""
    if not settings.is_noisy:
        return {}
    losses, electrons = settings.losses, settings.probe.electrons
    peak = electrons * losses.low_share * losses.low_axis.step_eV / losses.zero_loss_fwhm_eV
    low = np.uint16 if peak < 0.9 * np.iinfo(np.uint16).max else np.uint32
    return {"x_rays": np.uint16, "low_loss": low, "core_loss": low}
