"""A small file in the GOSH layout of Zenodo 7645765, to read and to search backgrounds with."""

import h5py
import numpy as np

REFERENCE = "10.5281/zenodo.7645765"
#: Part of the table's electrons in each subshell, and the table it stands in: 2p electrons share one.
SUBSHELLS = {"K1": ("K1", 1.0), "L1": ("L1", 1.0), "L3": ("L3", 2 / 3), "L2": ("L3", 1 / 3)}


def write_gosh(path, *, elements=("O", "Mn"), tables=("K1", "L3"), longest_eV=400.0, per_m=1.0):
    """Write strengths that fall with the loss, and with the momentum beyond that of the shell."""
    losses, momenta = np.linspace(0.1, longest_eV, 41), np.geomspace(1e8, 1e13, 60)
    falling = 1e-2 * np.exp(-losses / 300.0) / (1 + (momenta[:, None] / 1e11) ** 2) ** 3
    with h5py.File(path, "w") as file:
        file.create_group("metadata/data_ref").attrs["data_doi"] = REFERENCE
        for name, (table, share) in SUBSHELLS.items():
            edge = file.create_group(f"metadata/edges_info/{name}")
            edge.attrs["table"], edge.attrs["occupancy_ratio"] = table, share
        for element in elements:
            for table in tables:
                group = file.create_group(f"{element}/{table}")
                group["data"] = falling[None]
                group["q"], group["free_energies"] = per_m * momenta, losses
    return path
