"""Weights of the candidate sources, learned from past dialogues."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agent.context import UserContext
from agent.dialogues import PastDialogue
from agent.errors import FittingError
from agent.ranking import Choice, LogLinearRanker, candidate_features, feature_names, fit_log_linear
from agent.recommender import Recommender
from agent.retrieval import PopularitySource, Query, build_query

_TOGETHER = 50
"""Dialogues that are read at a time."""

_NEEDED = 20
"""Turns with a right candidate below which weights would be noise."""

_PARTS = 5
_CUTOFF = 10

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted weights and what they are worth.

    Attributes:
        ranker: The weights.
        recall: Recall@10 on turns that chose nothing, by what ranked them: ``fitted``, each source by
            its name, and ``without`` each source.
        turns: How many turns were predicted.
    """

    ranker: LogLinearRanker
    recall: Mapping[str, float]
    turns: int


def fit_ranker(recommender: Recommender, progress: Progress | None = None) -> Fit:
    """Fit the weights of the recommender's sources on the dialogues it remembers.

    Every past turn in which something new was recommended is predicted from all other dialogues; what was
    recommended then is right. What the weights are worth is measured in five parts, by dialogue: each is
    ranked by weights that were fitted on the other four.

    Args:
        recommender: With the dialogues to learn from.
        progress: Told how many dialogues are read.

    Raises:
        FittingError: there is too little to learn from.
    """
    sources = fitted_sources(recommender)
    dialogues = recommender.parts.memory.dialogues
    choices: list[Choice] = []
    for first in range(0, len(dialogues), _TOGETHER):
        choices += choices_of(recommender, dialogues[first : first + _TOGETHER])
        if progress is not None:
            progress("dialogues", min(first + _TOGETHER, len(dialogues)), len(dialogues))
    found = sum(bool(choice.right.any()) for choice in choices)
    if found < _NEEDED:
        raise FittingError(
            f"only {found} past turns recommend an item that some source finds; {_NEEDED} are needed",
            hint="give more past dialogues, in which items of the catalog are recommended",
        )
    weights = fit_log_linear(choices)
    recall = _measure(choices, sources)
    provenance = {
        "catalog": recommender.catalog.name,
        "dialogues": len(dialogues),
        "turns": len(choices),
        "recall@10": round(recall["fitted"], 4),
    }
    ranker = LogLinearRanker(
        {name: float(weight) for name, weight in zip(feature_names(sources), weights, strict=True) if weight},
        provenance,
    )
    return Fit(ranker, recall, len(choices))


def fitted_sources(recommender: Recommender) -> tuple[str, ...]:
    """The sources whose weights are fitted: all that the strategy names but the catalog's popularity.

    That may have been counted in the very dialogues that are learned from; ``mentions`` leaves the dialogue
    at hand out.
    """
    return tuple(name for name in recommender.strategy.sources if name != PopularitySource.name)


def choices_of(recommender: Recommender, dialogues: Sequence[PastDialogue]) -> list[Choice]:
    """What there was to choose from in each turn of some dialogues that recommends something new.

    The features are those of :func:`fitted_sources`, in the order of :func:`agent.ranking.feature_names`.
    """
    parts, strategy, catalog = recommender.parts, recommender.strategy, recommender.catalog
    sources = [parts.sources[name] for name in fitted_sources(recommender)]
    turns = [turn for dialogue in dialogues for turn in _turns(recommender, dialogue)]
    # Many texts at once are embedded ten times as fast; the sources find them in the embedder's cache.
    parts.embedder.encode([text for turn in turns for text in turn.query.texts])
    choices = []
    for turn in turns:
        rows, columns = candidate_features(sources, turn.query, strategy.candidates, turn.allowed, catalog)
        if len(rows):
            right = np.isin(rows, turn.right)
            choices.append(Choice(columns, right, len(turn.right), turn.query.dialogue_id or ""))
    return choices


def _measure(choices: Sequence[Choice], sources: Sequence[str]) -> dict[str, float]:
    """Recall@10 by what ranks: the fitted weights, each source alone, and all sources but one."""
    names = feature_names(sources)
    own = {source: [names.index(name) for name in feature_names((source,))] for source in sources}
    used = {
        source: columns
        for source, columns in own.items()
        if any(c.features[:, columns].any() for c in choices)
    }
    every = [i for columns in used.values() for i in columns]
    recall = {"fitted": _recall(choices, _held_out(choices, every), every)}
    for source, columns in used.items():
        recall[source] = _recall(choices, [np.ones(1)] * len(choices), columns[:1])
    for source, columns in used.items() if len(used) > 1 else ():
        others = [i for i in every if i not in columns]
        recall[f"without {source}"] = _recall(choices, _held_out(choices, others), others)
    return recall


def _held_out(choices: Sequence[Choice], columns: Sequence[int]) -> list[np.ndarray]:
    """For each choice the weights that were fitted without its part."""
    parts = [zlib.crc32(choice.group.encode()) % _PARTS for choice in choices]
    narrow = [replace(choice, features=choice.features[:, columns]) for choice in choices]
    fitted = [
        fit_log_linear([c for c, own in zip(narrow, parts, strict=True) if own != part])
        for part in range(_PARTS)
    ]
    return [fitted[part] for part in parts]


def _recall(choices: Sequence[Choice], weights: Sequence[np.ndarray], columns: Sequence[int]) -> float:
    """Mean share of what was wanted among the ten best."""
    hits = []
    for choice, w in zip(choices, weights, strict=True):
        best = np.argsort(-(choice.features[:, columns] @ w), kind="stable")[:_CUTOFF]
        hits.append(choice.right[best].sum() / choice.wanted)
    return float(np.mean(hits))


@dataclass(frozen=True, slots=True)
class _Turn:
    """A past turn to predict: what was asked, what could be answered, and the rows of what was."""

    query: Query
    allowed: np.ndarray
    right: np.ndarray


def recommending_turns(
    recommender: Recommender, dialogue: PastDialogue
) -> Iterator[tuple[int, UserContext, tuple[str, ...]]]:
    """The turns of a past dialogue in which something new was recommended.

    Yields:
        The turn's place, the context as a session would have had it then, and the ids of what was new.
    """
    catalog = recommender.catalog
    context = UserContext(locale=recommender.settings.locale, dialogue_id=dialogue.id)
    for place, turn in enumerate(dialogue.turns):
        before = tuple(i for i in dialogue.said_before(place) if i in catalog)
        if new := tuple(i for i in dialogue.recommended(place) if i in catalog and i not in before):
            yield place, context.with_(state=replace(context.state, mentioned=before)), new
        context = recommender.listen([turn], context)


def _turns(recommender: Recommender, dialogue: PastDialogue) -> Iterator[_Turn]:
    catalog = recommender.catalog
    for _, asked, new in recommending_turns(recommender, dialogue):
        allowed = recommender.parts.filters.mask(asked.constraints, {*asked.known, *asked.state.mentioned})
        yield _Turn(build_query(asked), allowed, np.array([catalog.row(i) for i in new]))
