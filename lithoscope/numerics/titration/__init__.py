"""Calibration lines of gas chromatographs and laws of lithium loss, fitted with their confidence."""

from lithoscope.numerics.titration.calibration import CalibrationLine, InversePrediction, fit_calibration, read_amount
from lithoscope.numerics.titration.storage import StorageFit, fit_storage_loss

__all__ = [
    "CalibrationLine",
    "InversePrediction",
    "StorageFit",
    "fit_calibration",
    "fit_storage_loss",
    "read_amount",
]
