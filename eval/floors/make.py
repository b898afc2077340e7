"""Floors by name, made when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.grounding import Embedder
from agent.lm import LanguageModel
from agent.settings import Settings
from agent.settings import settings as process_settings
from eval.datasets import EvalSet
from eval.errors import ProtocolError
from eval.floors.item_knn import ItemKnnFloor
from eval.floors.item_text import ItemTextFloor
from eval.floors.lm_alone import LMAloneFloor
from eval.floors.neighbours import BM25NeighbourFloor, EmbeddingNeighbourFloor
from eval.floors.simple import NaiveCopyFloor, PopularityFloor, RandomFloor
from eval.protocols import System


@dataclass(frozen=True, slots=True)
class Parts:
    """What floors may be made of."""

    data: EvalSet
    embedder: Embedder | None = None
    model: LanguageModel | None = None
    seed: int = 0
    settings: Settings | None = None


def _random(parts: Parts) -> System:
    return RandomFloor(parts.data, seed=parts.seed)


def _popularity(parts: Parts) -> System | None:
    return PopularityFloor(parts.data) if any(parts.data.counts.values()) else None


def _naive_copy(parts: Parts) -> System | None:
    return NaiveCopyFloor(parts.data) if _something_known(parts.data) else None


def _bm25_neighbours(parts: Parts) -> System | None:
    return BM25NeighbourFloor(parts.data) if parts.data.memory else None


def _embedding_neighbours(parts: Parts) -> System | None:
    if parts.embedder is None or not parts.data.memory:
        return None
    return EmbeddingNeighbourFloor(parts.data, parts.embedder)


def _item_knn(parts: Parts) -> System | None:
    learnable = parts.data.memory or parts.data.catalog.interactions
    return ItemKnnFloor(parts.data) if learnable and _something_known(parts.data) else None


def _item_text(parts: Parts) -> System | None:
    if parts.embedder is None:
        return None
    cache_dir = (parts.settings or process_settings()).cache_dir
    return ItemTextFloor(parts.data, parts.embedder, cache_dir=cache_dir)


def _lm_alone(parts: Parts) -> System | None:
    return None if parts.model is None else LMAloneFloor(parts.data, parts.model)


def _something_known(data: EvalSet) -> bool:
    return any(question.known for question in data.questions)


FLOORS: dict[str, Callable[[Parts], System | None]] = {
    "random": _random,
    "popularity": _popularity,
    "naive-copy": _naive_copy,
    "bm25-neighbours": _bm25_neighbours,
    "embedding-neighbours": _embedding_neighbours,
    "item-knn": _item_knn,
    "item-text": _item_text,
    "lm-alone": _lm_alone,
}
"""How each floor is made; None where a set or what is at hand gives it nothing to work with."""


def make_floors(
    data: EvalSet,
    names: Sequence[str] | None = None,
    *,
    embedder: Embedder | None = None,
    model: LanguageModel | None = None,
    seed: int = 0,
    settings: Settings | None = None,
) -> Iterator[System]:
    """Make floors one at a time, in the order of the names.

    Args:
        data: The set they are made for.
        names: Which; all that apply to the set where not given.
        embedder: For ``embedding-neighbours`` and ``item-text``, which are left out without one.
        model: For ``lm-alone``, which is left out without one.
        seed: Of ``random``.
        settings: Say where embeddings are kept.

    Raises:
        ProtocolError: there is no such floor, or one that was named does not apply.
    """
    for name in names or ():
        if name not in FLOORS:
            raise ProtocolError(f"there is no floor {name!r}", hint=f"floors: {', '.join(FLOORS)}")
    parts = Parts(data, embedder, model, seed, settings)
    for name in FLOORS if names is None else names:
        floor = FLOORS[name](parts)
        if floor is not None:
            yield floor
        elif names is not None:
            raise ProtocolError(
                f"the floor {name!r} has nothing to work with",
                where=data.name,
                hint="it learns from a memory or from interactions, or needs an embedder or a model",
            )
