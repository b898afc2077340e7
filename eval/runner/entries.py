"""The rows of a run's tables: systems of the matrix, floors, stored outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.settings import Strategy
from eval.cells import Cell, cells, needs_model, short_name
from eval.errors import MatrixError
from eval.matrix import NO_MODEL, Matrix, OutputsSpec
from eval.results import CellKind
from eval.runner.asked import Asked
from eval.runner.floors import LM_ALONE, applicable
from eval.variants import AS_GIVEN, Variant
from prompts import PromptLibrary

_BY_CONTEXT = ("recommend/zero_shot", "recommend/few_shot", "recommend/from_history")
"""The prompts that an automatic choice falls on."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One row of the table of a data set.

    Attributes:
        data: What is asked.
        label: Unique among the entries of the data set.
        kind: What it is.
        seeds: Each question is asked once for each.
        model: The language model it asks; None where it asks none.
        cell: Of a system, the cell of the matrix.
        outputs: Of stored outputs, where they are.
    """

    data: Asked
    label: str
    kind: CellKind
    seeds: tuple[int, ...] = (0,)
    model: str | None = None
    cell: Cell | None = None
    outputs: OutputsSpec | None = None

    @property
    def id(self) -> str:
        """``redial: popularity``."""
        return f"{self.data.name}: {self.label}"

    @property
    def size(self) -> int:
        """How many answers it takes."""
        return len(self.data) * len(self.seeds) * len(self.variants)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The ways each question is asked with each seed."""
        return (AS_GIVEN,) if self.cell is None else self.cell.variants


def entries(matrix: Matrix, data: Sequence[Asked]) -> tuple[Entry, ...]:
    """All entries, data set by data set: systems in the matrix's order, stored outputs, floors.

    Raises:
        MatrixError: stored outputs name a data set that is not in the matrix, or a floor is unknown.
    """
    _check_outputs(matrix, data)
    found = [entry for asked in data for entry in _entries(matrix, asked)]
    if not any(entry.kind != "floor" for entry in found):
        raise MatrixError("there is nothing to evaluate", hint="name models, or stored outputs")
    return tuple(found)


def prompt_hashes(strategy: Strategy, library: PromptLibrary, locale: str) -> dict[str, str]:
    """Hash by name of every prompt that a strategy may render.

    Raises:
        UnknownPromptError: the strategy's prompt does not exist.
    """
    names: list[str] = []
    if strategy.generation not in ("none", "beam"):
        names += _BY_CONTEXT if strategy.prompt == "auto" else (strategy.prompt,)
    if strategy.scorer == "pmi" or strategy.generation == "beam":
        names.append(strategy.score_prompt)
    if strategy.understand != "rules":
        names.append("understand/turn")
    if strategy.explain == "lm":
        names.append("explain/items")
    return {name: library.get(name, locale).hash for name in names}


def switches(strategy: Strategy) -> dict[str, Any]:
    """Every switch of a strategy, JSON-ready."""
    return strategy.model_dump(mode="json")


def _entries(matrix: Matrix, asked: Asked) -> Iterator[Entry]:
    found = [cell for cell in cells(matrix) if cell.dataset == asked.name]
    for cell in found:
        model = cell.model if needs_model(cell.strategy) else None
        yield Entry(asked, cell.label, "system", cell.seeds, model, cell)
    for outputs in matrix.outputs:
        if outputs.dataset in (None, asked.name):
            yield Entry(asked, outputs.name, "outputs", outputs=outputs)
    for name in applicable(asked, matrix.floors):
        if name != LM_ALONE:
            yield Entry(asked, name, "floor")
            continue
        generating = {cell.model for cell in found if cell.generates}
        for model in matrix.models:
            if model != NO_MODEL and model not in generating:
                yield Entry(asked, f"{name} + {short_name(model)}", "floor", model=model)


def _check_outputs(matrix: Matrix, data: Sequence[Asked]) -> None:
    names = [asked.name for asked in data]
    for outputs in matrix.outputs:
        if outputs.dataset is None and len(names) > 1:
            raise MatrixError(
                "there are several data sets; say which one they answer",
                where=f"outputs {outputs.name!r}",
                hint=f"dataset: one of {', '.join(names)}",
            )
        if outputs.dataset is not None and outputs.dataset not in names:
            raise MatrixError(
                f"there is no data set {outputs.dataset!r} in the matrix",
                where=f"outputs {outputs.name!r}",
                hint=f"there are: {', '.join(names)}",
            )
