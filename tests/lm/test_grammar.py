"""Grammars."""

from __future__ import annotations

import json

import pytest

from agent.errors import ModelError
from agent.lm import Grammar, Sampling, TransformersModel
from prompts import Message

ASK = [Message("user", "Which one?")]
SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "enum": ["Alien", "Heat"]},
        "year": {"type": "integer", "minimum": 1900, "maximum": 2030},
    },
    "required": ["title", "year"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("temperature", [0.0, 3.0])
def test_a_lark_grammar_is_kept_to(tiny: TransformersModel, temperature: float) -> None:
    grammar = Grammar("lark", 'start: "I like " ("Alien" | "Heat") "."')
    sampling = Sampling(temperature=temperature, seed=0)
    generation = tiny.generate(ASK, sampling, grammar=grammar)
    assert generation.text in {"I like Alien.", "I like Heat."}
    assert generation.finish_reason == "grammar"


@pytest.mark.parametrize("seed", range(3))
def test_a_json_schema_is_kept_to(tiny: TransformersModel, seed: int) -> None:
    grammar = Grammar("json_schema", json.dumps(SCHEMA))
    sampling = Sampling(temperature=1.0, seed=seed)
    answer = json.loads(tiny.generate(ASK, sampling, grammar=grammar).text)
    assert answer["title"] in {"Alien", "Heat"}
    assert 1900 <= answer["year"] <= 2030


def test_the_stream_of_a_grammar_is_its_text(tiny: TransformersModel) -> None:
    grammar = Grammar("lark", "start: /[a-z]{5}/")
    *pieces, last = tiny.stream(ASK, grammar=grammar)
    assert "".join(map(str, pieces)) == last.text  # type: ignore[union-attr]


def test_what_is_forced_takes_no_step(tiny: TransformersModel) -> None:
    passes = []
    forward = tiny._decoder.forward
    tiny._decoder.forward = lambda *a, **o: passes.append(1) or forward(*a, **o)  # type: ignore
    generation = tiny.generate(ASK, grammar=Grammar("lark", 'start: "The Third Man and The Thing"'))
    assert generation.text == "The Third Man and The Thing"
    assert len(passes) < generation.usage.completion_tokens


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("lark", "start: nothing", "unknown name"),
        ("lark", "start: (", "grammar failed"),
        ("json_schema", '{"type":', "JSON schema is not valid"),
        ("json_schema", '{"type": "wrong"}', "wrong"),
    ],
)
def test_a_grammar_that_is_not_valid_is_refused(
    tiny: TransformersModel, kind: str, text: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        tiny.generate(ASK, grammar=Grammar(kind, text))  # type: ignore[arg-type]
