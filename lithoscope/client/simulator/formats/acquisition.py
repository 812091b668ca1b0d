"""What the simulated microscope was set to, and what it saw."""

import random
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Acquisition:
    """
    One acquisition.

    Parameters
    ----------
    seed : str
        Decides every pixel; another seed gives another picture.
    begun_at : datetime
        By the clock of the instrument's PC.
    side_px : int
        Length of a square frame.
    frames : int
        Frames of a stack.
    pixel_nm, beam_energy_kV, beam_current_nA, dwell_s : float
        Settings written into the headers.
    tilt_deg : float
        Stage tilt of the frame, of a stack the first.
    tilt_step_deg : float
        Between the frames of a stack.
    """

    seed: str
    begun_at: datetime
    side_px: int = 24
    frames: int = 1
    pixel_nm: float = 0.5
    beam_energy_kV: float = 300.0
    beam_current_nA: float = 0.05
    dwell_s: float = 4e-6
    tilt_deg: float = 0.0
    tilt_step_deg: float = 3.0

    def noise(self, count: int) -> bytes:
        """Return bytes that no other acquisition has."""
        return random.Random(self.seed).randbytes(count)  # noqa: S311 - pixels, not secrets
