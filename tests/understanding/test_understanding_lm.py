"""Reading with a language model: what its answer becomes, and what happens when it fails."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.errors import ServerError
from agent.lm.scripted import ScriptedModel
from agent.understanding import Critique, LmUnderstander
from prompts import Message, PromptLibrary

LAST = ["alien", "gravity", "titanic"]


def reader(rules, *answers):
    texts = [a if isinstance(a, str) else json.dumps(a) for a in answers]
    model = ScriptedModel(texts)
    return model, LmUnderstander(model, PromptLibrary(), rules.catalog, rules=rules)


def test_titles_are_grounded_and_places_looked_up(movies):
    _, lm = reader(
        movies,
        {
            "intents": ["recommend", "inform", "recommend"],
            "mentions": [
                {"text": "Inception", "rank": None, "attitude": 2, "seen": True},
                {"text": "the second", "rank": 2, "attitude": -1, "seen": False},
                {"text": "Wonder Woman", "rank": None, "attitude": 1, "seen": False},
            ],
        },
    )
    text = "I loved Inception and Wonder Woman, not the second ..."
    said = lm.understand(text, LAST)
    assert said.intents == ("recommend", "inform")
    assert [(m.item_ids, m.attitude, m.seen, m.rank) for m in said.mentions] == [
        (("inception",), 2, True, None),
        (("gravity",), -1, False, 2),
    ]
    assert text[said.mentions[0].start : said.mentions[0].end] == "Inception"
    assert said.unknown_titles == ("Wonder Woman",)


def test_conditions_and_tastes_take_the_catalogs_spelling(movies):
    _, lm = reader(
        movies,
        {
            "constraints": [
                {"field": "year", "op": ">", "value": 1990, "text": "after 1990"},
                {"field": "categories", "op": "not in", "value": ["horror"], "text": "no horror"},
            ],
            "facets": [{"field": "categories", "value": "western", "attitude": 1}],
            "relaxed": ["year"],
            "wish": " quiet ",
            "n": 3,
        },
    )
    said = lm.understand("...")
    assert [(c.field, c.op, c.value, c.text) for c in said.constraints] == [
        ("year", ">", 1990, "after 1990"),
        ("categories", "not in", ("Horror",), "no horror"),
    ]
    assert said.facets == {("categories", "Western"): 1}
    assert (said.relaxed, said.wish, said.n) == (("year",), "quiet", 3)


def test_critiques_refer_to_places_and_titles(movies):
    _, lm = reader(
        movies,
        {
            "critiques": [
                {"kind": "more_like", "text": None, "rank": 1, "value": None},
                {"kind": "less_like", "text": "Titanic", "rank": None, "value": None},
                {"kind": "less", "text": None, "rank": None, "value": "dark"},
            ]
        },
    )
    assert lm.understand("...", LAST).critiques == (
        Critique("more_like", "alien"),
        Critique("less_like", "titanic"),
        Critique("less", value="dark"),
    )


def test_the_prompt_shows_the_list_and_the_fields(movies):
    model, lm = reader(movies, {})
    lm.understand("why the third?", LAST, [Message("user", "A comedy please")])
    prompt = "\n".join(m.content for m in model.prompts[0])
    assert "1. Alien (1979)" in prompt
    assert "rating (number)" in prompt
    assert "A comedy please" in prompt
    assert "why the third?" in prompt


@pytest.mark.parametrize(
    "constraint",
    [
        {"field": "price", "op": "<", "value": 3, "text": "x"},
        {"field": "year", "op": "in", "value": ["1990"], "text": "x"},
        {"field": "year", "op": ">", "value": "soon", "text": "x"},
        {"field": "categories", "op": "in", "value": ["Opera"], "text": "x"},
        {"field": "categories", "op": "~", "value": ["Horror"], "text": "x"},
        {"field": ["year"], "op": ">", "value": 1, "text": "x"},
        {"op": ">"},
    ],
)
def test_conditions_that_the_catalog_cannot_check_are_dropped(movies, constraint):
    _, lm = reader(movies, {"constraints": [constraint]})
    assert lm.understand("anything").constraints == ()


@pytest.mark.parametrize(
    "answer",
    [
        {"mentions": [{"text": None, "rank": 9, "attitude": "love", "seen": "yes"}]},
        {"mentions": "Alien", "critiques": [{"kind": "sharper"}, {"kind": "more", "value": None}, 3]},
        {"n": 1000, "intents": ["dance", 7], "relaxed": ["price"], "facets": [{"field": "year"}]},
    ],
)
def test_nonsense_in_an_answer_is_left_out(movies, answer):
    _, lm = reader(movies, answer)
    said = lm.understand("anything", LAST)
    assert (said.mentions, said.critiques, said.intents, said.relaxed, said.facets, said.n) == (
        (), (), (), (), {}, None,
    )  # fmt: skip


def test_words_around_the_json_do_not_matter(movies):
    _, lm = reader(movies, "Sure!\n```json\n" + json.dumps({"intents": ["greet"]}) + "\n```")
    assert lm.understand("hello").intents == ("greet",)


@pytest.mark.parametrize("answer", ["I'd recommend Alien.", "", "{broken", "[1, 2]", '{"a": ' * 5000])
def test_rules_read_what_the_model_does_not(movies, answer):
    _, lm = reader(movies, answer)
    text = "loved Alien, no horror"
    assert lm.understand(text) == movies.understand(text)


def test_rules_read_when_the_model_fails(movies):
    class Failing(ScriptedModel):
        def generate(self, *args, **kwargs):
            raise ServerError("the server broke off")

    lm = LmUnderstander(Failing(), PromptLibrary(), movies.catalog, rules=movies)
    said = lm.understand("loved Alien")
    assert said.failed == "the server broke off"
    assert replace(said, failed="") == movies.understand("loved Alien")
