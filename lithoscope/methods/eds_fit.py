"""Maps of the photons of families of lines."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Params, Port, Presets, choice, quantity
from lithoscope.methods.eds_parts import ROWS, SPECTRA, Words, maps_port, words

PRESETS: Presets = {"default": {"how": "fit", "refine": True}, "paper": {"how": "windows", "refine": False}}


class EdsFitParams(Params):
    """
    Which families of lines are in the spectra, and how they are told apart.

    Preset 'paper' counts windows around the lines, as the published maps were made; lines a few tens of eV apart then
    mix, and `crosstalk` says how much. The default fits families of lines with fixed ratios and bremsstrahlung.
    """

    presets: ClassVar[Presets] = PRESETS
    advanced: ClassVar[frozenset[str]] = frozenset(
        {
            "offset_eV",
            "refine",
            "range_start_eV",
            "range_stop_eV",
            "strobe_eV",
            "bremsstrahlung_terms",
            "nonnegative",
            "half_width_fwhm",
        }
    )

    preset: Literal["default", "paper"] = choice("default", title="Preset", help="Fills what is left empty below.")
    how: Literal["fit", "windows"] | None = choice(
        None, title="How", help="Least squares of families, or windows. Left empty: fit (default), windows (paper)."
    )
    families: Words = words(
        "O K, Mn L, Co L, Ni L, Cu L",
        title="Families of lines",
        help_="Everything that has lines in the range, grid and film too: element and shell, separated by commas.",
    )
    kept: Words = words(
        "", title="Maps of", help_="Families that become maps. Left empty: all but those of copper and carbon."
    )
    fwhm_mn_ka_eV: float = quantity(
        130.0, unit="eV", title="Width of Mn K alpha", help="Full width at half maximum.", gt=121.5, le=250
    )
    offset_eV: float = quantity(
        0.0, unit="eV", title="Offset", help="By how much lines lie above their energies.", ge=-100, le=100
    )
    refine: bool | None = choice(
        None,
        title="Find width and offset",
        help="In the data, from the two above on. Left empty: yes (default), no (paper).",
    )
    range_start_eV: float | None = quantity(
        None, unit="eV", title="Fit from", help="Left empty: three widths below the lowest line.", ge=0, le=100_000
    )
    range_stop_eV: float | None = quantity(
        None, unit="eV", title="Fit to", help="Left empty: three widths above the highest line.", gt=0, le=100_000
    )
    strobe_eV: float = quantity(
        150.0, unit="eV", title="End of the strobe peak", help="Counts below are left out and told.", ge=-1000, le=2000
    )
    bremsstrahlung_terms: int = quantity(
        4,
        unit="1",
        title="Terms of bremsstrahlung",
        help="1/E times a polynomial of so many terms, for what window and particle absorb.",
        ge=1,
        le=4,
    )
    nonnegative: bool = choice(
        default=False,
        title="No negative photons",
        help="In the maps. It makes weak families too strong and their neighbours too weak; sums are taken before.",
    )
    half_width_fwhm: float = quantity(
        1.0, unit="1", title="Half of a window", help="In full widths of the line at half maximum.", gt=0, le=5
    )


METHOD = Method(
    id="eds_fit",
    version="1",
    title="X-rays: maps of families of lines",
    technique="eds",
    reference="Statham 1977, doi:10.1002/xrs.1300060208; preset 'paper': Oh et al., ADF-EDS-EELS tomography, Methods",
    inputs=(
        Port("spectra", kind="spectra", axes=SPECTRA, unit="counts", title="X-ray spectra, raw counts"),
        Port(
            "live_fraction",
            kind=("image", "tilt_series"),
            axes=ROWS,
            optional=True,
            title="Live over real time of each pixel",
        ),
    ),
    outputs=(
        maps_port("maps", "Photons of each family", unit="counts"),
        maps_port("variance", "Their variance", unit="counts^2"),
        Port("sums", kind="table", title="Photons of each tilt"),
        Port("spectrum", kind="table", title="Mean spectrum, its background and families"),
        Port("misfit", kind="scalar", title="Reduced chi-squared, the largest of all tilts"),
        Port("fwhm", kind="scalar", unit="eV", title="Width of Mn K alpha that was used"),
        Port("offset", kind="scalar", unit="eV", title="Offset that was used"),
        Port("strobe", kind="scalar", unit="counts", title="Counts of the strobe peak, left out"),
        Port("clipped", kind="scalar", title="Values below zero that were moved there"),
        Port("crosstalk", kind="table", optional=True, title="What windows mix"),
    ),
    params=EdsFitParams,
    compute="lithoscope.numerics.eds.fit_report:family_maps",
    example="lithoscope.numerics.eds.examples:small_spectra",
    calibration=("spectra_energy", "angles_deg"),
)
