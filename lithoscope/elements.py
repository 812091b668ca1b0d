"""Elements by their symbols, and the element that a name begins with. Standard library only."""

import re

#: In the order of their atomic numbers, from 1.
ROWS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr "
    "Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir "
    "Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu"
)
SYMBOLS = tuple(ROWS.split())
#: A symbol alone, with the shell of a family of lines or an edge, or with a charge.
_NAMED = re.compile(r"([A-Z][a-z]?)(?: [KLMN]\w*|[ _]?\d+(?:\.\d+)?[+-])?")


def element_in(name: str) -> str | None:
    """Return the element a map is named by, such as ``Mn``, ``Mn L``, ``O K`` or ``Mn4+``; None for other names."""
    told = _NAMED.fullmatch(name.strip())
    return told[1] if told and told[1] in SYMBOLS else None
