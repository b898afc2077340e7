"""The cells of a matrix: every combination that makes a difference."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.settings import Strategy
from eval.matrix import AUTO, NO_MODEL, Matrix, NamedStrategy, PromptSpec
from eval.variants import AS_GIVEN, Variant


@dataclass(frozen=True, slots=True)
class Cell:
    """One system on one data set.

    Attributes:
        id: The same in every run of a cell so named.
        label: Unique within its data set.
        prompt: The prompt asked for: the one that a list is generated with or, where none is, the one that
            candidates are scored with. None where no prompt makes a difference.
        model: The model asked for; None where no model runs.
        strategy: How lists are made, prompt and all.
        strategy_name: How the matrix calls it.
        seeds: The seeds each row is asked with; a single one where sampling plays no part.
        variants: The ways each row is asked with each seed, the prompt as it is given first.
    """

    dataset: str
    prompt: str | None
    model: str | None
    strategy: Strategy
    strategy_name: str
    seeds: tuple[int, ...]
    variants: tuple[Variant, ...] = (AS_GIVEN,)

    @property
    def generates(self) -> bool:
        """Whether a model writes lists."""
        return _generates(self.model, self.strategy)

    @property
    def prompted(self) -> str:
        """The switch of the strategy that names the prompt."""
        return _switch(self.model, self.strategy)

    @property
    def label(self) -> str:
        """``recommend/zero_shot + auto + constrained``; an automatic prompt is left out."""
        prompt = self.prompt if self.prompt != AUTO else None
        return " + ".join(filter(None, (prompt, short_name(self.model or NO_MODEL), self.strategy_name)))

    @property
    def id(self) -> str:
        """``redial: recommend/zero_shot + auto + constrained``."""
        return f"{self.dataset}: {self.label}"


def cells(matrix: Matrix) -> tuple[Cell, ...]:
    """Every combination, in the matrix's order, those that come to the same thing once.

    Without a model no prompt is rendered and nothing is sampled, so that only data sets and strategies
    make a difference. Prompts are for the list that is generated; a strategy that only scores candidates
    scores them with each.
    """
    found: dict[tuple[Any, ...], Cell] = {}
    for dataset, prompt, model, named in itertools.product(
        matrix.datasets, matrix.prompts, matrix.models, matrix.strategies
    ):
        cell = _cell(dataset.label, prompt, model, named, matrix)
        found.setdefault((cell.dataset, cell.prompt, cell.model, cell.strategy_name, cell.seeds), cell)
    return tuple(found.values())


def short_name(model: str) -> str:
    """What tables call a model: where its files lie on one machine, other machines need not know."""
    weights, at, server = model.partition("@")
    if Path(weights).exists():
        return f"{Path(weights).name}{at}{server}"
    base, plus, adapter = model.partition("+")
    return f"{short_name(base)}+{Path(adapter).name}" if plus and Path(adapter).exists() else model


def needs_model(strategy: Strategy) -> bool:
    """Whether a strategy ever asks the language model anything."""
    return (
        strategy.generation != "none"
        or strategy.scorer != "none"
        or strategy.understand != "rules"
        or strategy.explain == "lm"
    )


def _generates(model: str | None, strategy: Strategy) -> bool:
    return model is not None and strategy.generation != "none"


def _switch(model: str | None, strategy: Strategy) -> str:
    """The switch that names the prompt: a search for titles takes the one that scores."""
    lists = _generates(model, strategy) and strategy.generation != "beam"
    return "prompt" if lists else "score_prompt"


def _cell(dataset: str, prompt: PromptSpec, name: str, named: NamedStrategy, matrix: Matrix) -> Cell:
    strategy, model = named.strategy, None if name == NO_MODEL else name
    switch = _switch(model, strategy)
    generates = _generates(model, strategy)
    scores = model is not None and not generates and strategy.scorer != "none" and prompt.name != AUTO
    prompted = generates or scores
    if prompted and prompt.name != AUTO:
        strategy = strategy.model_copy(update={switch: prompt.name})
    renders = model is not None and needs_model(strategy)
    seeds = matrix.all_seeds if generates and strategy.temperature > 0 else matrix.all_seeds[:1]
    return Cell(
        dataset,
        strategy.prompt if switch == "prompt" else prompt.name if prompted else None,
        model,
        strategy,
        named.name,
        seeds,
        tuple(_variants(prompt, matrix, prompted=prompted, renders=renders)),
    )


def _variants(prompt: PromptSpec, matrix: Matrix, *, prompted: bool, renders: bool) -> Iterator[Variant]:
    yield AS_GIVEN
    if prompted:
        yield from (Variant(paraphrase=name) for name in prompt.paraphrases)
    if renders:
        yield from (Variant(order=order) for order in range(1, matrix.orders))
