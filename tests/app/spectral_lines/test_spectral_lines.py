import pytest

from lithoscope.numerics.eds.lines import line_families
from lithoscope.rules.eels_edges import edge_onsets_eV
from lithoscope.rules.spectral_lines import spectral_lines


@pytest.fixture
def member(people):
    return people.make()


def items(member, **query):
    return member.get("/api/v1/spectral-lines", params=query).json()["items"]


def test_lines_within_a_range_come_by_energy_with_share_and_source(member):
    found = items(member, kind="x_ray_line", low_eV=5800, high_eV=7000)
    energies = [line["energy_eV"] for line in found]
    assert energies == sorted(energies)
    alpha = next(line for line in found if line["name"] == "Mn Kα")
    assert (alpha["element"], alpha["family"]) == ("Mn", "Mn K")
    assert 0.5 < alpha["share"] < 1
    assert "xraylib" in alpha["source"]


def test_edges_of_an_element_are_those_the_analyses_use(member):
    found = items(member, kind="edge", element="Mn")
    assert {line["name"]: line["energy_eV"] for line in found} == {
        f"Mn {shell}": onset for shell, onset in edge_onsets_eV("Mn").items()
    }
    assert all(line["share"] is None for line in found)


def test_every_family_of_lines_the_fit_knows_is_listed():
    listed = {line.family for line in spectral_lines() if line.kind == "x_ray_line"}
    assert listed == set(line_families())


def test_no_edge_stands_in_two_tables():
    names = [line.name for line in spectral_lines() if line.kind == "edge"]
    assert len(names) == len(set(names))
    assert {"Li K", "O K", "Fe L3", "Ni L3"} <= set(names)


@pytest.mark.parametrize("query", ["kind=gamma", "element=manganese", "low_eV=NaN", "elements=Mn"])
def test_what_is_no_question_is_refused(member, query):
    assert member.get(f"/api/v1/spectral-lines?{query}").status_code == 422
