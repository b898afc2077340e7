"""The scripted engine."""

from __future__ import annotations

import numpy as np
import pytest

from agent.errors import ModelError, UnsupportedError
from agent.lm import Sampling, ScriptedModel, TitleIndex, generate_titles
from prompts import Message

ASK = [Message("user", "Hi")]


def test_answers_come_in_order_and_run_out() -> None:
    model = ScriptedModel(["one", "two"])
    assert [model.generate(ASK).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(ModelError, match="no answer number 3"):
        model.generate(ASK)
    assert model.prompts == [tuple(ASK)] * 3


def test_limits_and_stop_strings_hold() -> None:
    model = ScriptedModel(["one two three", "one two three"])
    cut = model.generate(ASK, Sampling(max_tokens=7))
    assert (cut.text, cut.finish_reason) == ("one two", "length")
    stopped = model.generate(ASK, Sampling(stop=(" three",)))
    assert (stopped.text, stopped.finish_reason) == ("one two", "stop")


def test_scores_are_those_of_the_function() -> None:
    model = ScriptedModel(scores=lambda prefix, text: -len(prefix) - len(text))
    assert model.score(ASK, ["a", "bcd"]).logprobs.tolist() == [-2, -4]
    with pytest.raises(UnsupportedError):
        ScriptedModel().score(ASK, ["a"])


def test_a_list_takes_allowed_titles_of_the_answer_then_fills_up() -> None:
    model = ScriptedModel(["1. Heat\n2. Ran\n3. Nowhere\n- Heat\nM"])
    index = TitleIndex(["M", "Ran", "Heat", "Tron", "Heat"], model.encode)
    allowed = np.array([True, False, True, True, True])
    listed = generate_titles(model, ASK, index, 4, allowed=allowed)
    assert listed.rows == (2, 4, 0, 3)
    assert listed.generation.text == "1. Heat\n2. Heat\n3. M\n4. Tron"
