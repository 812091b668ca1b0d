"""EMSA/MAS spectra: real ones agree with RosettaSciIO, and a damaged one is refused by line."""

from pathlib import Path

import numpy as np
import pytest
from rsciio.msa import file_reader

from lithoscope.errors import ReaderError
from lithoscope.readers import Limits, inspect, read

DATA = Path(__file__).parents[2] / "data"
PAIRS, COLUMN = DATA / "NMC_Co_edge_bgsub.msa", DATA / "exspy_Mn-O_lowloss.msa"
SMALL = """#FORMAT      : EMSA/MAS Spectral Data File
#VERSION     : 1.0
#TITLE       : Mn2+
#NPOINTS     : 5
#NCOLUMNS    : 2
#XUNITS      : keV
#YUNITS      : Intensity
#DATATYPE    : Y
#XPERCHAN    : 0.0005
#OFFSET      : 0.6
#BEAMKV   -kV: 200.0
#CONVANGLE-mR: 24.6
#COLLANGLE-mR: 13.6
#XTILTSTGE-dg: -20.0
#DATE        : 04-SEP-2012
#TIME        : 23:14
#COMMENT     : first
#COMMENT     : second
#SPECTRUM    : Spectral Data Starts Here
1.0, 2.0
3.0, 4e0
5.0
#ENDOFDATA   :
"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", [PAIRS, COLUMN])
def test_real_spectra_are_those_rosettasciio_reads(path):
    array, theirs = read(path).arrays[0], file_reader(str(path))[0]
    assert np.allclose(array.values, theirs["data"])
    axis = theirs["axes"][0]
    assert array.coordinates["e"][[0, -1]] == pytest.approx(
        [axis["offset"], axis["offset"] + axis["scale"] * (axis["size"] - 1)]
    )
    assert (array.axes, array.kind, array.unit, inspect(path).format) == ("e", "spectra", "counts", "emsa")


def test_values_of_several_columns_and_units_of_the_standard_are_read(tmp_path):
    file = tmp_path / "a.msa"
    file.write_text(SMALL)
    reading = read(file)
    array, metadata = reading.arrays[0], reading.metadata
    assert (array.values.tolist(), array.unit, array.name) == ([1, 2, 3, 4, 5], "1", "Mn2")
    assert array.coordinates["e"] == pytest.approx([600, 600.5, 601, 601.5, 602])
    assert (array.spacing["e"].value, array.spacing["e"].unit) == (pytest.approx(0.5), "eV")
    assert (metadata["beam_energy_kV"].value, metadata["collection_mrad"].value) == (200, 13.6)
    assert metadata["stage_alpha_deg"].value == -20
    assert metadata["beam_current_nA"].source == "unknown"
    assert reading.acquired_at == "2012-09-04T23:14:00"
    assert reading.original["keywords"]["COMMENT"] == "first\nsecond"


def test_volts_written_as_kilovolts_are_not_believed():
    energy = read(PAIRS).metadata["beam_energy_kV"]
    assert (energy.source, "probably volts" in energy.note) == ("unknown", True)


def test_a_spectrum_without_energies_says_so(tmp_path):
    file = tmp_path / "a.msa"
    file.write_text(SMALL.replace("keV", "nm"))
    reading = read(file)
    assert reading.arrays[0].coordinates == {}
    assert reading.calibration["energy_step_eV"].source == "unknown"
    assert len(reading.warnings) == 1


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("#ENDOFDATA", "#END"), "truncated-file", "no #ENDOFDATA"),
        (("#SPECTRUM ", "#SPECTRA "), "unreadable-file", "line 20 stands before #SPECTRUM"),
        (("5.0\n", ""), "truncated-file", "promises 5 values and has 4"),
        (("5.0\n", "5.0 6.0\n"), "unreadable-file", "promises 5 values and has 6"),
        (("5.0\n", "secret\n"), "unreadable-file", "line 22 holds what is no number"),
        (("5.0\n", "nan\n"), "unreadable-file", "line 22 holds what is no finite number"),
        (("#NPOINTS     : 5", "#NPOINTS     : many"), "unreadable-file", "no #NPOINTS"),
        (("#DATATYPE    : Y", "#DATATYPE    : XY"), "unreadable-file", "said to be of pairs"),
        (("#SPECTRUM", "#XSPECTRUM"), "unreadable-file", "line 20"),
    ],
)
def test_a_damaged_spectrum_is_refused_by_line(tmp_path, change, code, words):
    file = tmp_path / "a.msa"
    file.write_text(SMALL.replace(*change, 1))
    with pytest.raises(ReaderError) as refusal:
        read(file)
    assert (refusal.value.code, words in str(refusal.value)) == (code, True), refusal.value
    assert "secret" not in str(refusal.value)


def test_a_text_that_is_no_spectrum_or_far_too_long_is_refused(tmp_path):
    file = tmp_path / "a.msa"
    file.write_text("#FORMAT : something else\n" * 10)
    with pytest.raises(ReaderError) as refusal:
        read(file)
    assert refusal.value.code == "type-mismatch"
    file.write_text(SMALL)
    with pytest.raises(ReaderError) as refusal:
        inspect(file, limits=Limits(text_bytes=100))
    assert refusal.value.code == "too-large"
    file.write_bytes(SMALL.encode()[:300])
    with pytest.raises(ReaderError) as refusal:
        inspect(file)
    assert refusal.value.code == "truncated-file"


def test_letters_of_other_code_pages_end_no_line(tmp_path):
    (tmp_path / "a.msa").write_bytes(SMALL.encode().replace(b"Mn2+", b"Mn\x85 \xb5\x0c"))
    assert read(tmp_path / "a.msa").arrays[0].values.tolist() == [1, 2, 3, 4, 5]


def test_a_remark_of_many_lines_keeps_them_all(tmp_path):
    (tmp_path / "a.msa").write_text(
        SMALL.replace("#COMMENT     : first", "#COMMENT : " + "a\n#COMMENT : ".join(["b"] * 50_000))
    )
    comment = read(tmp_path / "a.msa").original["keywords"]["COMMENT"]
    assert comment.count("\n") == 50_000
    assert comment.endswith("second")
