"""What a person chooses of simultaneous tomography, and the published numbers."""

from typing import Any, ClassVar, Literal

from lithoscope.methods.base import Params, choice, quantity

Engine = Literal["genfire", "sirt", "sart", "fbp", "resire"]


def _engine(default: str, title: str) -> Any:
    return choice(default, title=title)


def _iterations(default: int, title: str) -> Any:
    return quantity(default, unit="1", title=title, ge=1, le=10_000)


def _genfire(default: str, title: str) -> Any:
    return choice(default, title=title, help="Numbers of GENFIRE: its grid and what it fills of it.")


class SimultaneousTomographyParams(Params):
    """
    What may differ from particle to particle and from lab to lab.

    Preset 'paper' holds the published numbers. The defaults are what a simulated particle of known composition and
    valence shows to come nearest the truth.
    """

    advanced: ClassVar[frozenset[str]] = frozenset(
        {
            "mean_updates",
            "rotation_axis_px",
            "dark_field_genfire",
            "x_ray_maps",
            "sigma_px",
            "neighbour_radius_px",
            "window_steps",
            "beyond",
            "eels_genfire",
            "eels_nonnegative",
            "rich_oxygen_percent",
            "rich_metal_percent",
            "connectivity",
        }
    )

    particle_name: str = choice("", title="Name of the particle", help="Stands in its tables, for comparisons.")
    cycles: int | None = quantity(
        None,
        unit="1",
        title="Cycles",
        help="Charge-discharge cycles it went through; 0 is pristine.",
        ge=0,
        le=1_000_000,
    )
    mask_dilation_px: float = quantity(
        3.0,
        unit="px",
        title="Dilation of the masks",
        help="How far masks reach beyond Otsu's threshold; without, they cut off the surface.",
        ge=0,
        le=100,
    )
    mean_updates: int = quantity(
        2, unit="1", title="Updates of the common line", help="Of the alignment along the tilt axis.", ge=0, le=50
    )
    rotation_axis_px: float | None = quantity(
        None, unit="px", title="Tilt axis", help="Detector column of the tilt axis; empty for the middle.", ge=0
    )
    dark_field_engine: Engine = _engine("genfire", "Engine of the dark field")
    dark_field_iterations: int = _iterations(200, "Iterations of the dark field")
    dark_field_genfire: Literal["recommended", "paper"] = _genfire("recommended", "GENFIRE of the dark field")
    families: str = choice(
        "O K, Mn L, Co L, Ni L, Cu L",
        title="Families of lines",
        help="Everything that has lines in the range, grid and film too.",
    )
    x_ray_maps: Literal["default", "paper"] = choice(
        "default", title="X-ray maps", help="Families fitted together (default), or windows around the lines (paper)."
    )
    fwhm_mn_ka_eV: float = quantity(
        130.0, unit="eV", title="Width of Mn K alpha", help="Of the X-ray detectors.", gt=121.5, le=250
    )
    k_reference: Literal["nominal", "icp"] = choice(
        "nominal",
        title="K-factors",
        help="Without a table of them: from this particle itself, taken to be 6:1:1:1 or as measured by ICP. Right for "
        "a pristine particle only: give the table of pristine ones with a cycled one.",
    )
    eds_preset: Literal["default", "paper"] = choice("default", title="Composition", help="Fills what is left empty.")
    eds_engine: Engine | None = choice(
        None, title="Engine of X-rays", help="Left empty: sirt (default), genfire (paper)."
    )
    eds_iterations: int | None = quantity(
        None, unit="1", title="Iterations of X-rays", help="Left empty: what suits the engine.", ge=1, le=10_000
    )
    sigma_px: float = quantity(
        1.2, unit="px", title="Smoothing of X-ray maps", help="Gaussian in the plane of each image.", ge=0, le=20
    )
    absorption: bool | None = choice(
        None, title="Correct absorption of X-rays", help="Left empty: yes (default), no (paper)."
    )
    beam_energy_keV: float = quantity(300.0, unit="keV", title="Beam energy", gt=0, le=1500)
    convergence_mrad: float = quantity(25.2, unit="mrad", title="Convergence semi-angle", ge=0, le=500)
    collection_mrad: float = quantity(100.0, unit="mrad", title="Collection semi-angle", gt=0, le=500)
    neighbour_radius_px: int = quantity(
        1, unit="px", title="Mean over neighbours", help="Of energy-loss spectra: 1 averages 3 x 3 pixels.", ge=0, le=10
    )
    window_steps: int = quantity(
        3, unit="1", title="Steps of the windows", help="Places tried for each end of a window.", ge=1, le=6
    )
    manganese: Literal["mn", "mn_paper"] = choice("mn", title="Manganese edge", help="Windows and weights.")
    cobalt: Literal["co", "co_paper"] = choice("co", title="Cobalt edge", help="Windows and weights.")
    beyond: Literal["refuse", "extrapolate"] = choice(
        "refuse", title="References that end early", help="Refuse them, or continue their continuum by a line."
    )
    eels_engine: Engine = _engine("sirt", "Engine of energy loss")
    eels_iterations: int = _iterations(30, "Iterations of energy loss")
    eels_genfire: Literal["recommended", "paper_eels"] = _genfire("recommended", "GENFIRE of energy loss")
    eels_nonnegative: bool = choice(
        default=False,
        title="Positive states",
        help="Voxels of a state below zero become zero. That raises rare states where maps are noisy: simulated "
        "particles lose 0.01 to 0.02 of Mn4+ at depths of 30 to 60 nm.",
    )
    rich_oxygen_percent: float = quantity(
        80.0, unit="at%", title="Rich in oxygen above", help="Strictly above.", ge=0, le=100
    )
    rich_metal_percent: float = quantity(
        16.7, unit="at%", title="Rich in a metal above", help="Strictly above.", ge=0, le=100
    )
    connectivity: Literal[6, 26] = choice(
        6, title="Shells", help="Peeled across faces (6), also edges and corners (26)."
    )


#: Oh et al., Methods: GENFIRE throughout, 1000 iterations with an oversampling ratio of 3 for dark field and X-rays,
#: 200 with 2 for energy loss; masks and windows as published.
PAPER: dict[str, Any] = {
    "mask_dilation_px": 0.0,
    "dark_field_engine": "genfire",
    "dark_field_iterations": 1000,
    "dark_field_genfire": "paper",
    "x_ray_maps": "paper",
    "eds_preset": "paper",
    "sigma_px": 1.2,
    "manganese": "mn_paper",
    "cobalt": "co_paper",
    "beyond": "extrapolate",
    "eels_engine": "genfire",
    "eels_iterations": 200,
    "eels_genfire": "paper_eels",
    "eels_nonnegative": True,
}

#: Headings of the form.
SECTIONS: dict[str, tuple[str, ...]] = {
    "Particle": ("particle_name", "cycles"),
    "Masks and alignment": ("mask_dilation_px", "mean_updates", "rotation_axis_px"),
    "Dark field": ("dark_field_engine", "dark_field_iterations", "dark_field_genfire"),
    "X-rays": (
        "families",
        "x_ray_maps",
        "fwhm_mn_ka_eV",
        "k_reference",
        "eds_preset",
        "eds_engine",
        "eds_iterations",
        "sigma_px",
        "absorption",
    ),
    "Energy losses": (
        "beam_energy_keV",
        "convergence_mrad",
        "collection_mrad",
        "neighbour_radius_px",
        "window_steps",
        "manganese",
        "cobalt",
        "beyond",
        "eels_engine",
        "eels_iterations",
        "eels_genfire",
        "eels_nonnegative",
    ),
    "Analysis in three dimensions": ("rich_oxygen_percent", "rich_metal_percent", "connectivity"),
}
