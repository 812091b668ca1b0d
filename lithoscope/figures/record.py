"""What is drawn: a picture with the words that belong to it. No plotting library is needed to hold one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """
    A figure as it is kept and shown.

    Parameters
    ----------
    png : bytes
        The picture.
    svg : str
        The same with lines and letters as curves; no date and no program is written into either.
    caption : str
        Sentences for below it: what is drawn, in which units, between which limits, what error bars mean.
    name : str
        Short name, for files and for readers who do not see it.
    """

    png: bytes
    svg: str
    caption: str
    name: str = "figure"


@dataclass(frozen=True, slots=True)
class Film:
    """
    A film as it is kept and shown.

    Parameters
    ----------
    gif : bytes
        The animation, repeated for ever.
    still : bytes
        Its first frame as PNG, for those who want no motion.
    caption : str
        Sentences for below it.
    name : str
        Short name, for files and for readers who do not see it.
    """

    gif: bytes
    still: bytes
    caption: str
    name: str = "film"
