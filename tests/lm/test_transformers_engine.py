"""The transformers engine against the library's own definitions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, MistralConfig, MistralForCausalLM

from agent.errors import ContextWindowError
from agent.lm import Generation, Sampling, TransformersModel, load_model
from agent.lm.chat import transcript
from prompts import Message

ASK = [Message("user", "The Thing or Alien?")]
LONGER = [*ASK, Message("assistant", "Alien"), Message("user", "Why, Amélie?")]


def reference_text(folder: Path, prompt: str, tokens: int) -> str:
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(prompt, return_tensors="pt")
    out = model.generate(**ids, max_new_tokens=tokens, do_sample=False, pad_token_id=0)
    return tokenizer.decode(out[0, ids["input_ids"].shape[1] :], skip_special_tokens=True)


def reference_logprob(folder: Path, prompt: str, text: str) -> float:
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    before, after = tokenizer(prompt)["input_ids"], tokenizer(text)["input_ids"]
    with torch.inference_mode():
        logprobs = torch.log_softmax(model(torch.tensor([before + after])).logits[0].double(), dim=-1)
    return sum(float(logprobs[len(before) - 1 + i, token]) for i, token in enumerate(after))


@pytest.mark.parametrize("messages", [ASK, LONGER])
def test_greedy_text_is_that_of_the_library(
    tiny: TransformersModel, tiny_folder: Path, messages: list[Message]
) -> None:
    text = tiny.generate(messages, Sampling(max_tokens=40)).text
    expected = reference_text(tiny_folder, transcript(messages), 40)
    assert text == expected.lstrip().rstrip("\ufffd")
    assert len(text) > 10


def test_a_prefix_is_computed_once_and_changes_nothing(
    tiny: TransformersModel, make_tiny: Callable[[], TransformersModel]
) -> None:
    first = tiny.generate(ASK, Sampling(max_tokens=20))
    again = tiny.generate(ASK, Sampling(max_tokens=20))
    assert first.usage.cached_tokens == 0
    assert again.usage.cached_tokens == again.usage.prompt_tokens - 1
    assert again.text == first.text
    longer = tiny.generate(LONGER, Sampling(max_tokens=20))
    shared = tiny.count_tokens(transcript(ASK))
    assert shared <= longer.usage.cached_tokens < longer.usage.prompt_tokens
    assert longer.text == make_tiny().generate(LONGER, Sampling(max_tokens=20)).text


def test_the_prefix_cache_keeps_to_its_size(tiny_folder: Path) -> None:
    model, tokenizer = (
        AutoModelForCausalLM.from_pretrained(tiny_folder),
        AutoTokenizer.from_pretrained(tiny_folder),
    )
    engine = TransformersModel(model, tokenizer, name="tiny", prefix_cache_tokens=0)
    for _ in range(2):
        assert engine.generate(ASK, Sampling(max_tokens=2)).usage.cached_tokens == 0


def test_scores_are_those_of_whole_forward_passes(tiny: TransformersModel, tiny_folder: Path) -> None:
    texts = [" Alien", " The Thing (1982)\n", " M", "", " 千と千尋の神隠し"]
    scores = tiny.score(ASK, texts)
    expected = [reference_logprob(tiny_folder, transcript(ASK), text) for text in texts]
    assert scores.logprobs == pytest.approx(expected, abs=1e-3)
    assert scores.tokens.tolist() == [tiny.count_tokens(text) for text in texts]
    assert tiny.score(ASK, texts).logprobs == pytest.approx(scores.logprobs, abs=1e-4)


def test_many_continuations_are_scored_in_groups_as_one_by_one(tiny: TransformersModel) -> None:
    texts = [f" film number {i} of many" for i in range(100)]
    together = tiny.score(ASK, texts).logprobs
    alone = [tiny.score(ASK, [text]).logprobs[0] for text in texts[::20]]
    assert together[::20] == pytest.approx(alone, abs=1e-3)


@pytest.fixture
def sliding_folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A model whose layers see eight tokens back, so that its caches can only be copied whole."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        sliding_window=8,
        max_position_embeddings=512,
        initializer_range=0.4,
        bos_token_id=0,
        eos_token_id=0,
    )
    folder = tmp_path / "sliding"
    MistralForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_a_model_with_a_sliding_window_is_no_exception(sliding_folder: Path) -> None:
    engine = load_model(f"{sliding_folder}:fp32")
    texts = [" Alien", " The Thing (1982)\n", " M"]
    expected = [reference_logprob(sliding_folder, transcript(ASK), text) for text in texts]
    for _ in range(2):
        assert engine.score(ASK, texts).logprobs == pytest.approx(expected, abs=1e-3)
    for messages in (ASK, LONGER, ASK):
        text = engine.generate(messages, Sampling(max_tokens=20)).text
        expected_text = reference_text(sliding_folder, transcript(messages), 20)
        assert text == expected_text.lstrip().rstrip("\ufffd")


def test_no_continuation_is_no_score(tiny: TransformersModel) -> None:
    assert tiny.score(ASK, []).logprobs.shape == (0,)


def test_the_stream_is_the_text_in_pieces(tiny: TransformersModel) -> None:
    *pieces, last = tiny.stream(ASK, Sampling(max_tokens=30))
    assert isinstance(last, Generation)
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == last.text
    assert len(pieces) > 3
    assert 0 < (last.timing.first_token_seconds or 0) <= last.timing.seconds


def test_a_stop_string_ends_the_text_before_it(tiny: TransformersModel) -> None:
    whole = tiny.generate(ASK, Sampling(max_tokens=40)).text
    stop = whole[10:13]
    stopped = tiny.generate(ASK, Sampling(max_tokens=40, stop=(stop,)))
    assert stopped.text == whole[: whole.index(stop)]
    assert stopped.finish_reason == "stop"


def test_length_is_told_apart_from_the_end(tiny: TransformersModel) -> None:
    generation = tiny.generate(ASK, Sampling(max_tokens=3))
    assert (generation.finish_reason, generation.usage.completion_tokens) == ("length", 3)


def test_sampling_repeats_with_its_seed(tiny: TransformersModel) -> None:
    def text(seed: int) -> str:
        return tiny.generate(ASK, Sampling(max_tokens=20, temperature=1.5, top_p=0.9, seed=seed)).text

    assert text(1) == text(1)
    assert text(1) != text(2)


def test_a_prompt_beyond_the_context_window_is_refused_with_numbers(tiny: TransformersModel) -> None:
    long = [Message("user", "z" * 600)]
    prompt = tiny.count_tokens(long)
    with pytest.raises(ContextWindowError, match=f"prompt of {prompt} tokens and 5 more .* of 512 tokens"):
        tiny.generate(long, Sampling(max_tokens=5))
    with pytest.raises(ContextWindowError, match="512"):
        tiny.score(long, [" Alien"])


def test_interleaved_streams_do_not_disturb_each_other(tiny: TransformersModel) -> None:
    sampling = Sampling(max_tokens=20)
    expected = [tiny.generate(ASK, sampling).text, tiny.generate(LONGER, sampling).text]
    streams = [tiny.stream(ASK, sampling), tiny.stream(LONGER, sampling)]
    last: list[str | Generation] = ["", ""]
    open_streams = {0, 1}
    while open_streams:
        for i in sorted(open_streams):
            try:
                last[i] = next(streams[i])
            except StopIteration:
                open_streams.remove(i)
    assert [g.text for g in last if isinstance(g, Generation)] == expected


def test_threads_get_what_they_would_get_alone(make_tiny: Callable[[], TransformersModel]) -> None:
    asks = [[Message("user", f"Film {i}, please")] for i in range(6)]
    expected = [make_tiny().generate(ask, Sampling(max_tokens=15)).text for ask in asks]
    engine = make_tiny()
    got: list[str] = [""] * len(asks)

    def run(i: int) -> None:
        got[i] = engine.generate(asks[i], Sampling(max_tokens=15)).text

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == expected


def test_an_abandoned_stream_leaves_the_model_usable(tiny: TransformersModel) -> None:
    stream = tiny.stream(ASK, Sampling(max_tokens=20))
    next(stream)
    stream.close()
    assert tiny.generate(ASK, Sampling(max_tokens=5)).usage.cached_tokens > 0


def test_the_context_window_and_size_come_from_the_model(tiny: TransformersModel) -> None:
    assert tiny.context_window == 512
    assert tiny.parameters is not None
    assert 40_000 < tiny.parameters < 60_000


@pytest.mark.model
def test_the_real_model_continues_what_the_assistant_has_begun(smollm2: TransformersModel) -> None:
    ask = [
        Message("user", "What is the capital of France?"),
        Message("assistant", "The capital of France is"),
    ]
    assert smollm2.generate(ask, Sampling(max_tokens=4)).text.startswith(" Paris")


@pytest.mark.model
def test_the_real_model_scores_the_right_answer_highest(smollm2: TransformersModel) -> None:
    ask = [
        Message("user", "What is the capital of France?"),
        Message("assistant", "The capital of France is"),
    ]
    assert int(np.argmax(smollm2.score(ask, [" Rome.", " Paris.", " Oslo."]).logprobs)) == 1


@pytest.mark.model
def test_a_list_that_would_repeat_itself_need_not(smollm2: TransformersModel) -> None:
    begun = [Message("user", "Name ten scary films."), Message("assistant", "1. Alien\n2. Alien\n3.")]

    def items(distinct: bool) -> list[str]:
        written = smollm2.generate(begun, Sampling(max_tokens=60, distinct_items=distinct)).text
        return [line.partition(".")[2].strip() for line in f"3.{written}".splitlines()[:-1]]

    assert len(set(items(False))) < len(items(False)) >= 5
    assert len(set(items(True))) == len(items(True)) >= 5
