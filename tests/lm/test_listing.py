"""Lists of titles written by a model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from agent.errors import ContextWindowError, ModelError, UnsupportedError
from agent.lm import GREEDY, Sampling, TitleIndex, TransformersModel, generate_titles
from agent.lm.chat import transcript
from prompts import Message

ASK = [Message("user", "Name some films.")]


@pytest.fixture(scope="module")
def shared(make_tiny: Callable[[], TransformersModel]) -> TransformersModel:
    return make_tiny()


@pytest.fixture(scope="module")
def index(shared: TransformersModel, film_titles: tuple[str, ...]) -> TitleIndex:
    return TitleIndex(film_titles, shared.encode)


def naive_list(folder: Path, prompt: str, titles: tuple[str, ...], n: int) -> list[int]:
    """The greedy list by definition: every step a whole forward pass over the text so far."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(prompt)["input_ids"]
    spelled = {row: tokenizer(f" {title}\n")["input_ids"] for row, title in enumerate(titles)}
    rows: list[int] = []
    while len(rows) < n:
        ids += tokenizer(f"{len(rows) + 1}." if rows else "\n1.")["input_ids"]
        done: list[int] = []
        while done not in spelled.values():
            ways = {s[len(done)] for s in spelled.values() if s[: len(done)] == done and len(s) > len(done)}
            with torch.inference_mode():
                logits = model(torch.tensor([ids])).logits[0, -1]
            token = max(ways, key=lambda way: float(logits[way]))
            ids, done = [*ids, token], [*done, token]
        row = next(row for row, s in spelled.items() if s == done)
        rows.append(row)
        del spelled[row]
    return rows


def test_the_greedy_list_is_the_one_of_the_definition(
    tiny: TransformersModel, tiny_folder: Path, film_titles: tuple[str, ...], index: TitleIndex
) -> None:
    listed = generate_titles(tiny, ASK, index, 8)
    assert list(listed.rows) == naive_list(tiny_folder, transcript(ASK), film_titles, 8)
    assert listed.generation.text.splitlines() == [
        f"{rank}. {film_titles[row]}" for rank, row in enumerate(listed.rows, 1)
    ]


def test_the_list_does_not_depend_on_what_is_cached(
    make_tiny: Callable[[], TransformersModel], index: TitleIndex
) -> None:
    model = make_tiny()
    first = generate_titles(model, ASK, index, 5)
    again = generate_titles(model, ASK, index, 5)
    assert again.rows == first.rows
    assert first.generation.usage.cached_tokens == 0
    assert again.generation.usage.cached_tokens == again.generation.usage.prompt_tokens


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    n=st.integers(0, 20),
    allowed=st.lists(st.booleans(), min_size=15, max_size=15),
    temperature=st.sampled_from([0.0, 0.7, 2.0]),
    top_p=st.sampled_from([1.0, 0.5]),
    seed=st.integers(0, 1000),
)
def test_always_exactly_n_distinct_allowed_rows(
    shared: TransformersModel,
    index: TitleIndex,
    n: int,
    allowed: list[bool],
    temperature: float,
    top_p: float,
    seed: int,
) -> None:
    sampling = Sampling(temperature=temperature, top_p=top_p, seed=seed)
    listed = generate_titles(shared, ASK, index, n, allowed=np.array(allowed), sampling=sampling)
    assert len(listed.rows) == min(n, sum(allowed))
    assert len(set(listed.rows)) == len(listed.rows)
    assert all(allowed[row] for row in listed.rows)


def test_sampling_is_repeatable_by_its_seed_and_varies_with_it(
    shared: TransformersModel, index: TitleIndex
) -> None:
    def listed(seed: int) -> tuple[int, ...]:
        return generate_titles(shared, ASK, index, 5, sampling=Sampling(temperature=2.0, seed=seed)).rows

    assert listed(1) == listed(1)
    assert len({listed(seed) for seed in range(5)}) > 1


def test_forced_tokens_cost_no_forward_pass_of_their_own(tiny: TransformersModel) -> None:
    index = TitleIndex(["Alien Resurrection", "The Third Man", "Heat"], tiny.encode)
    decoder = tiny._decoder
    passes = []
    forward = decoder.forward
    decoder.forward = lambda *args, **options: passes.append(1) or forward(*args, **options)  # type: ignore
    generate_titles(tiny, ASK, index, 3)
    # Three ways, then two, then one: the last title is not asked for at all.
    assert len(passes) == 2


def test_the_frame_can_be_changed(tiny: TransformersModel, index: TitleIndex) -> None:
    listed = generate_titles(tiny, ASK, index, 2, frame="({rank})")
    assert [line[:4] for line in listed.generation.text.splitlines()] == ["(1) ", "(2) "]


def test_the_list_follows_the_words_of_the_assistant(tiny: TransformersModel, index: TitleIndex) -> None:
    begun = [*ASK, Message("assistant", "Here are some:\n")]
    listed = generate_titles(tiny, begun, index, 3)
    assert len(listed.rows) == 3


def test_a_mask_of_another_length_is_refused(tiny: TransformersModel, index: TitleIndex) -> None:
    with pytest.raises(ModelError, match=r"shape \(3,\), the title index has 15 rows"):
        generate_titles(tiny, ASK, index, 2, allowed=np.ones(3, dtype=bool))


def test_an_engine_that_cannot_constrain_is_refused(index: TitleIndex) -> None:
    class Plain:
        name, can_constrain = "plain", False

    with pytest.raises(UnsupportedError, match="plain cannot be constrained"):
        generate_titles(Plain(), ASK, index, 2)  # type: ignore[arg-type]


def test_a_list_beyond_the_context_window_is_refused(tiny: TransformersModel, index: TitleIndex) -> None:
    long = [Message("user", "x" * 460)]
    with pytest.raises(ContextWindowError, match="context window of 512"):
        generate_titles(tiny, long, index, 15, sampling=GREEDY)


@pytest.mark.model
def test_the_real_model_lists_from_two_thousand_titles(smollm2: TransformersModel) -> None:
    titles = [f"Invoice {i} for {i % 7} sacks of cement" for i in range(2000)]
    index = TitleIndex([*titles, "Star Wars (1977)", "Alien (1979)"], smollm2.encode)
    allowed = np.random.default_rng(0).random(len(index)) < 0.5
    allowed[-2:] = True
    ask = [Message("user", "Recommend science fiction films like Blade Runner.")]
    listed = generate_titles(smollm2, ask, index, 10, allowed=allowed)
    assert len(set(listed.rows)) == 10
    assert all(allowed[row] for row in listed.rows)
    assert set(listed.rows[:5]) & {len(index) - 1, len(index) - 2}
