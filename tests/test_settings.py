"""Strategies as text."""

import pytest

from agent.settings import PRESETS, Strategy


@pytest.mark.parametrize(
    "text",
    [
        *PRESETS,
        "fast,n=5,sources=lexical|embedding",
        "free,weights.lexical=0.5,weights.generated=2.0,diversity=0.4,ask=False",
        "diversity=auto,generated=7,explore=0.1",
    ],
)
def test_a_strategy_is_read_back_from_its_text(text):
    strategy = Strategy.parse(text)
    assert Strategy.parse(strategy.text) == strategy


def test_what_is_as_usual_is_left_out():
    assert Strategy().text == "default"
    assert Strategy.parse("n=10,ask=true").text == "default"
    assert Strategy.parse("n=3,ask=false").text == "n=3,ask=False"
