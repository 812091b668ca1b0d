"""Structures in images and volumes: their classes, amounts and surfaces."""

from lithoscope.numerics.volumes.segmentation import segment_threshold
from lithoscope.numerics.volumes.surfaces import surface_measure

__all__ = ["segment_threshold", "surface_measure"]
