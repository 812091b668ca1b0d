"""Datasets of several files: the slices of a FIB and the series of one TIA acquisition are one reading each."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from lithoscope.errors import ReaderError
from lithoscope.readers import Limits, inspect, read, read_together
from tests.lithoscope.readers.tia_files import emi, ser
from tests.lithoscope.readers.vendors import FEI_HEADER

SIDECAR = "slices.json"


def fib_slice(path: Path, value: int, *, shape: tuple[int, int] = (8, 8), header: str = FEI_HEADER) -> Path:
    text = header.replace("\n", "\r\n").encode() + b"\0"
    tifffile.imwrite(path, np.full(shape, value, np.uint8), extratags=[(34682, "s", 0, text, True)])
    return path


def packed(folder: Path, *more: tuple[str, bytes]) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as sink:
        for path in sorted(folder.iterdir()):
            sink.write(path, path.name)
        for name, content in more:
            sink.writestr(name, content)
    return archive


def slices(tmp_path: Path, *numbers: int, name: str = "slice_{}.tif", **changes: object) -> Path:
    folder = tmp_path / "slices"
    folder.mkdir(exist_ok=True)
    for number in numbers:
        fib_slice(folder / name.format(number), number, **changes)  # type: ignore[arg-type]
    return folder


def test_slices_are_one_stack_in_the_order_of_their_numbers_with_the_size_of_their_headers(tmp_path: Path):
    archive = packed(slices(tmp_path, 8, 9, 10, 11))
    reading = read(archive)
    (array,) = reading.arrays
    assert (reading.format, array.axes, array.kind, array.values.shape) == ("slices", "zyx", "stack", (4, 8, 8))
    assert array.values[:, 0, 0].tolist() == [8, 9, 10, 11]
    assert (array.spacing["x"].value, array.spacing["x"].source) == (pytest.approx(4.63), "header")
    assert (array.spacing["z"].source, reading.calibration["slice_spacing_nm"].source) == ("unknown", "unknown")
    assert (reading.metadata["beam_energy_kV"].source, reading.warnings) == ("header", ())
    assert reading.original["slices"] == {"count": 4, "first": "slice_8.tif", "last": "slice_11.tif", "first_number": 8}
    manifest = inspect(archive)
    assert (manifest.format, manifest.arrays[0].shape) == ("slices", (4, 8, 8))


def test_a_name_with_a_date_and_a_position_is_ordered_by_what_differs(tmp_path: Path):
    folder = slices(tmp_path, 1, 2, 10, name="2026-05-04_run3_{}.tiff")
    assert read(packed(folder)).arrays[0].values[:, 0, 0].tolist() == [1, 2, 10]


@pytest.mark.parametrize(
    ("name", "text"), [(SIDECAR, '{"slice_thickness_nm": 10}'), ("about.toml", "slice_thickness_nm = 10.0")]
)
def test_the_side_car_says_how_far_slices_are_apart(tmp_path: Path, name: str, text: str):
    (array,) = read(packed(slices(tmp_path, 1, 2), (name, text.encode()))).arrays
    step = array.spacing["z"]
    assert (array.kind, step.value, step.source, name in step.note) == ("volume", 10.0, "user", True)


@pytest.mark.parametrize(
    "text",
    [
        '{"slice_thickness_nm": 0}',
        '{"slice_thickness_nm": "ten"}',
        '{"slice_thickness_nm": NaN}',
        f'{{"slice_thickness_nm": {10**400}}}',
        "no JSON",
    ],
)
def test_a_side_car_that_states_no_thickness_is_refused_by_name(tmp_path: Path, text: str):
    with pytest.raises(ReaderError, match=SIDECAR) as refusal:
        read(packed(slices(tmp_path, 1, 2), (SIDECAR, text.encode())))
    assert refusal.value.code == "bad-companion"


def test_missing_numbers_are_told_and_never_filled(tmp_path: Path):
    reading = read(packed(slices(tmp_path, 1, 2, 4, 5, 9)))
    assert reading.arrays[0].values.shape[0] == 5
    assert "number 3, 6 to 8" in reading.warnings[0]


def test_what_differs_between_slices_is_unknown_and_another_pixel_size_is_told(tmp_path: Path):
    folder = slices(tmp_path, 1, 2)
    header = FEI_HEADER.replace("Dwelltime=5e-06", "Dwelltime=9e-06").replace("=4.63e-09", "=9e-09")
    fib_slice(folder / "slice_3.tif", 3, header=header)
    reading = read(packed(folder))
    assert (reading.metadata["dwell_s"].source, "differs" in reading.metadata["dwell_s"].note) == ("unknown", True)
    assert any("slice_3.tif" in words and "pixel size" in words for words in reading.warnings)
    assert reading.calibration["pixel_size_nm"].value == pytest.approx(4.63)


def _other_shape(folder: Path) -> None:
    fib_slice(folder / "slice_3.tif", 3, shape=(8, 9))


def _other_numbers(folder: Path) -> None:
    tifffile.imwrite(folder / "slice_3.tif", np.zeros((8, 8), np.uint16))


def _stack(folder: Path) -> None:
    tifffile.imwrite(folder / "slice_3.tif", np.zeros((2, 8, 8), np.uint8))


def _twice(folder: Path) -> None:
    fib_slice(folder / "slice_02.tif", 2)


def _unnumbered(folder: Path) -> None:
    fib_slice(folder / "overview.tif", 2)


def _cut(folder: Path) -> None:
    (folder / "slice_3.tif").write_bytes((folder / "slice_2.tif").read_bytes()[:100])


@pytest.mark.parametrize(
    ("spoil", "code", "named"),
    [
        (_other_shape, "mixed-sizes", "slice_3.tif"),
        (_other_numbers, "mixed-sizes", "slice_3.tif"),
        (_stack, "mixed-sizes", "slice_3.tif"),
        (_twice, "duplicate-slice", "slice_02.tif"),
        (_unnumbered, "unnumbered-slice", "overview.tif"),
        (_cut, None, "slice_3.tif"),
    ],
)
def test_a_slice_that_does_not_belong_is_refused_by_name(
    tmp_path: Path, spoil: Callable[[Path], None], code: str | None, named: str
):
    folder = slices(tmp_path, 1, 2)
    spoil(folder)
    for look in (read, inspect):
        with pytest.raises(ReaderError, match=named) as refusal:
            look(packed(folder))
        assert code is None or refusal.value.code == code


def test_the_series_of_one_acquisition_are_arrays_of_one_dataset_with_its_settings(tmp_path: Path):
    folder = tmp_path / "map"
    folder.mkdir()
    ser(folder / "map_1.ser", np.arange(12, dtype="<u2").reshape(1, 3, 4))
    ser(folder / "map_2.ser", np.ones((6, 5), "<i4"), scan=(3, 2))
    emi(folder / "map.emi")
    reading = read(packed(folder))
    assert [(array.name, array.axes) for array in reading.arrays] == [("map_1", "yx"), ("map_2", "yxe")]
    assert (reading.format, reading.metadata["beam_energy_kV"].value) == ("tia", 300)
    assert reading.acquired_at.startswith("2026-03-14")
    assert [entry.name for entry in inspect(packed(folder)).arrays] == ["map_1", "map_2"]
    assert {"map_1.ser", "map_2.ser"} <= set(reading.original)


def test_one_series_with_its_settings_is_read_as_before(tmp_path: Path):
    folder = tmp_path / "one"
    folder.mkdir()
    ser(folder / "one_1.ser", np.arange(12, dtype="<u2").reshape(1, 3, 4))
    emi(folder / "one.emi")
    reading = read(packed(folder))
    assert (len(reading.arrays), reading.metadata["beam_energy_kV"].value) == (1, 300)


def test_the_series_of_several_acquisitions_are_refused(tmp_path: Path):
    folder = tmp_path / "two"
    folder.mkdir()
    for name in ("a_1.ser", "b_1.ser"):
        ser(folder / name, np.zeros((1, 3, 4), "<u2"))
    with pytest.raises(ReaderError, match="several acquisitions"):
        read(packed(folder))


@pytest.mark.parametrize(("count", "ending"), [(10_001, "tif"), (1_001, "npy")])
def test_a_folder_of_more_files_than_anybody_cuts_is_refused_before_one_is_unpacked(
    tmp_path: Path, count: int, ending: str
):
    archive = tmp_path / "many.zip"
    with zipfile.ZipFile(archive, "w") as sink:
        for number in range(count):
            sink.writestr(f"slice_{number}.{ending}", b"")
    with pytest.raises(ReaderError, match="members") as refusal:
        read(archive)
    assert refusal.value.code == "too-large"


def test_files_that_lie_beside_each_other_are_read_as_their_archive_would_be(tmp_path: Path):
    folder = slices(tmp_path, 8, 9, 10, 11)
    (folder / SIDECAR).write_text('{"slice_thickness_nm": 12.5}', encoding="ascii")
    files = list(folder.iterdir())
    beside, sent = read_together(files), read(packed(folder))
    assert (beside.arrays[0].values == sent.arrays[0].values).all()
    assert (beside.format, beside.metadata, beside.calibration, beside.original, beside.warnings) == (
        sent.format, sent.metadata, sent.calibration, sent.original, sent.warnings,
    )  # fmt: skip
    (folder / "weights.pkl").write_bytes(b"x")
    with pytest.raises(ReaderError, match="can run code"):
        read_together(list(folder.iterdir()))
    with pytest.raises(ReaderError, match="larger than is allowed"):
        read_together(files, limits=Limits(total_bytes=100))
