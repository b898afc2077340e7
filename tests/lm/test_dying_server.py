"""A real model server that is killed while it answers, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import WordEmbedder

from agent import Recommender
from agent.breaker import Breaker
from agent.errors import ServerDownError
from agent.lm import OpenAICompatibleModel, Sampling
from agent.settings import Settings
from prompts import Message

if TYPE_CHECKING:
    from servers import Llama

pytestmark = pytest.mark.model

ASK = [Message("user", "Tell me a long story about a ship.")]


def test_what_dies_in_the_middle_breaks_off_and_is_found_when_it_is_back(llama: Llama) -> None:
    clock = iter(range(0, 1_000_000, 100))
    breaker = Breaker(llama.url, ServerDownError, clock=lambda: next(clock))
    model = OpenAICompatibleModel(llama.url, timeout=20, retries=0, breaker=breaker)
    pieces = model.stream(ASK, Sampling(max_tokens=400))
    assert isinstance(next(pieces), str)
    llama.kill()
    with pytest.raises(ServerDownError, match=r"broke off after [1-9]"):
        list(pieces)
    with pytest.raises(ServerDownError, match="cannot be reached"):
        model.generate(ASK)
    llama.start()
    assert model.generate(ASK, Sampling(max_tokens=5)).text


def test_a_turn_in_which_it_dies_ends_with_a_list_that_says_so(llama: Llama, films, tmp_path) -> None:
    model = OpenAICompatibleModel(llama.url, timeout=20, retries=0)
    recommender = Recommender(films, model, embedder=WordEmbedder(), settings=Settings(cache_dir=tmp_path))
    strategy = "generation=free,understand=rules,explain=plain,n=3,max_tokens=40"
    alive = recommender.recommend("a crime film", strategy=strategy)
    assert alive.degraded == ()
    assert alive.trace["generate"].usage.completion_tokens > 0
    llama.kill()
    dead = recommender.recommend("a crime film", strategy=strategy)
    assert len(dead) == 3
    assert dead.degraded == ("language_model",)
    assert "cannot be reached" in dead.notes[0]
    llama.start()
