"""A series gives one tilt at a time and is an array only when one asks for all of it."""

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.series import SeriesOfTilts, StoredSeries, as_values, is_stored, parts

WHOLE = np.arange(3 * 2 * 4 * 5, dtype=np.uint16).reshape(3, 2, 4, 5)


def series(asked: list[int] | None = None) -> SeriesOfTilts:
    def tilt(index: int) -> np.ndarray:
        if asked is not None:
            asked.append(index)
        return WHOLE[index]

    return SeriesOfTilts(tilt, shape=WHOLE.shape, dtype=WHOLE.dtype)


def test_a_tilt_is_read_when_it_is_asked_for_and_not_before():
    asked: list[int] = []
    stored = series(asked)
    assert (stored.shape, stored.ndim, stored.size, stored.nbytes, len(stored)) == ((3, 2, 4, 5), 4, 120, 240, 3)
    assert asked == []
    assert np.array_equal(stored[1], WHOLE[1])
    assert np.array_equal(stored[-1], WHOLE[2])
    assert asked == [1, 2]


def test_it_ends_where_an_array_would():
    assert [int(tilt.sum()) for tilt in series()] == WHOLE.sum(axis=(1, 2, 3)).tolist()
    for place in (3, -4):
        with pytest.raises(IndexError):
            series()[place]


def test_all_of_it_is_an_array_of_any_dtype():
    assert np.array_equal(np.asarray(series()), WHOLE)
    assert np.asarray(series(), np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="copied into memory"):
        np.array(series(), copy=False)


def test_a_tilt_of_another_shape_than_promised_is_a_fault_that_shows():
    broken = SeriesOfTilts(lambda _: WHOLE[0, :1], shape=WHOLE.shape, dtype=WHOLE.dtype)
    with pytest.raises(ValueError, match="promised"):
        broken[0]


def test_arrays_and_stored_series_are_gone_through_alike():
    assert isinstance(series(), StoredSeries)
    assert isinstance(WHOLE, StoredSeries)
    assert (is_stored(series()), is_stored(WHOLE)) == (True, False)
    assert [part.shape for part in parts(series())] == [(2, 4, 5)] * 3
    assert [part.shape for part in parts(WHOLE)] == [WHOLE.shape]


def test_it_stands_for_the_values_of_a_labelled_array():
    array = LabelledArray(as_values(series()), "tyxe", kind="spectra", coordinates={"t": np.arange(3.0)})
    assert array.values.shape == WHOLE.shape
