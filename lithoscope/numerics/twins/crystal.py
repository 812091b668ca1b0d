"""The two phases that a particle of NCM is made of, and what they weigh."""

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.eds.lines import atomic_masses_g_mol

Volume = NDArray[np.float32]

#: Elements of a particle; lithium is there although no map shows it.
ELEMENTS = ("Li", "O", "Mn", "Co", "Ni")
#: Those that X-rays show, in the order of every composition.
SHOWN = ("O", "Mn", "Co", "Ni")
METALS = ("Mn", "Co", "Ni")
ATOMIC_NUMBERS = {"Li": 3, "C": 6, "O": 8, "Mn": 25, "Co": 27, "Ni": 28}
#: Volume of LiMO2 and of MO [nm3]. LiMO2: NCM111, a = 0.286 nm, c = 1.423 nm, three units a cell. MO: mean of MnO, CoO
#: and NiO, a = 0.4445, 0.4261 and 0.4177 nm, four units a cell.
LAYERED_NM3 = 0.0336
ROCK_SALT_NM3 = 0.0198
_NM3_PER_CM3 = 1e21
_AVOGADRO = 6.02214076e23  # exact, SI 2019
#: Density of LiMO2 with equal shares [g/cm3], and of evaporated carbon.
LAYERED_G_CM3 = float(
    (atomic_masses_g_mol(["Li"]) + 2 * atomic_masses_g_mol(["O"])).item() + atomic_masses_g_mol(METALS).mean()
) / (_AVOGADRO * LAYERED_NM3 / _NM3_PER_CM3)
CARBON_G_CM3 = 2.0
CARBON_PER_NM3 = CARBON_G_CM3 / float(atomic_masses_g_mol(["C"]).item()) * _AVOGADRO / _NM3_PER_CM3


def filled(rock_salt: Volume, shares: Volume) -> Volume:
    """
    Count the atoms in a full volume of both phases.

    Parameters
    ----------
    rock_salt : (z, y, x) array
        Part of the volume that is MO; the rest is LiMO2 [1].
    shares : (3, z, y, x) array
        Shares of Mn, Co and Ni among the metals [1].

    Returns
    -------
    atoms_per_nm3 : (5, z, y, x) array of float32
        In the order of `ELEMENTS` [1/nm3].
    """
    layered = (1 - rock_salt) / np.float32(LAYERED_NM3)
    salt = rock_salt / np.float32(ROCK_SALT_NM3)
    return np.concatenate([layered[None], (2 * layered + salt)[None], (layered + salt) * shares]).astype(np.float32)


def densities_g_cm3(atoms_per_nm3: NDArray[np.float32]) -> dict[str, Volume]:
    """Weigh the atoms (5, ...) of a particle, element by element [g/cm3]."""
    grams = atomic_masses_g_mol(ELEMENTS) * (_NM3_PER_CM3 / _AVOGADRO)
    return {
        name: np.asarray(volume * np.float32(each), np.float32)
        for name, volume, each in zip(ELEMENTS, atoms_per_nm3, grams, strict=True)
    }
