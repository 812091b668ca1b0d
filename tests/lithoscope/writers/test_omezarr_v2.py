import json

import numpy as np
import pytest
import zarr
from ome_zarr_models.v04.image import Image as ImageV04

from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from lithoscope.writers.omezarr import write_omezarr
from lithoscope.writers.omezarr_v2 import write_omezarr_v2

NM = Quantity(2.5, "nm", "header", 0.01)


@pytest.fixture(params=["volume", "labels"])
def image(request, tmp_path):
    """Write an image with several levels as 0.5 and again as 0.4."""
    kind = request.param
    values = np.arange(70 * 130 * 140).reshape(70, 130, 140) % 251
    values = values.astype(np.uint8 if kind == "labels" else np.float32)
    array = LabelledArray(values, "zyx", dict.fromkeys("zyx", NM), "1", kind=kind, name=kind)
    write_omezarr(array, tmp_path / "v3")
    write_omezarr_v2(tmp_path / "v3", tmp_path / "v2")
    return tmp_path, array


def test_values_and_scale_stay_as_they_were(image):
    folder, array = image
    group = zarr.open_group(folder / "v2", mode="r", zarr_format=2)
    assert np.array_equal(group["0"][...], array.values)
    scale = group.attrs["multiscales"][0]["datasets"][0]["coordinateTransformations"][0]["scale"]
    assert scale == [2.5, 2.5, 2.5]
    assert group["0"].dtype == array.values.dtype


def test_the_models_of_ome_accept_it(image):
    folder, array = image
    found = ImageV04.from_zarr(zarr.open_group(folder / "v2", mode="r", zarr_format=2))
    assert found.attributes.multiscales[0].version == "0.4"
    attributes = json.loads((folder / "v2" / ".zattrs").read_text())
    assert ("image-label" in attributes) == (array.kind == "labels")


def test_the_same_image_gives_the_same_bytes(image, tmp_path):
    folder, _ = image
    write_omezarr_v2(folder / "v3", folder / "again")
    files = sorted(path.relative_to(folder / "v2") for path in (folder / "v2").rglob("*") if path.is_file())
    assert [(folder / "v2" / name).read_bytes() for name in files] == [
        (folder / "again" / name).read_bytes() for name in files
    ]
