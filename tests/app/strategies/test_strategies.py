from typing import get_args

import pytest

from app.lab.custody.event_types import Atmosphere, IonSource, TransferMethod
from app.lab.samples.schemas import Material
from app.lab.strategies.schemas import Question, Topic
from lithoscope.rules.strategy import questions, strategies, topics

VOCABULARY = {"preparation": Atmosphere, "transfer": TransferMethod, "ion_source": IonSource}


@pytest.fixture
def member(people):
    return people.make()


def test_advice_comes_with_citation_bounds_and_what_others_say(member):
    answer = member.get("/api/v1/strategies?material=sei&question=interphase").json()
    (strategy,) = answer["items"]
    assert strategy["phases"] == ["LiF", "Li2CO3", "Li2O"]
    temperature = next(each for each in strategy["advice"] if each["topic"] == "temperature")
    assert temperature["at_most"]["value"] == 103.15
    assert temperature["at_most"]["unit"] == "K"
    assert len(temperature["disagrees"]) == 3
    assert all(each["citation"] for each in strategy["advice"])
    assert answer["note"] is None


def test_silence_is_said(member):
    answer = member.get("/api/v1/strategies?material=other").json()
    assert answer["items"] == []
    assert answer["note"].startswith("No source")


def test_without_a_choice_every_strategy_is_listed(member):
    assert len(member.get("/api/v1/strategies").json()["items"]) == len(strategies())


@pytest.mark.parametrize("query", ["material=gold", "question=why", "materials=nmc"])
def test_unknown_words_are_refused(member, query):
    assert member.get(f"/api/v1/strategies?{query}").status_code == 422


def test_tables_and_interface_use_the_same_words():
    assert set(get_args(Question)) == set(questions())
    assert set(get_args(Topic)) == set(topics())
    for strategy in strategies():
        assert set(strategy.materials) <= set(get_args(Material))
        for advice in strategy.advice:
            allowed = get_args(VOCABULARY[advice.topic]) if advice.topic in VOCABULARY else ()
            assert {*advice.choices, *advice.relaxed_choices} <= set(allowed)


def test_every_named_protocol_judges_what_the_strategy_advises(member):
    protocols = {each["id"]: each for each in member.get("/api/v1/protocols").json()["items"]}
    for strategy in strategies():
        if strategy.protocol_id is not None:
            document = protocols[strategy.protocol_id]
            assert strategy.technique in document["techniques"], strategy.id
            assert strategy.purpose in document["purposes"], strategy.id
