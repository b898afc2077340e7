"""Which floors stand in a table, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.grounding import Embedder
from agent.lm import LanguageModel
from eval.datasets import EvalSet
from eval.errors import MatrixError
from eval.floors import (
    BM25NeighbourFloor,
    EmbeddingNeighbourFloor,
    ItemKnnFloor,
    ItemTextFloor,
    LMAloneFloor,
    NaiveCopyFloor,
    PopularityFloor,
    RandomFloor,
)
from eval.protocols import System
from eval.runner.asked import Asked
from prompts import PromptLibrary


@dataclass(frozen=True, slots=True)
class _Kind:
    make: Callable[[EvalSet, Embedder, Path], System]
    embeds: bool = False
    fits: Callable[[EvalSet], bool] = lambda data: True


def _has_memory(data: EvalSet) -> bool:
    return any(dialogue.items for dialogue in data.memory)


def _has_uses(data: EvalSet) -> bool:
    return _has_memory(data) or bool(data.catalog.interactions)


def _has_known(data: EvalSet) -> bool:
    return any(question.known for question in data.questions)


_KINDS = {
    RandomFloor.name: _Kind(lambda data, _, __: RandomFloor(data)),
    PopularityFloor.name: _Kind(lambda data, _, __: PopularityFloor(data)),
    NaiveCopyFloor.name: _Kind(lambda data, _, __: NaiveCopyFloor(data), fits=_has_known),
    BM25NeighbourFloor.name: _Kind(lambda data, _, __: BM25NeighbourFloor(data), fits=_has_memory),
    EmbeddingNeighbourFloor.name: _Kind(
        lambda data, embedder, cache: EmbeddingNeighbourFloor(data, embedder, cache_dir=cache),
        embeds=True,
        fits=_has_memory,
    ),
    ItemKnnFloor.name: _Kind(lambda data, _, __: ItemKnnFloor(data), fits=_has_uses),
    ItemTextFloor.name: _Kind(
        lambda data, embedder, cache: ItemTextFloor(data, embedder, cache_dir=cache), embeds=True
    ),
}

LM_ALONE = LMAloneFloor.name
"""Read off the answers of systems that generate; where a model has none, it is asked if this is named."""

FLOORS = (*_KINDS, LM_ALONE)
"""The names of all floors."""


def applicable(asked: Asked, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The floors that say something of a data set, in a fixed order.

    Args:
        asked: The data set.
        wanted: The floors asked for; all but the costly one where None.

    Raises:
        MatrixError: there is no floor of that name.
    """
    for name in wanted or ():
        if name not in FLOORS:
            raise MatrixError(f"there is no floor {name!r}", hint=f"there are: {', '.join(FLOORS)}")
    if asked.data.task in ("grounding", "understanding"):
        return ()
    found = tuple(
        name for name, kind in _KINDS.items() if (wanted is None or name in wanted) and kind.fits(asked.data)
    )
    return (*found, LM_ALONE) if wanted is not None and LM_ALONE in wanted else found


def embeds(name: str) -> bool:
    """Whether a floor hangs on the embedder."""
    return name in _KINDS and _KINDS[name].embeds


def make_floor(name: str, data: EvalSet, embedder: Embedder, cache_dir: Path) -> System:
    """The floor over a part of a data set."""
    return _KINDS[name].make(data, embedder, cache_dir)


def make_lm_alone(data: EvalSet, model: LanguageModel, prompts: PromptLibrary) -> System:
    """The lists of a model by itself."""
    return LMAloneFloor(data, model, prompts)
