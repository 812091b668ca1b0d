"""When which resolution is enforced: from coarse to fine, and back if the finest points are mostly noise."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Resolution = Literal["all", "python", "python_extension", "matlab", "matlab_extension"]

#: A point at radius q of the Nyquist frequency is enforced while 1 - q exceeds the cutoff [1].
PYTHON_EXTENSION = (0.95, 0.8, 0.65, 0.5, 0.35, 0.2, 0.05, -0.1)
MATLAB_EXTENSION = (0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15, 0.05, -0.05, -0.15)
RETREAT = (-0.15, -0.05, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85)

#: The lists of GENFIRE-Python (main.py) and GENFIRE-MATLAB (GENFIRE_Main.m), with and without suppression.
CUTOFFS: dict[Resolution, tuple[float, ...]] = {
    "all": (-999.0,),
    "python": (*PYTHON_EXTENSION, *RETREAT),
    "python_extension": (*PYTHON_EXTENSION, -0.15, -0.15, -0.15),
    "matlab": (*MATLAB_EXTENSION, -10.0, -10.0, -10.0, *RETREAT, 0.95),
    "matlab_extension": (*MATLAB_EXTENSION, -10.0, -10.0),
}


def cutoff_switches(resolution: Resolution, iterations: int) -> dict[int, float]:
    """
    Spread a list of cutoffs evenly over the iterations.

    Returns
    -------
    switches : dict
        Iteration, counted from 1, to the cutoff that holds from then on. If several fall on one iteration, the first
        counts in the Python lists and the last in those of MATLAB, as in the programs they come from.
    """
    cutoffs = CUTOFFS[resolution]
    at: NDArray[np.float64] = np.round(np.linspace(1, iterations, len(cutoffs)))
    pairs = [(int(iteration), cutoff) for iteration, cutoff in zip(at, cutoffs, strict=True)]
    return dict(pairs if resolution.startswith("matlab") else reversed(pairs))
