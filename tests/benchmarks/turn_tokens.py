"""How many tokens a turn takes of a language model: what a hosted one is paid for.

    python tests/benchmarks/turn_tokens.py http://localhost:8080/v1 [--strategy default] [--conversations 5]

Runs the conversations of turns.py with a model, named as in ``groundrec --model``, and prints, for a turn
with all its words, the means and maxima of calls, prompt tokens and completion tokens.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from turns import MOVIES

from agent.catalog import Catalog
from agent.lm import GREEDY, Generation, Grammar, LanguageModel, Sampling, load_model
from agent.recommender import Recommender
from agent.session import Session
from prompts import Message


@dataclass
class Counting:
    """A language model that keeps the usage of every call."""

    model: LanguageModel
    used: list[Generation] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def generate(
        self, messages: Sequence[Message], sampling: Sampling = GREEDY, *, grammar: Grammar | None = None
    ) -> Generation:
        self.used.append(self.model.generate(messages, sampling, grammar=grammar))
        return self.used[-1]

    def stream(
        self, messages: Sequence[Message], sampling: Sampling = GREEDY, *, grammar: Grammar | None = None
    ) -> Iterator[str | Generation]:
        for piece in self.model.stream(messages, sampling, grammar=grammar):
            if isinstance(piece, Generation):
                self.used.append(piece)
            yield piece


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--strategy", default="default")
    parser.add_argument("--conversations", type=int, default=5)
    arguments = parser.parse_args()
    model = Counting(load_model(arguments.model))
    recommender = Recommender(Catalog.load("movies"), model, strategy=arguments.strategy)
    turns = []
    for number in range(arguments.conversations):
        session = Session(recommender, n=10)
        for utterance in MOVIES[number % len(MOVIES)]:
            model.used.clear()
            session.say(utterance)
            usage = [generation.usage for generation in model.used]
            turns.append(
                (
                    len(usage),
                    sum(u.prompt_tokens for u in usage),
                    sum(u.cached_tokens for u in usage),
                    sum(u.completion_tokens for u in usage),
                )
            )
            print(utterance, *turns[-1], flush=True)
    table = np.array(turns)
    for column, name in enumerate(("calls", "prompt tokens", "of these cached", "completion tokens")):
        print(f"{name:<18} mean {table[:, column].mean():8.1f}, most {table[:, column].max():6d}")
    print(f"{len(turns)} turns")


if __name__ == "__main__":
    main()
