"""What the microscope acquires: single files of every format and groups of files, under names that come once."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from lithoscope.client.simulator.formats import Acquisition, emsa, like, mdoc, mrc, tiff, velox

Files = dict[str, bytes]
_WRITERS: dict[str, tuple[str, Callable[[Acquisition], bytes]]] = {
    "tiff": (".tif", tiff),
    "mrc": (".mrc", mrc),
    "emsa": (".msa", emsa),
    "velox": (".emd", velox),
}
_GROUPS = ("tilt_series", "slices", "stack")
_MEMBERS = 5
_TILT_STEP_DEG = 3.0
MOST_NAME_BYTES = 250  # a file system takes 255, and a copy needs a few more


@dataclass(frozen=True, slots=True)
class Product:
    """
    One acquisition, ready to be written.

    Parameters
    ----------
    kind : str
        Format or group.
    sample : str
        Name of its sample.
    group : str
        Folder or stem of the files below; empty for a single file.
    files : dict
        Bytes by path below the watched folder.
    number : int or None
        Which part of a growing series the single file is.
    tilt_deg : float or None
        Tilt of that part [deg].
    """

    kind: str
    sample: str
    group: str
    files: Files
    number: int | None = None
    tilt_deg: float | None = None

    @property
    def path(self) -> str:
        """Path of its first file."""
        return next(iter(self.files))

    @property
    def content(self) -> bytes:
        """Bytes of its first file."""
        return self.files[self.path]

    def renamed(self, path: str) -> "Product":
        """Return the single file under another path."""
        return replace(self, files={path: self.content})


class Producer:
    """
    Makes products one after the other.

    Parameters
    ----------
    seed : int
        Another gives other pixels.
    largest_side_px : int
        Longest side of a frame.
    templates : sequence of Path
        Real files to write instead, each as often as its format can be made unique, else once.
    """

    def __init__(self, seed: int, *, largest_side_px: int, templates: Sequence[Path] = ()) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - a rehearsal, no secret
        self._seed = seed
        self._largest_side_px = largest_side_px
        self._templates = list(templates)
        self._number = 0

    def single(self, sample: str, wall_s: float) -> Product:
        """Make a single file."""
        if self._templates and (made := self._from_template(sample, wall_s)):
            return made
        kind = self._rng.choice(list(_WRITERS))
        suffix, write = _WRITERS[kind]
        shot = self._shot(wall_s, frames=3 if kind in {"mrc", "velox"} else 1)
        return Product(kind, sample, "", {f"{sample}/{_day(wall_s)}/{kind}_{self._number:06d}{suffix}": write(shot)})

    def group(self, sample: str, wall_s: float) -> Product:
        """Make a folder of tilts, a folder of slices, or a stack with its text."""
        kind = self._rng.choice(_GROUPS)
        shot = self._shot(wall_s, frames=_MEMBERS)
        stem = f"{sample}/{_day(wall_s)}/{kind}_{self._number:06d}"
        if kind == "stack":
            name = f"{kind}_{self._number:06d}.mrc"
            return Product(kind, sample, stem, {f"{stem}.mrc": mrc(shot), f"{stem}.mrc.mdoc": mdoc(shot, stack=name)})
        frames = [
            replace(shot, seed=f"{shot.seed}/{n}", tilt_deg=3.0 * n if kind == "tilt_series" else 52.0, frames=1)
            for n in range(_MEMBERS)
        ]
        named = f"tilt_{self._number:06d}" if kind == "tilt_series" else f"slice_{self._number:06d}"
        return Product(kind, sample, stem, {f"{stem}/{named}_{n:03d}.tif": tiff(each) for n, each in enumerate(frames)})

    def tilts(self, sample: str, wall_s: float, count: int) -> list[Product]:
        """Make the tilts of one series in the order they are taken: from the middle outwards, to both sides."""
        shot = self._shot(wall_s, frames=1)
        folder = f"{sample}/{_day(wall_s)}/growing_{self._number:06d}"
        made = []
        for number in range(1, count + 1):
            tilt_deg = _TILT_STEP_DEG * (number // 2) * (1 if number % 4 in {1, 2} else -1)
            tilt = replace(shot, seed=f"{shot.seed}/{number}", tilt_deg=tilt_deg)
            files = {f"{folder}/tilt_{number:03d}_{tilt_deg:+.1f}.tif": tiff(tilt)}
            made.append(Product("tilt", sample, folder, files, number, tilt_deg))
        return made

    def _shot(self, wall_s: float, *, frames: int) -> Acquisition:
        self._number += 1
        return Acquisition(
            f"{self._seed}/{self._number}",
            datetime.fromtimestamp(wall_s, UTC),
            side_px=self._rng.randint(12, self._largest_side_px),
            frames=frames,
            pixel_nm=round(self._rng.uniform(0.02, 2.0), 4),
            beam_current_nA=round(self._rng.uniform(0.02, 0.5), 3),
        )

    def _from_template(self, sample: str, wall_s: float) -> Product | None:
        template = self._templates[self._number % len(self._templates)]
        self._number += 1
        whole = template.read_bytes()
        content = like(whole, f"{self._seed}/{self._number}")
        if content is None:
            self._templates.remove(template)
            content = whole
        name = f"{template.stem}_{self._number:06d}{template.suffix}"
        return Product("template", sample, "", {f"{sample}/{_day(wall_s)}/{name}": content})


def long_path(path: str) -> str:
    """Give a path more than 300 characters by long names of its folder and its file."""
    folder, _, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    long_name = stem + "_" + "x" * (MOST_NAME_BYTES - len(name) - 1) + dot + suffix
    return f"{folder}_{'y' * 60}/{long_name}"


def _day(wall_s: float) -> str:
    return datetime.fromtimestamp(wall_s, UTC).strftime("%Y-%m-%d")
