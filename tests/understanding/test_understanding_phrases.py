"""Attitudes told in turns of phrase: what is embedded, when the reader speaks, what the shipped one reads."""

from __future__ import annotations

import numpy as np
import pytest

from agent.grounding import load_embedder
from agent.understanding import PhraseReader, RuleUnderstander
from agent.understanding.judgements import Judgement
from agent.understanding.phrases import inputs
from agent.understanding.text import Span


class Praise:
    """Embeds a text as whether it praises and whether it blames."""

    name, dimension = "praise", 2

    def encode(self, texts, *, progress=None):
        return np.array([[float("socks off" in t), float("in the bin" in t)] for t in texts], np.float32)


@pytest.fixture
def reader():
    weights = np.array([[0, 0, 0, 5], [0, 0, 0, 0], [0, 0, 5, 0]], np.float32)
    return PhraseReader(Praise(), weights, np.zeros(3, np.float32))


def test_the_clause_is_the_one_around_the_thing():
    text = "Heat knocked me out, but Speed is dull. More?"
    assert inputs(text, [Span(0, 4), Span(25, 30)], 1) == (
        "another movie knocked me out, but this movie is dull. More?",
        "this movie is dull",
    )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_things_named_within_others_have_a_clause_too(place):
    text = "Heat 2 knocked me out"
    _, clause = inputs(text, [Span(0, 6), Span(0, 4), Span(0, 6)], place)
    assert clause.startswith("this movie")
    assert clause.endswith(" knocked me out")


@pytest.mark.parametrize(
    ("text", "attitude"),
    [
        ("Heat blew the socks off everyone", 1),
        ("Heat can go in the bin", -1),
        ("Heat was on", 0),
        ("did Heat blow your socks off?", 0),
        ("Heat 电影非常好看真的非常好看 socks off", 0),
    ],
)
def test_the_reader_speaks_where_a_phrase_does(reader, text, attitude):
    place = text.index("Heat")
    (found,) = reader.read(text, [Span(place, place + 4)], [Judgement()])
    assert found.attitude == attitude


def test_what_the_rules_say_stays(reader):
    said = Judgement(-2, True, "forward")
    assert reader.read("Heat, socks off", [Span(0, 4)], [said]) == [said]


def test_a_reader_is_of_one_embedder():
    assert PhraseReader.shipped(Praise()) is None


def test_a_phrase_tells_of_a_like(movies, reader):
    said = RuleUnderstander(movies.catalog, phrases=reader).understand(
        "Inception blew the socks off everyone"
    )
    assert [(m.text, m.attitude) for m in said.mentions] == [("Inception", 1)]
    assert "inform" in said.intents


@pytest.mark.model
def test_the_shipped_reader_reads_phrases_it_was_not_fitted_on():
    reader = PhraseReader.shipped(load_embedder())
    assert reader is not None
    for text, sign in (
        ("Heat is a triumph, I grinned all the way home", 1),
        ("Heat drained the will to live out of me", -1),
        ("Heat was filmed in Los Angeles", 0),
    ):
        (found,) = reader.read(text, [Span(0, 4)], [Judgement()])
        assert np.sign(found.attitude) == sign
