"""
Where the readers found each setting: rows of docs/formats.md out of the notes of real and written files.

``python -m tests.lithoscope.readers.metadata_table`` prints them.
"""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import mrcfile
import numpy as np

from lithoscope.readers import read
from lithoscope.readers.base import Reading
from lithoscope.units import Quantity
from tests.lithoscope.readers.edax_files import ipr, spc, spd
from tests.lithoscope.readers.test_companions import MDOC
from tests.lithoscope.readers.test_detector_frames import eiger
from tests.lithoscope.readers.test_emsa import SMALL
from tests.lithoscope.readers.test_oxford import oina
from tests.lithoscope.readers.tia_files import emi, ser
from tests.lithoscope.readers.vendors import FEI_HEADER, fei_tiff, serialem_stack

DATA = Path(__file__).parents[2] / "data"
COLUMNS = {
    "kV": ("beam_energy_kV", "photon_energy_keV"),
    "current": ("beam_current_nA",),
    "pixel": ("pixel_size_nm", "detector_pixel_um"),
    "dwell": ("dwell_s",),
    "exposure": ("exposure_s",),
    "tilt": ("stage_alpha_deg",),
    "temperature": ("temperature_K",),
}
_LOOKED_FOR = re.compile(r"^the (?:header|file) has no (?P<absent>[^:]+)$|^(?P<empty>.+) (?:says|has no unit) ")


@dataclass(frozen=True)
class Row:
    """One format: how a file of it is made or found, what it is, and the key of its time, if any."""

    format: str
    origin: str
    time: str
    reading: Callable[[Path], Reading]


def fei_mrc(folder: Path) -> Reading:
    header = np.zeros(2, mrcfile.dtypes.get_ext_header_dtype(b"FEI1"))
    header["HT"], header["Dwell time"], header["Integration time"] = 300_000, 2e-5, 1.0
    header["Alpha tilt"], header["Timestamp"] = (-10, 10), 46095.6
    with mrcfile.new(folder / "a.mrc", np.zeros((2, 4, 5), np.int16)) as mrc:
        mrc.set_extended_header(header)
        mrc.header.exttyp, mrc.voxel_size = b"FEI1", 20.0
    return read(folder / "a.mrc")


def serialem(folder: Path) -> Reading:
    serialem_stack(folder / "a.st", [-60.0, -20.0, 20.0, 60.0])
    (folder / "a.mdoc").write_text(MDOC)
    return read(folder / "a.st", companions=[folder / "a.mdoc"])


def fei(folder: Path) -> Reading:
    fei_tiff(folder / "a.tif", FEI_HEADER + "[Specimen]\nTemperature=300\n")
    return read(folder / "a.tif")


def msa(folder: Path) -> Reading:
    more = "#PROBECUR : 0.2\n#DWELLTIME : 5\n#INTEGTIME : 50\n#SPECTRUM"
    (folder / "a.msa").write_text(SMALL.replace("#SPECTRUM", more, 1))
    return read(folder / "a.msa")


def nexus(folder: Path) -> Reading:
    with h5py.File(folder / "a.nxs", "w") as file:
        data = file.create_group("entry/data")
        data.attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": ["y", "x"]})
        data["counts"], data["y"], data["x"] = np.ones((2, 3)), [0.0, 1.0], [0.0, 1.0, 2.0]
        facts = [("instrument/source/energy", 200.0, "keV"), ("instrument/source/current", 0.1, "nA")]
        facts += [("instrument/detector/count_time", 0.5, "s"), ("sample/temperature", 300.0, "K")]
        for name, value, unit in [*facts, ("data/y", None, "nm"), ("data/x", None, "nm")]:
            if value is not None:
                file[f"entry/{name}"] = value
            file[f"entry/{name}"].attrs["units"] = unit
        file["entry/start_time"] = "2026-03-14T15:09:26"
    return read(folder / "a.nxs")


def edax(folder: Path) -> Reading:
    beside = [ipr(folder / "a_Img.ipr"), spc(folder / "a.spc", np.ones(9))]
    return read(spd(folder / "a.spd", np.ones((2, 3, 9), "<u2")), companions=beside)


def real(name: str) -> Callable[[Path], Reading]:
    return lambda _folder: read(DATA / name)


ROWS = (
    Row("DigitalMicrograph", "real", "DataBar.Acquisition Date, Time", real("NMC_coreloss_SI_440-1054eV.dm3")),
    Row("Velox", "real", "Acquisition.AcquisitionStartDatetime", real("velox_EELS_EDS.zip")),
    Row("Bruker", "real", "Header/Date, Time", real("test_TEM.bcf")),
    Row("EMSA/MAS", "written", "DATE, TIME", msa),
    Row("FEI TIFF", "written", "User.Date, Time", fei),
    Row("MRC, FEI header", "written by mrcfile", "FEI header Timestamp", fei_mrc),
    Row("MRC with .mdoc", "written", "mdoc DateTime", serialem),
    Row("TIA, .ser with .emi", "written", "AcquireDate", lambda at: read(ser(at / "a.ser", np.ones((1, 3, 4), "<u2")),
        companions=[emi(at / "a.emi")])),
    Row("EDAX, .spd with .spc, .ipr", "written", "spc collectDate, collectTime", edax),
    Row("EDAX, .spc", "written", "spc collectDate, collectTime", lambda at: read(spc(at / "a.spc", np.ones(9)))),
    Row("CXI", "real", "entry_1/start_time", real("petra_p25_20_frames.cxi")),
    Row("Eiger master", "written", "detectorSpecific/data_collection_date", lambda at: read(eiger(at / "a.h5"))),
    Row("Oxford h5oina", "written", "Header/Acquisition Date", lambda at: read(oina(at / "a.h5oina"))),
    Row("NeXus", "written", "start_time", nexus),
    Row("Atom probe, .pos", "real", "", real("Si_2000.pos")),
    Row("Atom probe, .epos", "real", "", real("Si_2000.epos")),
    Row("Atom probe, .apt", "real", "", real("Si_2000.apt")),
)  # fmt: skip


def table(folder: Path) -> list[str]:
    """Write every row of the table."""
    lines = [f"| format | file | {' | '.join(COLUMNS)} | time |", "|---" * (len(COLUMNS) + 3) + "|"]
    for number, row in enumerate(ROWS):
        (folder / str(number)).mkdir()
        reading = row.reading(folder / str(number))
        cells = [_cell(reading, names) for names in COLUMNS.values()]
        time = f"`{row.time}`" if reading.acquired_at else f"unknown, `{row.time}`" if row.time else "unknown"
        lines.append(f"| {row.format} | {row.origin} | {' | '.join(cells)} | {time} |")
    return lines


def _cell(reading: Reading, names: tuple[str, ...]) -> str:
    given = {**reading.calibration, **reading.metadata}
    found = [given.get(name, Quantity.unknown("1")) for name in names]
    known = next((each for each in found if each.value is not None), None)
    if known is not None:
        return f"`{known.note}`"
    if names == COLUMNS["tilt"] and reading.arrays and "t" in reading.arrays[0].axes:
        return "axis `t`, one an image"
    looked_for = _LOOKED_FOR.match(found[0].note)
    return f"unknown, `{looked_for['absent'] or looked_for['empty']}`" if looked_for else "unknown"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print("\n".join(table(Path(place))))
