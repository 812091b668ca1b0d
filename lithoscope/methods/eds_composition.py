"""Volumes of atomic per cent from aligned maps of X-ray families."""

from typing import ClassVar, Literal

from lithoscope.methods.base import Method, Port, Presets, choice, preset_quantity, quantity
from lithoscope.methods.eds_parts import KFactorParams, Words, k_table_port, volumes_port, words
from lithoscope.methods.particle_parts import cycles_field

PRESETS: Presets = {
    "default": {
        "engine": "sirt", "oversampling_ratio": 3.0, "interpolation_radius_px": 0.25, "absorption": True,
        "support_px": 2.0,
    },
    "paper": {
        "engine": "genfire", "iterations": 1000, "oversampling_ratio": 3.0, "interpolation_radius_px": 0.1,
        "absorption": False,
    },
}  # fmt: skip


class EdsCompositionParams(KFactorParams):
    """
    How maps are prepared, reconstructed, freed of absorption and turned into atomic per cent.

    Preset 'paper' reconstructs as published, by 1000 iterations of GENFIRE without correcting absorption. The default
    corrects it, and iterates SIRT little: on a particle with 20 counts per pixel its profiles come nearest the truth.
    """

    presets: ClassVar[Presets] = PRESETS
    advanced: ClassVar[frozenset[str]] = frozenset(
        {
            "oversampling_ratio",
            "interpolation_radius_px",
            "nonnegative",
            "support_px",
            "normalise",
            "absorption_iterations",
            "dark_field_median",
            "azimuths_deg",
            "elevation_deg",
            "replicates",
            "floor",
            "k_by_mass",
            "least_counts",
        }
    )

    preset: Literal["default", "paper"] = choice("default", title="Preset", help="Fills what is left empty below.")
    engine: Literal["genfire", "sirt", "sart", "fbp", "resire"] | None = choice(
        None, title="Engine", help="Left empty: sirt (default), genfire (paper)."
    )
    iterations: int | None = quantity(
        None,
        unit="1",
        title="Iterations",
        help="Left empty: 30 of SIRT, 60 of GENFIRE and RESIRE, 5 of SART; 1000 (paper).",
        ge=1,
        le=10_000,
    )
    oversampling_ratio: float | None = preset_quantity(
        "oversampling_ratio", PRESETS, unit="1", title="Oversampling ratio", help="GENFIRE only.", ge=1, le=8
    )
    interpolation_radius_px: float | None = preset_quantity(
        "interpolation_radius_px", PRESETS, unit="px", title="Interpolation radius", help="GENFIRE only.", gt=0, le=2
    )
    nonnegative: bool = choice(default=True, title="No negative intensity", help="Set negative voxels to zero.")
    support_px: float | None = quantity(
        None,
        unit="px",
        title="Around the particle",
        help="X-rays may come from the particle and so far around it. Left empty: 2 (default), anywhere (paper).",
        ge=0,
        le=1000,
    )
    sigma_px: float = quantity(
        1.2, unit="px", title="Smoothing", help="Gaussian in the plane of each image; 1.2 in the paper.", ge=0, le=20
    )
    normalise: bool = choice(
        default=True, title="One level for all tilts", help="What holder and grid shadow is given back, all maps alike."
    )
    least_counts: float = quantity(
        100.0,
        unit="counts",
        title="Fewest photons of a family",
        help="Families with fewer in a tilt have no say in its level.",
        ge=0,
    )
    excluded_tilts: Words = words("", title="Left-out tilts", help_="Their numbers from 0 on, separated by commas.")
    absorption: bool | None = choice(
        None, title="Correct absorption", help="Along rays to each detector. Left empty: yes (default), no (paper)."
    )
    absorption_iterations: int = quantity(
        2, unit="1", title="Rounds of absorption", help="Each with the composition of the last.", ge=1, le=20
    )
    density_g_cm3: float = quantity(
        4.7,
        unit="g/cm^3",
        title="Density of the material",
        help="Where the dark-field volume has its median; 4.7 for LiNi1/3Co1/3Mn1/3O2.",
        gt=0,
        le=25,
    )
    dark_field_median: float | None = quantity(
        None,
        unit="1",
        title="Dark field of that density",
        help="Median of the dark-field tomogram inside a particle of that density, recorded alike: others are then as "
        "much denser as they are brighter. Left empty: that of the table of k-factors, else this particle's own.",
        gt=0,
    )
    unseen: Words = words(
        "Li 0.3333",
        title="Unseen elements",
        help_="Atoms without a map for each atom of those with one: they weigh and absorb. A third lithium in LiMO2.",
    )
    azimuths_deg: Words = words(
        "45, 135, 225, 315",
        title="Detectors",
        help_="Azimuth of each in degrees, from +x, across the tilt axis, towards +y.",
    )
    elevation_deg: float = quantity(
        18.0,
        unit="deg",
        title="Take-off angle",
        help="Above the untilted specimen; negative where the volume's z points to the source.",
        ge=-90,
        le=90,
    )
    replicates: int = quantity(
        4,
        unit="1",
        title="Replicates",
        help="Series with noise added that are reconstructed for the uncertainty; 0 for none, else at least 2.",
        ge=0,
        le=100,
    )
    floor: float = quantity(
        0.05,
        unit="1",
        title="Fewest atoms",
        help="Voxels with a smaller part of the median of all atoms have no composition.",
        ge=0,
        lt=1,
    )
    cycles: int | None = cycles_field()


METHOD = Method(
    id="eds_composition",
    version="1",
    title="X-rays: composition of a particle",
    technique="eds",
    reference="Oh et al., ADF-EDS-EELS tomography, Methods, EDS tomography; Cliff and Lorimer 1975, "
    "doi:10.1111/j.1365-2818.1975.tb03895.x; self-absorption along the rays to each detector",
    inputs=(
        Port("maps", kind="tilt_series", axes="ctyx", unit="counts", title="Aligned photons of each family"),
        Port("particle", kind="labels", axes="zyx", title="Particle, above 0 inside"),
        Port("dark_field", kind="volume", axes="zyx", unit="", optional=True, title="Dark-field tomogram: its density"),
        Port("variance", kind="tilt_series", axes="ctyx", unit="", optional=True, title="Variance of the maps"),
        Port("sums", kind="table", optional=True, title="Photons of each tilt, as fitted"),
        Port("masks", kind="labels", axes="tyx", optional=True, title="Kept pixels of the aligned maps"),
        k_table_port(),
    ),
    outputs=(
        volumes_port("composition", "Atomic per cent; empty where not valid", unit="at%"),
        volumes_port("uncertainty", "Its standard uncertainty", unit="at%", optional=True),
        Port("valid", kind="labels", axes="zyx", title="Where there is a composition"),
        volumes_port("intensities", "Intensities, for k-factors of reference particles", unit="counts/px"),
        Port("elements", kind="table", title="Mean composition"),
        Port("k_factors", kind="table", title="K-factors"),
        Port("tilt_factors", kind="table", optional=True, title="Level of each tilt"),
        Port("absorption", kind="table", optional=True, title="X-rays that leave the particle"),
        Port("last_change", kind="scalar", unit="at%", title="Change by the last round of absorption"),
    ),
    params=EdsCompositionParams,
    compute="lithoscope.numerics.eds.composition_report:composition_volumes",
    example="lithoscope.numerics.eds.examples:small_maps",
    calibration=("maps_names", "angles_deg", "pixel_size_nm", "seed"),
    queue="cpu-long",
)
