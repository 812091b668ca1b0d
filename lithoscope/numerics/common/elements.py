"""Elements by their symbols."""

from lithoscope.numerics.common.errors import InvalidSetting

#: In the order of their atomic numbers, from 1.
ROWS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr "
    "Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir "
    "Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu"
)
SYMBOLS = tuple(ROWS.split())


def atomic_number_of(name: str) -> int:
    """
    Return the atomic number of the element that a name begins with, such as ``Mn``, ``Mn L`` or ``O K``.

    Raises
    ------
    InvalidSetting
        It begins with no element.
    """
    symbol = name.strip().partition(" ")[0]
    if symbol not in SYMBOLS:
        raise InvalidSetting("the name of a map begins with no element: name maps as 'O K' or 'Mn L'")
    return SYMBOLS.index(symbol) + 1
