"""What is recorded of one stay of a scanned beam on a sample."""

from dataclasses import dataclass
from typing import Any, Self

from lithoscope.errors import ScienceError
from lithoscope.units import Quantity

UNIT_OF = {"beam_energy_kV": "kV", "beam_current_nA": "nA", "dwell_s": "s", "step_nm": "nm"}


class ImpossibleExposure(ScienceError):
    """An exposure that no microscope can have given."""

    code = "impossible-exposure"


@dataclass(frozen=True, slots=True)
class RasterExposure:
    """
    A series of frames scanned by a focused beam.

    Parameters
    ----------
    beam_energy_kV, beam_current_nA, dwell_s, step_nm : Quantity
        Accelerating voltage [kV], current in the probe [nA], stay at each place [s], distance of neighbouring places
        along both directions [nm]. Each may be unknown; a header that says zero is unknown.
    frame_pixels : (int, int) or None
        Places of one frame along x and y; None if not recorded.
    frames : int
        Frames in the series, each at its own tilt.
    recorded_scans : int
        Scans that are on record, repeated frames included.

    Raises
    ------
    ImpossibleExposure
        A known value is not above zero, has the wrong unit, or fewer scans than frames are recorded.
    """

    beam_energy_kV: Quantity
    beam_current_nA: Quantity
    dwell_s: Quantity
    step_nm: Quantity
    frame_pixels: tuple[int, int] | None
    frames: int
    recorded_scans: int

    def __post_init__(self) -> None:
        for name, unit in UNIT_OF.items():
            given: Quantity = getattr(self, name)
            if given.unit != unit:
                raise ImpossibleExposure(f"{name} must be given in {unit}: convert it")
            if given.value is not None and not 0 < given.value < float("inf"):
                raise ImpossibleExposure(f"{name} must be above zero: record it as unknown if it is not known")
        if self.frame_pixels is not None and min(self.frame_pixels) < 1:
            raise ImpossibleExposure("frame_pixels must count at least one place each way: leave it out if not known")
        if self.frames < 1 or self.recorded_scans < self.frames:
            raise ImpossibleExposure(
                "recorded_scans counts every scan, so it cannot be below frames, and a series has at least one frame"
            )

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        pixels = record.get("frame_pixels")
        return cls(
            **{name: Quantity.from_json(record[name]) for name in UNIT_OF},
            frame_pixels=(pixels[0], pixels[1]) if pixels else None,
            frames=record["frames"],
            recorded_scans=record["recorded_scans"],
        )

    def to_json(self) -> dict[str, Any]:
        """Write every field with plain JSON types."""
        return {
            **{name: getattr(self, name).to_json() for name in UNIT_OF},
            "frame_pixels": list(self.frame_pixels) if self.frame_pixels else None,
            "frames": self.frames,
            "recorded_scans": self.recorded_scans,
        }
