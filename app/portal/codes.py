"""QR codes: an address that a label or a screen shows, drawn as one SVG path."""

import segno
from markupsafe import Markup

QUIET_MODULES = 4  # the blank margin ISO/IEC 18004 asks for; readers fail without it


def best_mask(text: str) -> int:
    """Return the mask pattern that reads best of a text; for codes of one length it is as good for the others."""
    return int(segno.make_qr(text, error="m", boost_error=True).mask)


def qr_svg(text: str, *, label: str = "QR code", mask: int | None = None) -> Markup:
    """
    Draw a QR code.

    It fills the width its place gives it (class ``qr``) and is black on white in both themes: many readers cannot
    see an inverted code. Error correction M survives a scratched label (15 %).

    Parameters
    ----------
    text : str
        What a reader gets, mostly an address.
    label : str
        What a screen reader says of the picture.
    mask : int or None
        Pattern from 0 to 7 that is laid over the code; None tries all, which is most of the work.
    """
    code = segno.make_qr(text, error="m", boost_error=True, mask=mask)
    side = code.symbol_size(border=QUIET_MODULES)[0]
    rows = [bytes(row) for row in code.matrix]
    path = "".join(_runs(row, QUIET_MODULES + y) for y, row in enumerate(rows))
    return Markup(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<rect class="qr-ground" width="{0}" height="{0}" fill="#fff"/><path fill="#000" d="{2}"/></svg>'
    ).format(side, label, path)


def _runs(row: bytes, y: int) -> str:
    """Write the dark runs of a row as rectangles one module high."""
    pieces, start = [], None
    for x, dark in enumerate((*row, 0)):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            pieces.append(f"M{QUIET_MODULES + start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return "".join(pieces)
