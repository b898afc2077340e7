"""From ranked candidates to the list that is shown: variety, interests, exploration."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agent.context import UserContext
from agent.parts import Parts
from agent.ranking import Aspects, Interest, Placed, diversify, explore, nearest_interest
from agent.retrieval import Fused, Query
from agent.settings import Strategy
from agent.trace import Stage
from agent.understanding import Understanding

_USUAL, _WISHED, _LEARNED, _BROAD = 0.22, 0.18, 0.08, 0.25
"""Dials of `auto`, in order: likes without a wish, a wish, lists learned from interactions, nothing known."""

_SURPRISE = 0.5
_DEPTH = 100
"""Candidates that a list is chosen from; more change nothing that can be measured."""


def for_this_turn(strategy: Strategy, said: Understanding, query: Query, n: int | None) -> Strategy:
    """The strategy with what this turn changes: the number asked for, and more variety where it fits."""
    changes: dict[str, Any] = {"n": n or said.n or strategy.n}
    if surprises(said):
        dial = 0.0 if strategy.diversity == "auto" else strategy.diversity
        changes |= {"diversity": max(dial, _SURPRISE), "novelty": max(strategy.novelty, _SURPRISE)}
    elif strategy.diversity == "auto" and query.broad:
        changes["diversity"] = _BROAD
    return Strategy.of({**strategy.model_dump(), **changes})


def surprises(said: Understanding) -> bool:
    """Whether something else than usual is asked for."""
    return any(critique.kind == "surprise" for critique in said.critiques)


def at_play(interests: Sequence[Interest], query: Query) -> tuple[Interest, ...]:
    """The interests that a list is shared out to: all of several, or none where something is wished for."""
    return tuple(interests) if len(interests) > 1 and not query.text else ()


def arrange(
    parts: Parts,
    ranked: Sequence[Fused],
    context: UserContext,
    query: Query,
    interests: Sequence[Interest],
    strategy: Strategy,
    stage: Stage,
    *,
    shown: Sequence[str] = (),
    seed: int | None = None,
) -> list[tuple[Fused, float]]:
    """The items of the list in order, each with the propensity of its place.

    Args:
        parts: Of the recommender.
        ranked: Candidates, best first.
        context: The user.
        query: What is wanted.
        interests: Those that get their share.
        strategy: Its ``diversifier``, ``diversity``, ``explore`` and ``n`` count.
        stage: Where it is recorded.
        shown: Ids of items whose categories are to be avoided.
        seed: Of the exploration; one is drawn, and recorded, where it is None.
    """
    catalog, space = parts.catalog, parts.space
    liked = [catalog.row(i) for i, attitude in context.attitudes.items() if attitude > 0 and i in catalog]
    dial = _usual(parts, query) * space.breadth(liked) if strategy.diversity == "auto" else strategy.diversity
    stage.inputs["diversity"] = round(dial, 4)
    depth = max(_DEPTH, 2 * strategy.n)
    candidates = [*ranked[:depth], *_of_each(parts, ranked[depth:], interests, strategy.n)]
    rows = [catalog.row(f.item_id) for f in candidates]
    aspects = Aspects(
        space.categories(rows),
        shown=space.categories([catalog.row(i) for i in shown]).sum(axis=0) if shown else None,
        taste=None if query.text else space.taste(liked),
    )
    if interests:
        shares = np.array([interest.share for interest in interests])
        aspects = replace(aspects, interest=nearest_interest(space.points(rows), interests), shares=shares)
    scores = np.array([f.score for f in candidates])
    order = diversify(
        parts.vectors[rows], scores, strategy.n, aspects, method=strategy.diversifier, diversity=dial
    )
    placed = _explored(order, scores, strategy, stage, seed)
    made = [(candidates[place.position], place) for place in placed]
    if aspects.interest is not None:
        belongs = aspects.interest
        stage.outputs["interests"] = {f.item_id: interests[belongs[p.position]].name for f, p in made}
    if strategy.explore:
        stage.outputs["propensities"] = {f.item_id: place.propensity for f, place in made}
        stage.outputs["explored"] = [f.item_id for f, place in made if place.explored]
    return [(f, place.propensity) for f, place in made]


def _usual(parts: Parts, query: Query) -> float:
    """The dial for a typical user; what learns from interactions mixes its lists by itself."""
    if query.from_history and parts.history is not None:
        return _LEARNED
    return _WISHED if query.text else _USUAL


def _of_each(parts: Parts, beyond: Sequence[Fused], interests: Sequence[Interest], n: int) -> list[Fused]:
    """The best of each interest among candidates too low to be looked at: as many as it may claim."""
    if not (beyond and interests):
        return []
    rows = [parts.catalog.row(f.item_id) for f in beyond]
    belongs = nearest_interest(parts.space.points(rows), interests)
    claims = [int(np.ceil(interest.share * n)) for interest in interests]
    kept = np.concatenate([np.flatnonzero(belongs == i)[:claim] for i, claim in enumerate(claims)])
    return [beyond[i] for i in np.sort(kept)]


def _explored(
    order: np.ndarray, scores: np.ndarray, strategy: Strategy, stage: Stage, seed: int | None
) -> tuple[Placed, ...]:
    if not strategy.explore:
        return explore(order, scores, 0.0, 0)
    seed = secrets.randbits(32) if seed is None else seed
    stage.inputs |= {"explore": strategy.explore, "seed": seed}
    return explore(order, scores, strategy.explore, seed)
