"""What alignment and resolution ask of a reconstruction, whichever engine makes it."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Engine(Protocol):
    """A reconstruction with its settings bound, such as ``partial(sirt, iterations=30)``."""

    def __call__(self, projections: Any, angles_deg: Any, /, *, rotation_axis_px: float | None = None) -> Any:
        """Return a volume (z, y, x), or a result that has one as `volume`."""
        ...


def volume_of(reconstruction: Any) -> NDArray[np.float32]:
    """Take the volume (z, y, x) out of whatever an engine returned."""
    return np.asarray(getattr(reconstruction, "volume", reconstruction), np.float32)
