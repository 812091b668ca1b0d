"""Structure, composition and valence of one particle from one simultaneous tilt series."""

from lithoscope.methods.base import Port
from lithoscope.recipes.base import Output, Recipe, Step, given
from lithoscope.recipes.simultaneous_params import PAPER, SECTIONS, SimultaneousTomographyParams

NAMED = {"particle_name": given("particle_name"), "cycles": given("cycles")}
AXIS = {"rotation_axis_px": given("rotation_axis_px")}
#: How maps become composition; inhomogeneity is told by the same way.
CHAIN = {
    "preset": given("eds_preset"),
    "engine": given("eds_engine"),
    "iterations": given("eds_iterations"),
    "sigma_px": given("sigma_px"),
    "absorption": given("absorption"),
    "reference": given("k_reference"),
}


def _spectra(name: str, title: str, *, axes: str = "tyxe", optional: bool = False) -> Port:
    return Port(name, kind="spectra", axes=axes, unit="", optional=optional, title=title)


def _series(name: str, title: str, *, optional: bool = False) -> Port:
    return Port(name, kind="tilt_series", axes="tyx", unit="", optional=optional, title=title)


INPUTS = (
    _series("dark_field", "Dark field"),
    _spectra("x_rays", "X-ray spectra"),
    _series("live_fraction", "Live fraction of the X-ray detectors", optional=True),
    Port("k_factors", kind="table", optional=True, title="K-factors of pristine particles"),
    Port("exposure", kind="exposure", optional=True, title="Exposure of the series"),
    _spectra("low_loss", "Low loss", optional=True),
    _spectra("core_loss", "Core loss", optional=True),
    *(
        _spectra(name, f"Reference of {state}", axes="e", optional=True)
        for name, state in (("mn_4", "Mn4+"), ("mn_3", "Mn3+"), ("mn_2", "Mn2+"), ("co_3", "Co3+"), ("co_2", "Co2+"))
    ),
    _series("repeat_dark_field", "Dark field of the repeated scans", optional=True),
    _spectra("repeat_low_loss", "Low loss of the repeated scans", optional=True),
    _spectra("repeat_core_loss", "Core loss of the repeated scans", optional=True),
)

STRUCTURE = (
    Step(
        "masks",
        "tilt_series_mask",
        {"projections": "dark_field"},
        {"dilate_px": given("mask_dilation_px")},
        title="Masks",
    ),
    Step(
        "alignment",
        "tilt_series_align",
        {"projections": "dark_field", "masks": "masks.masks"},
        {"mean_updates": given("mean_updates"), **AXIS},
        title="Alignment",
    ),
    Step(
        "structure",
        "tomogram_maps",
        {"projections": "alignment.clean"},
        {
            "preset": given("dark_field_genfire"),
            "engine": given("dark_field_engine"),
            "iterations": given("dark_field_iterations"),
            **AXIS,
        },
        title="Dark-field tomogram",
    ),
    Step("particle", "particle_mask", {"volume": "structure.volume"}, title="Particle"),
)

COMPOSITION = (
    Step(
        "x_ray_maps",
        "eds_fit",
        {"spectra": "x_rays", "live_fraction": "live_fraction"},
        {"preset": given("x_ray_maps"), "families": given("families"), "fwhm_mn_ka_eV": given("fwhm_mn_ka_eV")},
        title="X-ray maps",
    ),
    *(
        Step(
            f"aligned_{name}",
            "tilt_series_shift",
            {"series": f"x_ray_maps.{name}", "shifts": "alignment.shifts"},
            {"variances": name == "variance"},
            title=title,
        )
        for name, title in (("maps", "X-ray maps, aligned"), ("variance", "Their variance, aligned"))
    ),
    Step(
        "composition",
        "eds_composition",
        {
            "maps": "aligned_maps.shifted",
            "variance": "aligned_variance.shifted",
            "particle": "particle.labels",
            "dark_field": "structure.volume",
            "sums": "x_ray_maps.sums",
            "masks": "alignment.moved_masks",
            "k_factors": "k_factors",
        },
        {**CHAIN, "cycles": given("cycles")},
        title="Composition",
    ),
)

LOW_LOSS = (
    Step("zero_loss", "eels_zero_loss", {"low_loss": "low_loss"}, title="Zero-loss peaks"),
    Step("thickness", "eels_thickness", {"low_loss": "low_loss", "position": "zero_loss.position"}, title="Thickness"),
)


def _valence(element: str, edge: str, references: tuple[str, ...]) -> tuple[Step, ...]:
    """Give the steps from spectra to the valence volumes of one metal."""
    return (
        Step(
            f"{edge}_states",
            "eels_valence",
            {
                "core_loss": "core_loss",
                "low_loss": "low_loss",
                "position": "zero_loss.position",
                "masks": "masks.masks",
                **{f"reference_{place}": name for place, name in enumerate(references, 1)},
            },
            {
                "preset": given(edge),
                **{
                    name: given(name)
                    for name in (
                        "beam_energy_keV",
                        "convergence_mrad",
                        "collection_mrad",
                        "neighbour_radius_px",
                        "window_steps",
                        "beyond",
                    )
                },
            },
            title=f"{element}: states in every pixel",
        ),
        Step(
            f"{edge}_aligned",
            "tilt_series_shift",
            {"series": f"{edge}_states.atoms", "shifts": "alignment.shifts"},
            title=f"{element}: maps, aligned",
        ),
        Step(
            f"{edge}_tomogram",
            "tomogram_maps",
            {"projections": f"{edge}_aligned.shifted"},
            {
                "preset": given("eels_genfire"),
                "engine": given("eels_engine"),
                "iterations": given("eels_iterations"),
                "nonnegative": given("eels_nonnegative"),
                **AXIS,
            },
            title=f"{element}: tomograms of the states",
        ),
        Step(
            f"{edge}_valence",
            "valence_volumes",
            {"volumes": f"{edge}_tomogram.volume", "particle": "particle.labels"},
            title=f"{element}: valence",
        ),
    )


MANGANESE = _valence("Manganese", "manganese", ("mn_4", "mn_3", "mn_2"))
COBALT = _valence("Cobalt", "cobalt", ("co_3", "co_2"))

MAPS = (
    "composition.composition",
    "manganese_valence.fractions",
    "cobalt_valence.fractions",
)
ANALYSIS = (
    Step(
        "profiles",
        "particle_profiles",
        {
            "particle": "particle.labels",
            "volumes": (*MAPS, "manganese_valence.mean_valence", "cobalt_valence.mean_valence"),
        },
        {"connectivity": given("connectivity"), **NAMED},
        title="Depth profiles",
    ),
    Step(
        "rich_regions",
        "particle_regions",
        {
            "particle": "particle.labels",
            "composition": "composition.composition",
            "uncertainty": "composition.uncertainty",
        },
        {"oxygen_percent": given("rich_oxygen_percent"), "metal_percent": given("rich_metal_percent"), **NAMED},
        title="Element-rich regions",
    ),
    Step(
        "rock_salt",
        "particle_rock_salt",
        {"particle": "particle.labels", "composition": "composition.composition"},
        NAMED,
        title="Rock salt",
    ),
)

INHOMOGENEITY = (
    Step(
        "inhomogeneity",
        "particle_inhomogeneity",
        {
            "maps": "aligned_maps.shifted",
            "variance": "aligned_variance.shifted",
            "particle": "particle.labels",
            "dark_field": "structure.volume",
            "masks": "alignment.moved_masks",
            "k_factors": "k_factors",
        },
        {**CHAIN, "connectivity": given("connectivity"), **NAMED},
        title="Inhomogeneity",
    ),
)

CHECKS = (
    Step(
        "fused",
        "fused_tomography",
        {
            "dark_field": "alignment.clean",
            "maps": "aligned_maps.shifted",
            "direct": "composition.intensities",
            "particle": "particle.labels",
            "k_factors": "composition.k_factors",
        },
        AXIS,
        title="Fused cross-check",
    ),
    Step(
        "stability",
        "beam_stability",
        {name: name for name in ("repeat_dark_field", "repeat_low_loss", "repeat_core_loss")},
        title="Beam stability",
    ),
    Step(
        "resolution",
        "tomogram_resolution",
        {"projections": "alignment.clean", "particle": "particle.labels"},
        {
            "preset": given("dark_field_genfire"),
            "engine": given("dark_field_engine"),
            "iterations": given("dark_field_iterations"),
            **AXIS,
        },
        title="Resolution",
    ),
    Step("dose", "tilt_series_dose", {"projections": "dark_field", "exposure": "exposure"}, title="Dose of each tilt"),
)

FIGURES = (
    Step(
        "figures",
        "particle_figure",
        {"particle": "particle.labels", "volumes": MAPS, "profiles": ("profiles.profiles",)},
        title="Figures",
    ),
    Step("film", "particle_film", {"particle": "particle.labels", "volumes": MAPS}, title="Rotating film"),
)

OUTPUTS = (
    Output("structure", "structure.volume", "Dark-field tomogram", "Structure"),
    Output("particle", "particle.labels", "Particle", "Structure"),
    Output("depth", "profiles.depth", "Depth below the surface", "Structure"),
    Output("composition", "composition.composition", "Composition", "Composition"),
    Output("composition_uncertainty", "composition.uncertainty", "Uncertainty of the composition", "Composition"),
    Output(
        "k_factors", "composition.k_factors", "K-factors, for cycled particles if this one is pristine", "Composition"
    ),
    Output("manganese", "manganese_valence.fractions", "States of manganese", "Valence"),
    Output("manganese_valence", "manganese_valence.mean_valence", "Mean valence of manganese", "Valence"),
    Output("cobalt", "cobalt_valence.fractions", "States of cobalt", "Valence"),
    Output("cobalt_valence", "cobalt_valence.mean_valence", "Mean valence of cobalt", "Valence"),
    Output("profiles", "profiles.profiles", "Depth profiles of every map", "Depth"),
    Output("surface", "profiles.surface", "Surface and whole particle", "Depth"),
    Output("rich_regions", "rich_regions.regions", "Element-rich regions", "Depth"),
    Output("rock_salt", "rock_salt.rock_salt", "Rock-salt fractions", "Depth"),
    Output("inhomogeneity", "inhomogeneity.shells", "Inhomogeneity of each shell", "Depth"),
    Output("resolution", "resolution.resolution", "Resolution of the dark-field tomogram", "Checks and curves"),
    Output("fused", "fused.agreement", "Agreement with fused tomography", "Checks and curves"),
    Output("stability", "stability.verdict", "What the repeated scans say of the beam", "Checks and curves"),
    Output("dose", "dose.tilts", "Dose of each tilt", "Checks and curves"),
    Output("slices", "figures.slices", "Slices through the middle", "Figures"),
    Output("rendering", "figures.rendering", "With a quarter cut away", "Figures"),
    Output("film", "film.film", "The particle turning", "Figures"),
)

RECIPE = Recipe(
    id="simultaneous_tomography",
    version="1",
    title="Simultaneous ADF-EDS-EELS tomography",
    reference="Oh et al., Simultaneous ADF-EDS-EELS tomography",
    inputs=INPUTS,
    steps=(*STRUCTURE, *COMPOSITION, *LOW_LOSS, *MANGANESE, *COBALT, *ANALYSIS, *INHOMOGENEITY, *CHECKS, *FIGURES),
    outputs=OUTPUTS,
    params=SimultaneousTomographyParams,
    presets={"paper": PAPER},
    sections=SECTIONS,
    alike=(
        ("dark_field", "x_rays", "live_fraction", "low_loss", "core_loss"),
        ("repeat_dark_field", "repeat_low_loss", "repeat_core_loss"),
    ),
)
