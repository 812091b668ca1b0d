"""What every theme of numerics shares: how it refuses and how it reports progress."""

from lithoscope.numerics.common.errors import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.common.progress import Progress, silent

__all__ = ["EmptyMask", "InvalidSetting", "NonFiniteValues", "Progress", "WrongShape", "silent"]
