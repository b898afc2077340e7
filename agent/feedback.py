"""How feedback and what a user says change what is believed of them.

Everything here is a pure function from one immutable state to the next, so that undo is exact.
A newer statement replaces an older one that contradicts it; critiques of one direction add up:

    w  <-  d                              where d contradicts w (or nothing was told)
    w  <-  min(2, max(-2, 0.9^age w + d))  else

with d = 1 for "more" and -1 for "less", and age the turns since the facet was last told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median, median_low

from agent.catalog import Catalog
from agent.catalog.dates import date_column, is_date, newest_dates
from agent.context import Constraint, Facet, Feedback, Operator, PreferenceState, UserContext, fold
from agent.understanding import Critique, Mention, Understanding

_ATTITUDES = {"like": 1, "accept": 1, "more_like": 1, "dislike": -1, "less_like": -1}
LENGTHS = ("minutes", "runtime", "duration", "length", "pages", "playing_time")
_LONGEST_WISH = 500
_STRONGEST = 2.0
_NARROWS = re.compile(r"\W*(?:(?:only|just|but|and)\b|[只仅但])", re.IGNORECASE)
_LOWER, _UPPER = ("<", "<="), (">", ">=")


def apply_feedback(state: PreferenceState, feedback: Feedback, catalog: Catalog) -> PreferenceState:
    """The state after one piece of feedback on one item.

    Raises:
        UnknownItemError: the item is not in the catalog.
    """
    item = catalog.item(feedback.item_id)
    if feedback.kind == "seen":
        return replace(state, seen=state.seen | {item.id})
    if feedback.kind == "reject":
        return replace(state, rejected=state.rejected | {item.id})
    return with_attitude(state, item.id, _ATTITUDES[feedback.kind])


def with_attitude(state: PreferenceState, item_id: str, attitude: int) -> PreferenceState:
    """The state with a new attitude towards an item; it becomes the newest, a liking lifts a rejection."""
    others = {i: a for i, a in state.attitudes.items() if i != item_id}
    rejected = state.rejected - {item_id} if attitude > 0 else state.rejected
    told = {**state.told, item_id: state.turn}
    return replace(state, attitudes={**others, item_id: attitude}, rejected=rejected, told=told)


def apply_understanding(
    context: UserContext, said: Understanding, catalog: Catalog, last: Sequence[str] = ()
) -> UserContext:
    """The context after an utterance was understood. ``last`` holds the ids of the list it answers."""
    state = replace(context.state, turn=context.state.turn + 1)
    for mention in said.mentions:
        if not mention.item_ids:
            continue
        item_id = mention.item_ids[0]
        state = replace(state, mentioned=(*(i for i in state.mentioned if i != item_id), item_id))
        if "reject" in said.intents and mention.rank is not None and mention.attitude <= 0:
            state = replace(state, rejected=state.rejected | {item_id})
        if mention.seen:
            state = replace(state, seen=state.seen | {item_id})
        attitude = mention.attitude or ("accept" in said.intents and mention.rank is not None)
        if attitude and not ("reject" in said.intents and _is_one_of_all(mention, said)):
            state = with_attitude(state, item_id, int(attitude))
    if "reject" in said.intents and not said.mentions:
        state = replace(state, rejected=state.rejected | set(last))
    if said.facets:
        state = with_facets(state, said.facets)
    for critique in said.critiques:
        state = _criticised(state, critique, catalog)
    state = replace(state, passed=_passed(context, said, last))
    constraints = relax(context.constraints, said.relaxed)
    liked = [c.item_id for c in said.critiques if c.kind == "more_like" and c.item_id]
    critiqued = (_critique_constraint(c, catalog, liked or last) for c in said.critiques)
    constraints = tighten(constraints, (*said.constraints, *filter(None, critiqued)))
    return context.with_(state=state, constraints=constraints, wish=_wish(context, said))


def _is_one_of_all(mention: Mention, said: Understanding) -> bool:
    """Whether the same words point at other items too ("none of these" is no dislike of each)."""
    return any(m is not mention and (m.start, m.end) == (mention.start, mention.end) for m in said.mentions)


def _wish(context: UserContext, said: Understanding) -> str:
    """What is wanted now: a new request replaces the old wish, anything else adds to it.

    A category alone is a new request ("a western") unless it narrows the old one ("only westerns").
    """
    if _asks_anew(said):
        return said.wish
    if not said.wish:
        return context.wish
    return " ".join(dict.fromkeys(part for part in (context.wish, said.wish) if part))[-_LONGEST_WISH:]


def _asks_anew(said: Understanding) -> bool:
    if "recommend" not in said.intents or "critique" in said.intents:
        return False
    names_category = any(c.field == "categories" and c.op == "in" for c in said.constraints)
    return bool(said.wish) or (names_category and not _NARROWS.match(said.text))


def _passed(context: UserContext, said: Understanding, last: Sequence[str]) -> frozenset[str]:
    """What was shown and not taken up: lists that were answered by a critique or the answer to a question.

    A new wish makes a new start.
    """
    if _asks_anew(said):
        return frozenset()
    return context.state.passed | set(last) if said.critiques or said.answers else context.state.passed


def with_facets(state: PreferenceState, facets: Mapping[Facet, float]) -> PreferenceState:
    """The state with new attitudes towards categories or words; newer ones replace older ones."""
    old = {facet: weight for facet, weight in state.facets.items() if facet not in facets}
    told: dict[str | Facet, int] = {**state.told, **dict.fromkeys(facets, state.turn)}
    return replace(state, facets={**old, **facets}, told=told)


def with_critique(state: PreferenceState, facet: Facet, step: float) -> PreferenceState:
    """The state after "more" (step 1) or "less" (-1) of something; see the top of the module."""
    old = state.facets.get(facet, 0.0) * state.recency(facet)
    weight = step if old * step <= 0 else max(-_STRONGEST, min(_STRONGEST, old + step))
    return with_facets(state, {facet: weight})


def relax(constraints: Sequence[Constraint], fields: Iterable[str]) -> tuple[Constraint, ...]:
    """The constraints without those on the fields named; ``*`` drops all."""
    dropped = set(fields)
    return () if "*" in dropped else tuple(c for c in constraints if c.field not in dropped)


def tighten(old: Sequence[Constraint], new: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """Old and new constraints together, without the old ones that a new one replaces or contradicts."""
    kept = tuple(merged for c in old if (merged := _survivor(c, new)) is not None)
    return (*kept, *(c for c in dict.fromkeys(new) if c not in kept))


def _survivor(old: Constraint, new: Sequence[Constraint]) -> Constraint | None:
    """What a list of newer constraints leaves of an older one on the same field."""
    for other in (c for c in new if c.field == old.field or (_is_time(c) and _is_time(old))):
        if other.op == "==" or old.op == "==":
            return None
        if {old.op, other.op} <= {"in", "not in"}:
            if old.op == "in" and other.op == "in":
                return None
            if old.op != other.op:
                overturned = {fold(v) for v in values(other)}
                left = tuple(v for v in values(old) if fold(v) not in overturned)
                if not left:
                    return None
                old = replace(old, value=left)
        elif _replaces(old, other):
            return None
    return old


def _replaces(old: Constraint, new: Constraint) -> bool:
    """Whether a newer bound stands for an older one: the same side, or no number between the two."""
    same_side = (old.op in _LOWER) == (new.op in _LOWER)
    if same_side or isinstance(old.value, tuple) or isinstance(new.value, tuple):
        return same_side
    low, high = (old, new) if old.op in _UPPER else (new, old)
    touching = low.op == ">=" and high.op == "<="
    gap = _place(high) - _place(low)
    return gap < 0 or (gap == 0 and not touching)


def _is_time(constraint: Constraint) -> bool:
    return constraint.field == "year" or is_date(constraint.value)


def _place(bound: Constraint) -> float:
    """Where a bound is among those of its field; a date among years by the share of its year gone by."""
    if not is_date(bound.value):
        year_ends = bound.field == "year" and bound.op in ("<=", ">")
        return float(bound.value) + 0.999 * year_ends  # type: ignore[arg-type]
    year, month, *day = (int(part) for part in str(bound.value)[:10].split("-"))
    return year + (month - 1 + (day[0] if day else 1) / 32) / 12


def values(constraint: Constraint) -> tuple[str, ...]:
    """The values of a constraint as texts."""
    value = constraint.value
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


def _criticised(state: PreferenceState, critique: Critique, catalog: Catalog) -> PreferenceState:
    if critique.kind == "more_like" and critique.item_id:
        return with_attitude(state, critique.item_id, 1)
    if critique.kind == "less_like" and critique.item_id:
        return with_attitude(state, critique.item_id, -1)
    if critique.kind in ("more", "less") and critique.value:
        category = next((c for c in catalog.categories if fold(c) == fold(critique.value)), None)
        facet = ("categories", category) if category else ("words", critique.value)
        return with_critique(state, facet, 1.0 if critique.kind == "more" else -1.0)
    return state


def _critique_constraint(critique: Critique, catalog: Catalog, last: Sequence[str]) -> Constraint | None:
    """The bound that "newer", "older", "shorter" or "longer" puts on the next list.

    It is taken from the item the critique names, else from the median of the last list. Where that is the
    newest, oldest, ... there is, others as new or as old are what can be had. Without a list, "recent" means
    the newest quarter of a catalog with dates.
    """
    if critique.kind not in ("newer", "older", "shorter", "longer"):
        return None
    ages = critique.kind in ("newer", "older")
    field = (date_column(catalog) or "year") if ages else _length_field(catalog)
    if field is None:
        return None
    reference = (critique.item_id,) if critique.item_id else last
    known = [v for i in reference if (v := catalog.item(i).get(field)) is not None]
    if not known:
        recent = newest_dates(catalog) if critique.kind == "newer" and not reference else None
        return Constraint(field, ">=", recent, critique.kind) if recent else None
    middle = median_low(known) if all(map(is_date, known)) else float(median(map(float, known)))
    op: Operator = ">" if critique.kind in ("newer", "longer") else "<"
    bound = Constraint(field, op, middle, critique.kind)
    return bound if any(map(bound.allows, catalog)) else replace(bound, op=">=" if op == ">" else "<=")


def _length_field(catalog: Catalog) -> str | None:
    return next((name for name in LENGTHS if name in catalog.attribute_names), None)
