"""What every engine must do, on every engine."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from agent.errors import ContextWindowError, UnsupportedError
from agent.lm import (
    Generation,
    Grammar,
    LanguageModel,
    Sampling,
    ScriptedModel,
    TitleIndex,
    generate_titles,
    load_model,
)
from prompts import Message

ASK = [Message("system", "You love films."), Message("user", "Name a film.")]
BEGUN = [*ASK, Message("assistant", "A good film is")]
TITLE = Grammar(
    "json_schema",
    json.dumps(
        {
            "type": "object",
            "properties": {"title": {"type": "string", "maxLength": 12}},
            "required": ["title"],
            "additionalProperties": False,
        }
    ),
)
ANSWER = "A good film to see is The Third Man, and then Heat, and then Alien."


@pytest.fixture(
    params=[
        "scripted",
        "tiny",
        pytest.param("smollm2", marks=pytest.mark.model),
        pytest.param("smollm2_nf4", marks=pytest.mark.model),
        pytest.param("transformers_serve", marks=pytest.mark.model),
        pytest.param("llama_cpp", marks=pytest.mark.model),
    ]
)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def model(engine: str, request: pytest.FixtureRequest) -> LanguageModel:
    if engine == "scripted":
        return ScriptedModel(
            [ANSWER] * 3, scores=lambda prefix, text: -float(len(text)), context_window=20_000
        )
    if engine == "transformers_serve":
        return load_model(request.getfixturevalue("served"))
    if engine == "llama_cpp":
        return load_model(request.getfixturevalue("llama").url)
    return request.getfixturevalue(engine)


@pytest.fixture(scope="module")
def smollm2_nf4() -> LanguageModel:
    return load_model("smollm2-135m-instruct:nf4")


def test_it_keeps_the_protocol(model: LanguageModel) -> None:
    assert isinstance(model, LanguageModel)
    assert model.name
    assert model.context_window > 0
    assert model.parameters is None or model.parameters > 0


def test_it_answers_with_usage_and_timing(model: LanguageModel) -> None:
    generation = model.generate(ASK, Sampling(max_tokens=12))
    assert generation.text
    assert generation.model == model.name
    assert generation.usage.prompt_tokens > 0
    assert 0 < generation.usage.completion_tokens <= 12
    assert generation.finish_reason == "length"
    assert generation.timing.seconds >= 0


def test_greedy_answers_are_the_same_every_time(model: LanguageModel) -> None:
    first, second = (model.generate(ASK, Sampling(max_tokens=12)).text for _ in range(2))
    assert first == second


def test_the_stream_ends_with_the_whole_generation(model: LanguageModel) -> None:
    *pieces, last = model.stream(ASK, Sampling(max_tokens=12))
    assert isinstance(last, Generation)
    assert all(isinstance(piece, str) and piece for piece in pieces)
    assert "".join(map(str, pieces)) == last.text
    assert last.text == model.generate(ASK, Sampling(max_tokens=12)).text


def test_a_stop_string_is_never_shown(model: LanguageModel) -> None:
    whole = model.generate(ASK, Sampling(max_tokens=20)).text
    stop = whole[6:9]
    *pieces, last = model.stream(ASK, Sampling(max_tokens=20, stop=(stop,)))
    assert isinstance(last, Generation)
    assert last.text == whole[: whole.index(stop)]
    assert "".join(map(str, pieces)) == last.text
    assert last.finish_reason == "stop"


def test_the_assistant_can_be_continued(model: LanguageModel) -> None:
    assert model.generate(BEGUN, Sampling(max_tokens=5)).text


def test_it_keeps_to_a_schema_or_says_that_it_cannot(engine: str, request: pytest.FixtureRequest) -> None:
    model = ScriptedModel(['{"title": "Heat"}']) if engine == "scripted" else request.getfixturevalue("model")
    try:
        generation = model.generate(ASK, Sampling(max_tokens=60), grammar=TITLE)
    except UnsupportedError:
        assert engine == "transformers_serve"
        return
    assert set(json.loads(generation.text)) == {"title"}
    assert isinstance(generation, Generation)
    assert generation.finish_reason in ("stop", "grammar")


def test_a_prompt_beyond_the_window_is_that_error(engine: str, model: LanguageModel) -> None:
    if engine == "transformers_serve":
        pytest.skip("it refuses nothing, and computes for minutes")
    with pytest.raises(ContextWindowError):
        model.generate([Message("user", "word " * 9000)], Sampling(max_tokens=5))


def test_it_scores_or_says_that_it_cannot(model: LanguageModel) -> None:
    texts = [" Heat.", " Alien and then some more.", " Heat."]
    if not model.can_score:
        with pytest.raises(UnsupportedError):
            model.score(BEGUN, texts)
        return
    scores = model.score(BEGUN, texts)
    assert scores.logprobs.shape == scores.tokens.shape == (3,)
    assert np.all(scores.logprobs < 0)
    assert scores.logprobs[0] == pytest.approx(scores.logprobs[2], abs=0.2)
    assert scores.tokens[0] == scores.tokens[2] > 0


def test_it_lists_titles_or_says_that_it_cannot(
    model: LanguageModel, film_titles: tuple[str, ...], encode: Callable[..., list[list[int]]]
) -> None:
    index = TitleIndex(film_titles, getattr(model, "encode", encode))
    allowed = np.arange(len(index)) % 2 == 0
    if not model.can_constrain:
        with pytest.raises(UnsupportedError):
            generate_titles(model, ASK, index, 5, allowed=allowed)
        return
    listed = generate_titles(model, ASK, index, 5, allowed=allowed)
    assert len(listed.rows) == len(set(listed.rows)) == 5
    assert all(allowed[row] for row in listed.rows)
    assert listed.generation.text.count("\n") == 4


@pytest.fixture
def encode() -> Callable[..., list[list[int]]]:
    """For engines that have no tokenizer here."""
    return lambda texts: [list(text.encode()) for text in texts]


def test_tokens_are_counted(model: LanguageModel) -> None:
    assert model.count_tokens("") == 0
    assert 0 < model.count_tokens("Heat") < model.count_tokens("Heat and then Alien, and then The Third Man")
    assert model.count_tokens(ASK) < model.count_tokens(BEGUN)
