"""Candidates for each of several interests, so that none goes without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest

import numpy as np

from agent.errors import GroundrecError, ServerDownError, VectorEngineError
from agent.recommendation import Candidate
from agent.retrieval.query import Query
from agent.retrieval.scored import CandidateSource


def retrieve(
    sources: Sequence[CandidateSource],
    query: Query,
    interests: Sequence[Sequence[str]],
    k: int,
    allowed: np.ndarray,
) -> tuple[list[Sequence[Candidate]], tuple[GroundrecError, ...]]:
    """What each source finds for the query, and behind it what it finds for each interest alone.

    An interest's query has its items and what is disliked, and no words. The interests take turns, each with
    up to ``k`` / (number of interests) candidates that the source did not find for the whole query.

    Args:
        sources: Those asked.
        query: What is wanted.
        interests: Ids of the items of each interest; one or none asks nothing more.
        k: How many candidates a source gives for the query.
        allowed: Which rows of the catalog may be returned, bool, shape (len(catalog),).

    Returns:
        A list a source, best first; and the errors of sources whose server does not answer. Their lists are
        empty.
    """
    alone = [_alone(query, ids) for ids in interests] if len(interests) > 1 else []
    lists = list[Sequence[Candidate]]()
    down = list[GroundrecError]()
    for source in sources:
        try:
            more = [source.retrieve(each, k // len(alone), allowed) for each in alone]
            # The whole query comes last: sources keep the scores of the query they were asked latest.
            found = source.retrieve(query, k, allowed)
        except (VectorEngineError, ServerDownError) as error:
            lists.append(())
            down.append(error)
        else:
            lists.append((*found, *_others(found, more)))
    return lists, tuple(down)


def _alone(query: Query, ids: Sequence[str]) -> Query:
    disliked = {i: attitude for i, attitude in query.items.items() if attitude < 0}
    liked = {i: query.items.get(i, 1) for i in ids}
    return replace(query, text="", items={**disliked, **liked}, said="", own="", mentioned=())


def _others(found: Sequence[Candidate], extra: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """Candidates that were not found yet, each once, in turns."""
    others: dict[str, Candidate] = {}
    for candidate in filter(None, chain.from_iterable(zip_longest(*extra))):
        others.setdefault(candidate.item_id, candidate)
    known = {candidate.item_id for candidate in found}
    return tuple(candidate for item_id, candidate in others.items() if item_id not in known)
