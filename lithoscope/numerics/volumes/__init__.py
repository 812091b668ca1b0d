"""Structures in images and volumes: their classes, amounts and surfaces, and what differs between two."""

from lithoscope.numerics.volumes.difference import difference_map
from lithoscope.numerics.volumes.segmentation import segment_threshold
from lithoscope.numerics.volumes.surfaces import surface_measure

__all__ = ["difference_map", "segment_threshold", "surface_measure"]
