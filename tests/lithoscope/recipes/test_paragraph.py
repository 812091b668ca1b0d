"""The methods paragraph says what the record holds, in sentences, and nothing else."""

import re
from dataclasses import replace
from typing import Any

import pytest

from lithoscope.methods import catalogue as methods
from lithoscope.recipes import catalogue as recipes
from lithoscope.recipes.paragraph import ToldRun, ToldStep, result_paragraph, run_paragraph

SIRT = methods()["tomogram_sirt"]
PARTICLE = recipes()["tilt_series_to_particle"]


def record(method: str = "tomogram_sirt", **more: Any) -> dict[str, Any]:
    declared = methods()[method]
    return {
        "method": method,
        "method_version": declared.version,
        "params": declared.params(**more.pop("params", {})).model_dump(mode="json"),
        "seed": 7,
        "inputs": {"projections": {"reference": "ds_1/series", "digest": "ab" * 32}},
        "software": {"lithoscope": "0.1.0", "numpy": "2.4"},
        **more,
    }


def run(states: dict[str, str] | None = None, **params: Any) -> ToldRun:
    chosen = PARTICLE.params(**params)
    steps = [
        ToldStep(
            step.name,
            step.title,
            step.method,
            methods()[step.method].version,
            (states or {}).get(step.name, "succeeded"),
            is_reused=step.name == "turn",
            inputs=step.inputs,
            params=methods()[step.method].params(**step.values(chosen)).model_dump(mode="json"),
            software="0.1.0",
        )
        for step in PARTICLE.steps
    ]
    given = {"projections": "ds_1/series"}
    return ToldRun(PARTICLE.id, PARTICLE.version, None, given, chosen.model_dump(mode="json"), 0, steps)


def test_method_version_reference_software_and_input_are_named():
    told = result_paragraph(record(), methods())
    for words in (SIRT.title, f"version {SIRT.version}", SIRT.reference, "Lithoscope 0.1.0", "ds_1/series"):
        assert words in told
    assert "SHA-256 abababababab)" in told
    assert "All parameters had the defaults of this version." in told


def test_only_what_was_chosen_is_repeated_with_its_unit():
    told = result_paragraph(record("segment_threshold", params={"smoothing_px": 2.5}), methods())
    assert "Parameters: smoothing 2.5 px. The others had the defaults of this version." in told
    assert "bootstrap" not in told


def test_the_seed_is_named_where_random_numbers_were_used():
    assert "The seed of its random numbers was 7." in result_paragraph(record("segment_threshold"), methods())
    assert "seed" not in result_paragraph(record(), methods())


def test_a_preset_is_named_and_its_numbers_are_not_repeated():
    params = {"preset": "mn_paper", "fit_start_eV": 640.0}
    told = result_paragraph(record("eels_valence", params=params), methods())
    assert "edge mn_paper; fit from 640 eV" in told
    assert "684" not in told


def test_parameters_of_a_version_that_is_gone_are_all_told():
    old = record("segment_threshold") | {"method_version": "0"}
    told = result_paragraph(old, methods())
    assert "defaults" not in told
    assert "classes 2" in told
    gone = result_paragraph(old | {"method": "retired"}, methods())
    assert "the method retired, version 0" in gone


def test_many_things_of_one_input_are_all_named():
    given = [{"reference": f"res_{place}/volume", "digest": f"{place}" * 64} for place in (1, 2)]
    told = result_paragraph(record(inputs={"volumes": given}), methods())
    assert "volumes (res_1/volume, SHA-256 111111111111; res_2/volume, SHA-256 222222222222)" in told


def test_an_early_finish_is_said():
    told = result_paragraph(record(finished_early=True, steps_done=37), methods())
    assert "finished early, after 37 steps" in told


@pytest.mark.parametrize("bare", [{}, {"method": "tomogram_sirt"}, {"method": "x", "params": {"a": 1}}])
def test_a_record_that_holds_little_says_little(bare):
    told = result_paragraph(bare, methods())
    assert "Lithoscope" not in told
    assert "None" not in told or not bare


def test_every_number_of_a_result_is_one_of_its_record_or_of_its_method():
    given = record(params={"iterations": 231})
    told = result_paragraph(given, methods()).replace(SIRT.reference, "").replace(SIRT.title, "")
    known = {"231", SIRT.version, "0.1.0", "256", "1"}
    assert set(re.findall(r"(?<![A-Za-z])\d+(?:\.\d+)*(?![A-Za-z\d])", told)) <= known


def test_a_run_is_told_step_by_step_in_order():
    told = run_paragraph(run(iterations=50), methods(), PARTICLE)
    places = [told.index(f"({place}) {step.title}") for place, step in enumerate(PARTICLE.steps, start=1)]
    assert places == sorted(places)
    assert f"“{PARTICLE.title}” ({PARTICLE.id}, version {PARTICLE.version}; {PARTICLE.reference})" in told
    assert "projections (ds_1/series)" in told
    assert "with iterations 50." in told
    assert "from tilt series of “Background”; taken from a run that had finished before." in told


def test_what_a_run_took_is_named_with_the_digest_its_steps_read():
    told = replace(run(), digests={"ds_1/series": "ef" * 32})
    assert "projections (ds_1/series, SHA-256 efefefefefef)" in run_paragraph(told, methods(), PARTICLE)


def test_steps_that_did_not_end_say_so():
    told = run_paragraph(run({"reconstruction": "failed", "segmentation": "skipped"}), methods(), PARTICLE)
    assert "this step failed." in told


def test_a_run_of_several_versions_says_which_computed_what():
    told = run()
    mixed = replace(told, steps=[replace(told.steps[0], software="0.0.9"), *told.steps[1:]])
    words = run_paragraph(mixed, methods(), PARTICLE)
    assert "computed with Lithoscope 0.0.9" in words
    assert "was run with" not in words


def test_a_method_used_twice_is_cited_once():
    told = run()
    twice = replace(told, steps=[told.steps[0], replace(told.steps[0], title="Again")])
    reference = methods()[told.steps[0].method].reference
    assert run_paragraph(twice, methods(), PARTICLE).count(reference) == 1


def test_a_recipe_that_is_gone_is_told_by_its_name():
    words = run_paragraph(run(iterations=50), methods(), None)
    named = f"The recipe (tilt_series_to_particle, version {PARTICLE.version})"
    assert words.startswith(f"{named} was run with Lithoscope 0.1.0.")
