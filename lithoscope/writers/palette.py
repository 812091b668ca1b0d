"""Colours of labels that people with any colour vision tell apart."""

#: Okabe and Ito (2008), black left to the background, most distinct first
_OKABE_ITO = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (204, 121, 167), (213, 94, 0), (240, 228, 66), (0, 114, 178),
)  # fmt: skip


def label_colour(value: int) -> tuple[int, int, int]:
    """
    Colour of a label [red, green, blue; 0 to 255].

    Zero is the background, black. Beyond seven labels the colours return, each round a step darker.
    """
    if value <= 0:
        return (0, 0, 0)
    turn, index = divmod(value - 1, len(_OKABE_ITO))
    shade = max(0.4, 1.0 - 0.2 * turn)
    red, green, blue = (round(part * shade) for part in _OKABE_ITO[index])
    return red, green, blue
