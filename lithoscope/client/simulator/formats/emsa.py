"""EMSA/MAS spectra (.msa)."""

import struct

from lithoscope.client.simulator.formats.acquisition import Acquisition


def emsa(shot: Acquisition) -> bytes:
    """Write one spectrum of as many channels as the frame has pixels; its last line says that it is whole."""
    channels = shot.side_px**2
    counts = struct.unpack(f"<{channels}H", shot.noise(2 * channels))
    head = {
        "FORMAT": "EMSA/MAS Spectral Data File",
        "VERSION": "1.0",
        "TITLE": "simulated spectrum",
        "DATE": shot.begun_at.strftime("%d-%b-%Y").upper(),
        "TIME": shot.begun_at.strftime("%H:%M"),
        "OWNER": "simulated microscope",
        "NPOINTS": str(channels),
        "NCOLUMNS": "1",
        "XUNITS": "eV",
        "YUNITS": "counts",
        "DATATYPE": "Y",
        "XPERCHAN": "10",
        "OFFSET": "-20",
        "SIGNALTYPE": "EDS",
        "BEAMKV": f"{shot.beam_energy_kV:g}",
        "PROBECUR": f"{shot.beam_current_nA:g}",
        "XTILTSTGE": f"{shot.tilt_deg:g}",
    }
    lines = [f"#{key:<12}: {value}" for key, value in head.items()]
    lines += ["#SPECTRUM    : Spectral Data Starts Here", *map(str, counts), "#ENDOFDATA   :"]
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
