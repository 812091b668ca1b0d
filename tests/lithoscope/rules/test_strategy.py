import pytest

from lithoscope.rules.dose_limits import low_dose
from lithoscope.rules.strategy import ASKED, advise, questions, strategies, topics


def one(material, question):
    (strategy,) = advise(material=material, question=question)
    return strategy


def on(strategy, topic):
    return next(advice for advice in strategy.advice if advice.topic == topic)


def test_pristine_cathodes_go_through_air_at_room_temperature():
    """001 section 4.1: pristine NMC is neither beam nor air sensitive."""
    strategy = one("nmc", "bulk_morphology")
    assert on(strategy, "transfer").choices == ("ambient_air",)
    temperature = on(strategy, "temperature")
    assert (temperature.at_least.value, temperature.at_most.value) == (288.15, 303.15)


@pytest.mark.parametrize("material", ["lithium_metal_foil", "lithium_electrodeposited", "sodium_metal"])
def test_alkali_metals_never_meet_air_and_are_milled_cold(material):
    """001 section 4.1: air-free transfer and Cryo-FIB."""
    strategy = one(material, "bulk_morphology")
    assert "ambient_air" not in on(strategy, "transfer").choices
    assert on(strategy, "temperature").at_most.value == 103.15
    assert on(strategy, "ion_source").choices == ("Xe", "Ar")
    assert on(strategy, "ion_source").relaxed_choices == ("Ga",)


@pytest.mark.parametrize("material", ["sei", "lithium_electrodeposited"])
def test_a_liquid_electrolyte_needs_the_full_cryogenic_chain(material):
    """001 section 4.1, Table 5."""
    strategy = one(material, "liquid_interface")
    assert on(strategy, "preparation").choices == ("liquid_nitrogen",)
    assert on(strategy, "transfer").choices == ("cryo_transfer_holder",)


def test_interphases_are_imaged_at_low_dose_and_sought_at_less():
    rates = [advice.at_most for advice in one("sei", "interphase").advice if advice.topic == "dose_rate"]
    assert [rate.value for rate in rates] == [
        low_dose().low_dose_below_e_per_A2_s,
        low_dose().search_below_e_per_A2_s,
    ]
    assert {rate.unit for rate in rates} == {"e/(A^2 s)"}


def test_the_atom_probe_s_counter_case_stands_beside_the_rule():
    """000: NMC811 through ultra-high vacuum delithiates, through air it does not; 001 advises air-free handling."""
    transfer = on(one("nmc", "lithium_in_3d"), "transfer")
    assert transfer.choices == ("ambient_air",)
    assert any("001" in other.citation for other in transfer.disagrees)


def test_sources_that_contradict_each_other_are_both_shown():
    says = [other.says for other in on(one("sei", "interphase"), "temperature").disagrees]
    assert len(says) == 3
    heating = on(one("lithium_metal_foil", "bulk_morphology"), "ion_source").disagrees
    assert {other.citation[:3] for other in heating} == {"001", "004"}


def test_where_no_source_speaks_nothing_is_recommended():
    assert advise(material="other") == ()
    assert advise(material="graphite", question="lithium_in_3d") == ()


def test_a_step_no_source_speaks_of_is_named():
    assert "dose_rate" in one("nmc", "bulk_morphology").unknown
    assert one("lithium_metal_foil", "atomic_structure").unknown == ()


@pytest.mark.parametrize("strategy", strategies(), ids=lambda strategy: strategy.id)
def test_every_line_has_its_citation_and_known_words(strategy):
    assert set(strategy.questions) <= set(questions())
    assert set(strategy.unknown) | {advice.topic for advice in strategy.advice} >= set(ASKED)
    for advice in strategy.advice:
        assert advice.topic in topics()
        assert advice.recommend.endswith(".")
        assert advice.citation[:3] in {"000", "001", "002", "003", "004"}
        assert advice.strength in {"stated", "shown"}
        assert all(other.says and other.citation for other in advice.disagrees)
        assert bool(advice.relaxed) == bool(advice.relaxed_citation)


def test_strategies_have_names_of_their_own():
    names = [strategy.id for strategy in strategies()]
    assert len(names) == len(set(names))
