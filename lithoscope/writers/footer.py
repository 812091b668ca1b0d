"""The strip under a picture: scale bar, legend of labels, caption."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lithoscope.writers.palette import label_colour
from lithoscope.writers.scale_bar import scale_bar

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

FOOTER_PIXELS = 44

_MARGIN, _BAR_HEIGHT, _TEXT, _GAP = 16, 5, 17, 6
_INK, _PAPER, _QUIET = (245, 245, 245), (24, 26, 30), (160, 166, 176)
_LEGEND_LABELS = 6


@dataclass(frozen=True, slots=True)
class Footer:
    """
    What stands under a picture.

    Parameters
    ----------
    height : int
        Of the strip, at the lower edge of the canvas [pixels].
    picture_width : int
        Of the picture above it [pixels].
    nm_per_pixel : float or None
        Scale of the picture; None draws words instead of a bar.
    caption : str
        At the right, left out where there is no room.
    labels : list of int
        Labels of the picture, for a legend.
    """

    height: int
    picture_width: int
    nm_per_pixel: float | None
    caption: str
    labels: list[int]


def draw_footer(canvas: "Image.Image", footer: Footer) -> None:
    """Draw the strip onto the lower edge of a canvas."""
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, canvas.height - footer.height, canvas.width, canvas.height), _PAPER)
    pen = _Pen(draw, ImageFont.load_default(_TEXT), canvas.height - footer.height / 2)
    left = pen.bar(footer)
    right = canvas.width - _MARGIN - pen.width(footer.caption)
    if left + _MARGIN <= right:
        pen.text(right, footer.caption, _QUIET)
    pen.legend(footer.labels, left + 2 * _MARGIN, right - _MARGIN)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws along one line."""

    draw: "ImageDraw.ImageDraw"
    font: Any
    middle: float

    def width(self, text: str) -> float:
        return float(self.draw.textlength(text, self.font))

    def text(self, left: float, text: str, colour: tuple[int, int, int]) -> float:
        """Write text and return where it ends."""
        self.draw.text((left, self.middle), text, colour, self.font, anchor="lm")
        return left + self.width(text)

    def box(self, left: float, width: float, height: float, colour: tuple[int, int, int]) -> None:
        self.draw.rectangle((left, self.middle - height / 2, left + width, self.middle + height / 2), colour)

    def bar(self, footer: Footer) -> float:
        """Draw the scale bar and its length, and return where they end."""
        if footer.nm_per_pixel is None:
            return self.text(_MARGIN, "pixel size unknown", _QUIET)
        bar = scale_bar(footer.picture_width * footer.nm_per_pixel)
        length = bar.length_nm / footer.nm_per_pixel
        self.box(_MARGIN, length, _BAR_HEIGHT, _INK)
        return self.text(_MARGIN + length + _GAP + 2, bar.text, _INK)

    def legend(self, labels: list[int], left: float, right: float) -> None:
        """Draw a square and the number of each label, as far as there is room."""
        for label in labels[:_LEGEND_LABELS]:
            if left + _TEXT + _GAP + self.width(str(label)) > right:
                return
            self.box(left, _TEXT, _TEXT, label_colour(label))
            left = self.text(left + _TEXT + _GAP, str(label), _INK) + _MARGIN
