"""How fast the bundled language model is on this machine.

    python tests/benchmarks/lm_speed.py [--catalog movies] [--precisions bf16 nf4 fp32 int8] [--grammar]

Prints, for each precision: tokens a second of a 1,024-token prompt and of decoding, the seconds for a
list of ten titles (after a prompt of about 500 tokens, computed before) with the forward passes it takes,
and the seconds to score 50 titles after the same prompt. ``--grammar`` compares the title trie with a
llguidance grammar of the same titles instead. Medians of three runs after one that warms up.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from agent.catalog import Catalog
from agent.lm import Grammar, Sampling, TitleIndex, TransformersModel, generate_titles, load_model
from prompts import Message

TALK = "I loved slow science fiction with a small crew far from home, and I want something less known. "


def seconds(call: Callable[[], object], runs: int = 3) -> float:
    def once() -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    once()
    return median(once() for _ in range(runs))


def forget(model: TransformersModel) -> None:
    model._decoder._prefixes.clear()


def speed(model: TransformersModel, titles: list[str]) -> str:
    long = [Message("user", TALK * 60)]
    prompt = 1024 / model.count_tokens(long)
    long = [Message("user", long[0].content[: int(len(long[0].content) * prompt)])]
    tokens = model.count_tokens(long)

    def prefill() -> None:
        forget(model)
        model.score(long, ["x"])

    def decode() -> None:
        model.generate([Message("user", "Tell me a long story.")], Sampling(max_tokens=64))

    ask = [Message("user", TALK * 25)]
    index = TitleIndex(titles, model.encode)
    passes: list[int] = []
    forward = model._decoder.forward
    model._decoder.forward = lambda *a, **o: passes.append(1) or forward(*a, **o)  # type: ignore
    listing = seconds(lambda: generate_titles(model, ask, index, 10))
    ten = len(passes) / 4
    some = [f" {title}\n" for title in titles[:: max(1, len(titles) // 50)][:50]]
    return (
        f"{model.name}: prefill {tokens / seconds(prefill):.0f} tok/s, "
        f"decode {64 / seconds(decode):.1f} tok/s, "
        f"list of 10: {listing:.2f} s in {ten:.0f} forward passes, "
        f"score 50: {seconds(lambda: model.score(ask, some)):.2f} s"
    )


def compare(model: TransformersModel, titles: list[str]) -> str:
    """The trie and llguidance on the same titles: time to build, and of one step at the root and inside."""
    import json

    from agent.lm.grammar import GrammarCompiler

    compiler = GrammarCompiler(model.tokenizer)
    distinct = sorted(set(titles))
    lark = "start: TITLE\nTITLE: " + " | ".join(
        json.dumps(f" {title}\n", ensure_ascii=False) for title in distinct
    )
    logits = np.zeros(model.tokenizer.vocab_size + 100, dtype=np.float32)
    token = model.encode([" The"])[0][0]

    def build() -> None:
        nonlocal index
        index = TitleIndex(titles, model.encode)

    def step() -> None:
        walk.restart()
        walk.children()
        walk.advance(token)
        walk.children()

    def compile_() -> None:
        nonlocal matcher
        matcher = compiler.matcher(Grammar("lark", lark))

    def mask() -> None:
        matcher._matcher.reset()
        matcher.mask(logits)
        matcher._matcher.consume_token(token)
        matcher.mask(logits)

    index = TitleIndex(titles, model.encode)
    matcher = compiler.matcher(Grammar("lark", lark))
    walk = index.walk(np.ones(len(titles), dtype=bool))
    some = np.random.default_rng(0).random(len(titles)) < 0.5
    return (
        f"{len(titles)} titles, trie: build {seconds(build):.2f} s, forbid half of them "
        f"{1e3 * seconds(lambda: index.walk(some)):.2f} ms, two steps {1e3 * seconds(step):.2f} ms; "
        f"llguidance: build (again whenever a title is forbidden) {seconds(compile_):.2f} s, "
        f"two steps {1e3 * seconds(mask):.2f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalog", default="movies")
    parser.add_argument("--precisions", nargs="+", default=["bf16", "nf4", "fp32", "int8"])
    parser.add_argument("--grammar", action="store_true")
    arguments = parser.parse_args()
    catalog = Catalog.load(arguments.catalog)
    titles = [catalog.label(item) for item in catalog]
    for precision in arguments.precisions[: 1 if arguments.grammar else None]:
        model = load_model(f"smollm2-135m-instruct:{precision}")
        assert isinstance(model, TransformersModel)
        print(compare(model, titles) if arguments.grammar else speed(model, titles), flush=True)


if __name__ == "__main__":
    main()
