"""Small arrays with known scale for the writers' tests."""

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity


def nm(value: float, **more: object) -> Quantity:
    return Quantity(value, "nm", "header", note="factory", **more)  # type: ignore[arg-type]


def volume(shape: tuple[int, int, int] = (5, 6, 7), *, dtype: str = "float32") -> LabelledArray:
    """A volume whose three axes differ in length and step."""
    values = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    return LabelledArray(
        values, "zyx", {"z": nm(4.0), "y": nm(2.0, uncertainty=0.1), "x": nm(1.5)}, "1", kind="volume", name="cell"
    )


def tilt_series(shape: tuple[int, int, int] = (4, 6, 7)) -> LabelledArray:
    values = np.arange(np.prod(shape)).reshape(shape).astype("uint16")
    angles = np.array([-60.0, -20.5, 20.5, 60.0, *range(61, 57 + shape[0])])
    return LabelledArray(
        values, "tyx", {"y": nm(17.99), "x": nm(17.99)}, "counts", {"t": angles}, "tilt_series", "series"
    )


def unscaled(shape: tuple[int, int, int] = (5, 6, 7)) -> LabelledArray:
    unknown = Quantity.unknown("nm", "the header has no pixel size")
    return LabelledArray(np.ones(shape, np.float32), "zyx", dict.fromkeys("zyx", unknown), kind="volume")


def labels() -> LabelledArray:
    values = np.zeros((70, 70, 70), np.uint8)
    values[10:30], values[40:] = 1, 2
    return LabelledArray(values, "zyx", dict.fromkeys("zyx", nm(10.0)), kind="labels", name="phases")


def spectra() -> LabelledArray:
    values = np.random.default_rng(1).poisson(5.0, (3, 4, 20)).astype(np.float32)
    spacing = {"y": nm(2.0), "x": nm(2.0), "e": Quantity(0.3, "eV", "header", uncertainty=0.01)}
    return LabelledArray(values, "yxe", spacing, "counts", {"e": 440 + 0.3 * np.arange(20)}, "spectra", "core loss")
