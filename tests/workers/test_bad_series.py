"""Bad tilt series, spectra and masks sent to the service: each ends as a problem that says what and where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.infra.db.models import Project
from app.infra.house import House
from app.settings import Settings
from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from lithoscope.writers.mrc import write_mrc
from tests.app.results.publishing import add_job, publish
from tests.conftest import People, settings_for
from tests.workers.running import ended, local_workers
from tests.workers.test_ingest import dataset_of, sent

NM = Quantity(4.63, "nm", "header")
STEPS = {"x": NM, "y": NM}
ANGLES_DEG = np.linspace(-60.0, 60.0, 5)
X_RAY_EV = 0.0 + 20.0 * np.arange(100)
LOW_EV = -30.0 + 0.6 * np.arange(256)
CORE_EV = 600.0 + 0.6 * np.arange(300)
MEMORY_MIB = 768


@dataclass(frozen=True)
class Bad:
    """
    One bad input: the method it goes to, the code of the refusal, and words of what and where its detail must hold.
    """

    what: str
    method: str
    inputs: Mapping[str, str | list[str]]
    code: str
    words: tuple[str, ...]
    params: dict[str, Any] = field(default_factory=dict)


LOSSES = {"low_loss": "low", "core_loss": "core", "reference_1": "powder", "reference_2": "powder_too"}
TABLE = (
    Bad(
        "NaN in a tilt",
        "tilt_series_mask",
        {"projections": "with_nan"},
        "non-finite-values",
        ("tilt 1 (-30.0 deg)", "exclude"),
    ),
    Bad("NaN in spectra", "eds_fit", {"spectra": "x_rays_nan"}, "non-finite-values", ("spectra", "tilt")),
    Bad(
        "an empty tilt",
        "tilt_series_align",
        {"projections": "with_empty"},
        "empty-mask",
        ("tilt 1", "exclude the tilt"),
    ),
    Bad("two tilts", "tomogram_maps", {"projections": "two_tilts"}, "too-few-tilts", ("2", "3")),
    Bad("two tilts for GENFIRE", "tomogram_genfire", {"projections": "two_tilts"}, "too-few-tilts", ("2", "3")),
    Bad("negative counts", "eds_fit", {"spectra": "x_rays_negative"}, "negative-counts", ("spectra", "tilt")),
    Bad(
        "energies that fall",
        "eds_fit",
        {"spectra": "x_rays_falling"},
        "reversed-energy-axis",
        ("x_rays_falling", "turn"),
    ),
    Bad(
        "losses that fall",
        "eels_valence",
        {**LOSSES, "core_loss": "core_falling"},
        "reversed-energy-axis",
        ("core_falling",),
    ),
    Bad("no zero-loss peak", "eels_zero_loss", {"low_loss": "no_zero"}, "missing-zero-loss", ("tilt 1", "search_eV")),
    Bad("losses without zero", "eels_align", {"low_loss": "core"}, "missing-zero-loss", ("low-loss axis",)),
    Bad("a short reference", "eels_valence", {**LOSSES, "reference_2": "short"}, "reference-not-covering", ("eV",)),
    Bad(
        "an empty mask",
        "particle_profiles",
        {"particle": "nothing", "volumes": ["volume"]},
        "empty-mask",
        ("mask", "lower its threshold"),
    ),
    Bad(
        "an empty mask for composition",
        "eds_composition",
        {"maps": "maps", "particle": "nothing"},
        "empty-mask",
        ("particle",),
    ),
    Bad(
        "more memory than allowed",
        "tomogram_maps",
        {"projections": "wide"},
        "needs-too-much-memory",
        ("MiB", "bin the images"),
        {"engine": "sirt"},
    ),
)


def series(values: NDArray[Any], name: str, angles_deg: NDArray[Any] = ANGLES_DEG) -> LabelledArray:
    axes = "ctyx" if values.ndim == 4 else "tyx"
    labels = {"c": ("O K", "Mn L", "Co L", "Ni L")} if values.ndim == 4 else {}
    return LabelledArray(
        values.astype(np.float32), axes, STEPS, "counts", {"t": angles_deg}, "tilt_series", name, labels=labels
    )


def spectra(values: NDArray[Any], energies_eV: NDArray[Any], name: str) -> LabelledArray:
    axes, steps = ("e", {}) if values.ndim == 1 else ("tyxe", STEPS)
    places = {"e": energies_eV} if values.ndim == 1 else {"t": ANGLES_DEG, "e": energies_eV}
    return LabelledArray(values.astype(np.float32), axes, steps, "counts", places, "spectra", name)


def disc(size: int = 16) -> NDArray[np.float64]:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return 500.0 * (np.hypot(y, x) < size / 4)


def bad_arrays() -> list[LabelledArray]:
    """Draw what is sent: good arrays, and each with one thing wrong."""
    tilts = np.repeat(disc()[None], len(ANGLES_DEG), axis=0) + 1.0
    with_nan, with_empty = tilts.copy(), tilts.copy()
    with_nan[1, 3, 4], with_empty[1] = np.nan, 0.0
    x_rays = np.random.default_rng(0).poisson(3.0, (5, 6, 6, len(X_RAY_EV))).astype(float)
    negative, x_rays_nan = x_rays.copy(), x_rays.copy()
    negative[2, 1, 1, 40], x_rays_nan[2, 1, 1, 40] = -5.0, np.nan
    low = 1e4 * np.exp(-((LOW_EV / 1.0) ** 2)) + 5.0
    core = 1e3 * (CORE_EV / 600.0) ** -3 + 200.0 * (CORE_EV > 640.0)
    low, core = (np.broadcast_to(each, (5, 6, 6, len(each))) for each in (low, core))
    powder = np.exp(-(((CORE_EV - 643.0) / 2.0) ** 2)) + 0.2 * (CORE_EV > 640.0)
    solid = np.zeros((16, 16, 16))
    solid[4:12, 4:12, 4:12] = 1.0
    voxels = dict.fromkeys("zyx", NM)
    return [
        series(np.repeat(disc(512)[None], len(ANGLES_DEG), axis=0), "wide"),
        series(with_nan, "with_nan"),
        series(with_empty, "with_empty"),
        series(tilts[:2], "two_tilts", ANGLES_DEG[:2]),
        series(np.repeat(tilts[None], 4, axis=0), "maps"),
        spectra(x_rays, X_RAY_EV, "x_rays"),
        spectra(negative, X_RAY_EV, "x_rays_negative"),
        spectra(x_rays_nan, X_RAY_EV, "x_rays_nan"),
        spectra(x_rays[..., ::-1], X_RAY_EV[::-1], "x_rays_falling"),
        spectra(low, LOW_EV, "low"),
        spectra(np.zeros_like(low), LOW_EV, "no_zero"),
        spectra(core, CORE_EV, "core"),
        spectra(core[..., ::-1], CORE_EV[::-1], "core_falling"),
        spectra(powder, CORE_EV, "powder"),
        spectra(np.roll(powder, 3), CORE_EV, "powder_too"),
        spectra(powder[60:80], CORE_EV[60:80], "short"),
        LabelledArray(solid.astype(np.float32), "zyx", voxels, "1", kind="volume", name="volume"),
        LabelledArray(np.zeros((16, 16, 16), np.uint8), "zyx", voxels, kind="labels", name="nothing"),
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data", job_memory_mib=MEMORY_MIB)


@pytest.fixture(autouse=True)
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 2):
        yield


def test_bad_series_end_as_problems_that_say_what_where_and_what_to_do(
    house: House, people: People, project: Project, tmp_path: Path
):
    analyst = people.make(role="analyst", project=project)
    there = publish(house, add_job(house, project, None), tmp_path, {each.name: each for each in bad_arrays()}).id
    started = [(bad, analyst.post("/api/v1/jobs", json=request(bad, there))) for bad in TABLE]
    wrong = []
    for bad, answer in started:
        assert answer.status_code == 202, (bad.what, answer.text)
        problem = ended(house, answer.json()["id"]).problem or {}
        said = f"{problem.get('type')}: {problem.get('detail')}"
        is_named = problem.get("status") == 422 and said.startswith(f"/problems/{bad.code}: ")
        if not is_named or any(word not in said for word in bad.words):
            wrong.append(f"{bad.what}: {said}")
    assert not wrong, "\n".join(wrong)


def request(bad: Bad, result_id: str) -> dict[str, Any]:
    """Write a bad input as a request for a job."""
    inputs = {
        port: [f"{result_id}/{name}" for name in given] if isinstance(given, list) else f"{result_id}/{given}"
        for port, given in bad.inputs.items()
    }
    return {"method": bad.method, "inputs": inputs, "params": bad.params}


def test_angles_and_images_of_different_number_are_refused_with_both_numbers(
    house: House, project: Project, tmp_path: Path
):
    stack, angles = tmp_path / "stack.mrc", tmp_path / "stack.rawtlt"
    values = np.random.default_rng(0).normal(100, 5, (3, 16, 16)).astype(np.float32)
    write_mrc(LabelledArray(values, "tyx", STEPS, "counts", {}, "tilt_series", "stack"), stack)
    angles.write_text("-10.0\n0.0\n")
    dataset_id, _ = sent(house, project, stack)
    companion_id, job = sent(house, project, angles, companion_of=dataset_id)
    problem = dataset_of(house, companion_id).problem or {}
    assert (job.state, problem["type"]) == ("failed", "/problems/bad-companion")
    assert problem["detail"].endswith("lists 2 angles and the stack has 3 images: send the angles of these images")
