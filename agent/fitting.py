"""Weights of the candidate sources, learned from past dialogues."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agent.context import UserContext
from agent.dialogues import PastDialogue
from agent.errors import FittingError
from agent.ranking import Choice, LogLinearRanker, features, fit_log_linear
from agent.recommender import Recommender
from agent.retrieval import Query, build_query

_TOGETHER = 50
"""Dialogues that are read at a time."""

_NEEDED = 20
"""Turns with a right candidate below which weights would be noise."""

Progress = Callable[[str, int, int], None]


def fit_ranker(recommender: Recommender, progress: Progress | None = None) -> LogLinearRanker:
    """Fit the weights of the recommender's sources on the dialogues it remembers.

    Every past turn in which something new was recommended is predicted from all other dialogues; what was
    recommended then is right.

    Args:
        recommender: With the dialogues to learn from.
        progress: Told how many dialogues are read.

    Raises:
        FittingError: there is too little to learn from.
    """
    names = recommender.strategy.sources
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
    return LogLinearRanker(
        {name: float(weight) for name, weight in zip(names, weights, strict=True) if weight},
        {"dialogues": len(dialogues), "turns": len(choices), "catalog": recommender.catalog.name},
    )


def choices_of(recommender: Recommender, dialogues: Sequence[PastDialogue]) -> list[Choice]:
    """What there was to choose from in each turn of some dialogues that recommends something new.

    The features are those of the sources of the recommender's strategy, in their order.
    """
    parts, strategy, catalog = recommender.parts, recommender.strategy, recommender.catalog
    sources = [parts.sources[name] for name in strategy.sources]
    turns = [turn for dialogue in dialogues for turn in _turns(recommender, dialogue)]
    # Many texts at once are embedded ten times as fast; the sources find them in the embedder's cache.
    parts.embedder.encode([text for turn in turns for text in turn.query.texts])
    choices = []
    for turn in turns:
        lists = [source.retrieve(turn.query, strategy.candidates, turn.allowed) for source in sources]
        rows = np.unique([catalog.row(c.item_id) for found in lists for c in found]).astype(np.int64)
        if len(rows):
            said = features(lists, sources, turn.query, rows, catalog)
            columns = [said[source.name] for source in sources]
            filled = [np.zeros(len(rows)) if column is None else column for column in columns]
            choices.append(Choice(np.column_stack(filled), np.isin(rows, turn.right)))
    return choices


@dataclass(frozen=True, slots=True)
class _Turn:
    """A past turn to predict: what was asked, what could be answered, and the rows of what was."""

    query: Query
    allowed: np.ndarray
    right: np.ndarray


def _turns(recommender: Recommender, dialogue: PastDialogue) -> Iterator[_Turn]:
    catalog = recommender.catalog
    context = UserContext(locale=recommender.settings.locale, dialogue_id=dialogue.id)
    for place, turn in enumerate(dialogue.turns):
        before = tuple(i for i in dialogue.said_before(place) if i in catalog)
        new = [catalog.row(i) for i in dialogue.recommended(place) if i in catalog and i not in before]
        if new:
            asked = context.with_(state=replace(context.state, mentioned=before))
            allowed = recommender.parts.filters.mask(asked.constraints, {*asked.known, *before})
            yield _Turn(build_query(asked), allowed, np.array(new))
        context = recommender.listen([turn], context)
