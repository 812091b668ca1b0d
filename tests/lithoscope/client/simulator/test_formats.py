"""Files of the simulated microscope: our readers find what was set, and half a file is never taken for whole."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lithoscope import readers
from lithoscope.client.simulator.formats import Acquisition, emsa, like, mdoc, mrc, tiff, velox
from lithoscope.errors import ReaderError

SHOT = Acquisition(
    "seed", datetime(2026, 11, 22, 9, 30, 5, tzinfo=UTC), frames=3, pixel_nm=0.25, beam_energy_kV=200.0, tilt_deg=-6.0
)
DATA = Path(__file__).parents[3] / "data"
EXAMPLES = Path(__file__).parents[4] / "examples" / "data"
ALL = {"a.tif": tiff, "a.mrc": mrc, "a.msa": emsa, "a.emd": velox}


def value(reading: readers.Reading, name: str) -> float | None:
    found = reading.metadata[name].value
    return None if found is None else pytest.approx(found)


@pytest.mark.parametrize(
    ("name", "format_name", "shape"),
    [
        ("a.tif", "tiff", (24, 24)),
        ("a.mrc", "mrc", (3, 24, 24)),
        ("a.msa", "emsa", (576,)),
        ("a.emd", "velox", (3, 24, 24)),
    ],
)
def test_our_readers_read_the_pixels(tmp_path: Path, name: str, format_name: str, shape: tuple[int, ...]):
    path = tmp_path / name
    path.write_bytes(ALL[name](SHOT))
    reading = readers.read(path)
    assert (reading.format, reading.arrays[0].values.shape) == (format_name, shape)
    assert reading.arrays[0].values.std() > 0
    assert value(reading, "pixel_size_nm") == (None if name == "a.msa" else 0.25)


@pytest.mark.parametrize("name", ["a.tif", "a.msa", "a.emd"])
def test_headers_hold_what_the_microscope_was_set_to(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(ALL[name](SHOT))
    reading = readers.read(path)
    assert value(reading, "beam_energy_kV") == 200.0
    assert value(reading, "beam_current_nA") == 0.05
    assert value(reading, "stage_alpha_deg") == pytest.approx(-6.0, abs=1e-3)
    assert value(reading, "dwell_s") == (None if name == "a.msa" else 4e-6)
    assert "2026" in reading.acquired_at


def test_the_text_beside_a_stack_gives_its_tilts(tmp_path: Path):
    (tmp_path / "a.mrc").write_bytes(mrc(SHOT))
    (tmp_path / "a.mrc.mdoc").write_bytes(mdoc(SHOT, stack="a.mrc"))
    reading = readers.read(tmp_path / "a.mrc", companions=[tmp_path / "a.mrc.mdoc"])
    assert reading.arrays[0].axes == "tyx"
    assert reading.arrays[0].coordinates["t"].tolist() == [-6.0, -3.0, 0.0]
    assert value(reading, "beam_energy_kV") == 200.0


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("part", [0.05, 0.4, 0.75, 0.99])
def test_half_a_file_is_refused(tmp_path: Path, name: str, part: float):
    content, path = ALL[name](SHOT), tmp_path / name
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(ReaderError):
        readers.inspect(path)


@pytest.mark.parametrize("name", ALL)
def test_every_seed_gives_other_bytes_and_the_same_seed_the_same(name: str):
    write = ALL[name]
    assert write(SHOT) == write(replace(SHOT))
    assert write(SHOT) != write(replace(SHOT, seed="other"))


@pytest.mark.parametrize(
    "template",
    [DATA / "genfire_vesicle.mrc", DATA / "NMC_Co_edge_bgsub.msa", DATA / "exspy_Mn-O_lowloss.msa"],
    ids=lambda path: path.name,
)
def test_a_real_file_as_template_stays_readable_and_becomes_unique(tmp_path: Path, template: Path):
    whole = template.read_bytes()
    first, second = like(whole, "1"), like(whole, "2")
    assert first is not None
    assert second is not None
    assert len({whole, first, second}) == 3
    path = tmp_path / template.name
    path.write_bytes(first)
    before, after = readers.read(template), readers.read(path)
    assert after.arrays[0].values.shape == before.arrays[0].values.shape
    assert after.metadata == before.metadata


def test_a_tiff_as_template_gets_pixels_of_its_own(tmp_path: Path):
    path = tmp_path / "a.tif"
    path.write_bytes(like(tiff(SHOT), "other") or b"")
    changed = readers.read(path).arrays[0].values
    path.write_bytes(tiff(SHOT))
    assert (changed != readers.read(path).arrays[0].values).any()


@pytest.mark.parametrize("content", [b"\x89HDF\r\n\x1a\n" + bytes(300), b"anything" * 40, b""])
def test_formats_where_a_change_could_break_the_file_are_left_as_they_are(content: bytes):
    assert like(content, "1") is None
