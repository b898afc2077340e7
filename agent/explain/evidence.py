"""What can truthfully be said for an item: facts of the catalog, the user's words, counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from agent.catalog import Catalog, Item
from agent.context import WORDS, Constraint, UserContext, fold
from agent.errors import ConstraintError
from agent.explain.lexicon import CJK, WORD, cut, lexicon, stem
from agent.recommendation import Evidence
from agent.retrieval.graph import connecting_fields
from agent.understanding import Understanding
from agent.understanding.pasted import pasted

SIMILAR = 0.6
"""Cosine of the item texts from which an item is called close to another (they must share a category too).

With all-MiniLM-L6-v2, 3% of random pairs of films that share a category reach it and 1% of such pairs of
articles, but nearly all sequels (median 0.83, 5th percentile 0.65)."""

CO_LIKED = 3
"""How many people must have liked both items before that is worth saying."""

_POPULAR_QUANTILE = 0.9
_LISTED = 3
_LONGEST = 60
_MEANS = frozenset({"rating", "mean_rating", "average_rating", "avg_rating", "score"})
_SKIPPED = frozenset({"url", "image", "id", "imdb_id", "isbn", "language_code"})
_CLAUSE = re.compile(r"[,.;:!?，。；：！？、]|\bbut\b|但")


def collect_evidence(
    item: Item,
    context: UserContext,
    understanding: Understanding,
    catalog: Catalog,
    *,
    similar: Sequence[tuple[str, float]] = (),
    co_liked: Sequence[tuple[str, int]] = (),
    co_named: Sequence[tuple[str, int]] = (),
    spoken: Sequence[tuple[str, int]] = (),
) -> tuple[Evidence, ...]:
    """Everything that may be said for an item, strongest first.

    Args:
        item: The recommended item.
        context: Whose attitudes, facets and constraints it is compared with.
        understanding: What the user just said; its ``wish`` is searched for in the item.
        catalog: Where the facts come from.
        similar: Other items with the cosine of their embeddings to this one. Only liked ones above
            :data:`SIMILAR` that share a category with the item are used.
        co_liked: Other items with the number of people who liked both. Only liked ones are used.
        co_named: Other items with the number of past conversations that name both. Only those that the user
            named are used.
        spoken: Words of the user with the number of past conversations that hold the word and name the item,
            the most telling first.

    Returns:
        Evidence in the order constraints, categories asked for, facets, similar items and those that share
        a name, items that others liked too, counted categories, items that were named with it, words of the
        wish, where there is none of these a liked or named item of the same categories, else a word of the
        user's that past conversations about the item hold, contrasts, popularity, attributes, year, other
        categories.
    """
    liked = [i for i, attitude in context.attitudes.items() if attitude > 0 and i in catalog and i != item.id]
    constraints = tuple(dict.fromkeys((*context.constraints, *understanding.constraints)))
    facets = {**understanding.facets, **context.state.facets}
    words = tuple(_wish_words(item, understanding.wish))
    linked = [
        *_similar(item, catalog, liked, similar, co_liked),
        *_counted(item, catalog, liked),
        *_co_named(item, context, catalog, co_named),
    ]
    told = [
        *_constraints(item, constraints),
        *(e for e in words if e.field == "categories"),
        *_facets(item, facets),
        *linked,
        *(e for e in words if e.field != "categories"),
    ]
    akin = [] if told else [*_akin(item, context, catalog, liked)]
    found = [
        *told,
        *akin,
        *(() if told or akin else _spoken(spoken)),
        *_contrasts(item, constraints, facets),
        *_popularity(item, catalog),
        *_facts(item, catalog),
    ]
    return tuple(dict.fromkeys(found))


def values(item: Item, field: str) -> tuple[str, ...]:
    """An item's value or values of a field as texts; empty where it has none."""
    value = item.get(field)
    if value is None or value in ("", ()):
        return ()
    return tuple(map(_text, value)) if isinstance(value, tuple | list) else (_text(value),)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(str(value).split())


def _quoted(words: str) -> str:
    """The user's words where they can be quoted in a short sentence, else nothing."""
    words = " ".join("".join(c for c in words if c.isprintable() or c.isspace()).split())
    return "" if len(words) > _LONGEST or any(c in '"“”「」' for c in words) else words


def _constraints(item: Item, constraints: Iterable[Constraint]) -> Iterator[Evidence]:
    for constraint in constraints:
        if constraint.op == "not in" or not _meets(item, constraint):
            continue
        detail, actual = _quoted(constraint.text), values(item, constraint.field)
        if isinstance(constraint.value, tuple | str):
            asked = constraint.value if isinstance(constraint.value, tuple) else (constraint.value,)
            wanted = {fold(v) for v in asked}
            actual = tuple(v for v in actual if fold(v) in wanted)
        number = item.get(constraint.field)
        for value in actual:
            yield Evidence(
                "constraint",
                value,
                number=float(number) if isinstance(number, int | float) else None,
                field=constraint.field,
                detail=detail,
            )


def _meets(item: Item, constraint: Constraint) -> bool:
    try:
        return constraint.allows(item)
    except ConstraintError:
        return False


def _contrasts(
    item: Item, constraints: Iterable[Constraint], facets: dict[tuple[str, str], float]
) -> Iterator[Evidence]:
    ruled_out: list[tuple[str, str, float | None, str]] = [
        (c.field, value, None, _quoted(c.text))
        for c in constraints
        if c.op == "not in"
        for value in (c.value if isinstance(c.value, tuple) else (str(c.value),))
    ]
    ruled_out += [(field, value, float(w), "") for (field, value), w in facets.items() if w < 0]
    for field, value, weight, detail in ruled_out:
        if field == WORDS:  # a quality that no column holds: nobody can say that the item lacks it
            continue
        if fold(value) not in {fold(v) for v in values(item, field)}:
            yield Evidence("contrast", value, number=weight, field=field, detail=detail)


def _facets(item: Item, facets: dict[tuple[str, str], float]) -> Iterator[Evidence]:
    for (field, value), weight in facets.items():
        for actual in values(item, field):
            if weight > 0 and fold(actual) == fold(value):
                yield Evidence("facet", actual, number=float(weight), field=field)


def _similar(
    item: Item,
    catalog: Catalog,
    liked: Sequence[str],
    similar: Sequence[tuple[str, float]],
    co_liked: Sequence[tuple[str, int]],
) -> Iterator[Evidence]:
    for item_id, cosine in sorted(similar, key=lambda pair: -pair[1]):
        if item_id not in liked or cosine < SIMILAR:
            continue
        other = catalog.item(item_id)
        shared = [c for c in item.categories if c in other.categories]
        if shared:
            label = catalog.label(other)
            yield Evidence(
                "similar", label, item_id, float(cosine), "categories", detail="|".join(shared[:_LISTED])
            )
    yield from _shared(item, catalog, liked)
    for item_id, count in sorted(co_liked, key=lambda pair: -pair[1]):
        if item_id in liked and count >= CO_LIKED:
            label = catalog.label(catalog.item(item_id))
            yield Evidence("similar", label, item_id, float(count), "interactions")


def _shared(item: Item, catalog: Catalog, liked: Sequence[str]) -> Iterator[Evidence]:
    """Names that liked items have in the same column, of the newest item that has any first."""
    fields = [name for name in _connecting(catalog) if name not in _SKIPPED and values(item, name)]
    for item_id in reversed(liked):
        other = catalog.item(item_id)
        for name in fields:
            both = [v for v in values(item, name) if v in values(other, name) and _is_name(v)]
            if both:
                label = catalog.label(other)
                yield Evidence("similar", label, item_id, field=name, detail="|".join(both[:_LISTED]))


@lru_cache(maxsize=4)
def _connecting(catalog: Catalog) -> tuple[str, ...]:
    return connecting_fields(catalog)


def _is_name(value: str) -> bool:
    return len(value) <= _LONGEST and "|" not in value and any(c.isalpha() for c in value)


def _co_named(
    item: Item, context: UserContext, catalog: Catalog, co_named: Sequence[tuple[str, int]]
) -> Iterator[Evidence]:
    for item_id, count in sorted(co_named, key=lambda pair: -pair[1]):
        if item_id in context.named and item_id != item.id and count:
            label = catalog.label(catalog.item(item_id))
            yield Evidence("similar", label, item_id, float(count), "dialogues")


def _spoken(spoken: Sequence[tuple[str, int]]) -> Iterator[Evidence]:
    for word, count in spoken[:1]:
        yield Evidence("said", word, number=float(count), field="dialogues")


def _akin(item: Item, context: UserContext, catalog: Catalog, liked: Sequence[str]) -> Iterator[Evidence]:
    """The liked item, else the one named, whose categories are most the same; the newest of several."""
    for ids, kind in ((liked, "akin_liked"), (context.named, "akin_named")):
        others = [catalog.item(i) for i in reversed(ids) if i in catalog and i != item.id]
        best = max(others, key=lambda other: _overlap(item, other), default=None)
        if best is not None and (shared := [c for c in item.categories if c in best.categories]):
            label = catalog.label(best)
            yield Evidence(kind, label, best.id, field="categories", detail="|".join(shared[:_LISTED]))
            return


def _overlap(one: Item, other: Item) -> float:
    """Jaccard index of their categories."""
    either = {*one.categories, *other.categories}
    return len({*one.categories} & {*other.categories}) / len(either) if either else 0.0


def _counted(item: Item, catalog: Catalog, liked: Sequence[str]) -> Iterator[Evidence]:
    if len(liked) < 2:
        return
    counts = {c: sum(c in catalog.item(i).categories for i in liked) for c in item.categories}
    for category, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        if count >= 2:
            yield Evidence("category", category, number=count, field="categories", out_of=len(liked))


def _wish_words(item: Item, wish: str) -> Iterator[Evidence]:
    """The asked-for words that the item's own text holds; words after a negation are not asked for.

    Of a pasted text, such as an abstract, only what the item's title holds is telling.
    """
    asked = asked_words(wish)
    zh = lexicon("zh")
    fields: tuple[str, ...] = (
        "categories",
        "title",
        "description",
        *(n for n in item.attributes if n not in _SKIPPED),
    )
    if pasted(wish) is not None:
        fields = ("categories", "title")
    for word in asked:
        for field in fields:
            hit = next((v for v in values(item, field) if _holds(v, word)), None)
            if hit is None and field == "categories":
                hit = next((c for c in item.categories if zh.categories.get(c) == word), None)
            if hit is not None:
                yield Evidence("words", hit if field == "categories" else word, field=field)
                break


def asked_words(said: str) -> tuple[str, ...]:
    """The words of a text that describe something and that no negation turns down, each once."""
    return tuple(dict.fromkeys(word for clause in _CLAUSE.split(said) for word in _asked(clause)))


def words_of(said: str) -> Iterator[str]:
    """All words of a text in lower case, of Chinese those of the vocabulary and what lies between them."""
    for match in WORD.finditer(said):
        yield match.group().lower()
    for match in CJK.finditer(said):
        yield from cut(match.group(), _chinese_words())


@cache
def _chinese_words() -> frozenset[str]:
    zh = lexicon("zh")
    return frozenset({*zh.classes, *zh.categories.values()})


def _asked(clause: str) -> Iterator[str]:
    en, zh = lexicon("en"), lexicon("zh")
    for match in WORD.finditer(clause):
        word = match.group().lower()
        classes = en.of_class(word)
        if "negation" in classes or word.endswith(("n't", "n’t")) or word == "less":
            return
        if not classes and len(word) > 2:
            yield word
    for match in CJK.finditer(clause):
        for token in cut(match.group(), _chinese_words()):
            classes = zh.of_class(token)
            if classes & {"negation", "dislike", "hate", "exclude"}:
                return
            if not classes and len(token) > 1:
                yield token


def _holds(text: str, word: str) -> bool:
    if CJK.search(word):
        return word in text
    wanted = stem(word)
    return any(stem(match.group()) == wanted for match in WORD.finditer(text))


@dataclass(frozen=True, slots=True)
class _Ratings:
    people: int
    mean: float


@lru_cache(maxsize=4)
def _ratings(catalog: Catalog) -> dict[str, _Ratings]:
    """How many people rated each item, and the mean of their latest ratings."""
    latest: dict[tuple[str, str], float] = {}
    for event in catalog.interactions:
        if event.event == "rate" and event.value is not None:
            latest[event.item_id, event.user_id] = event.value
    by_item: dict[str, list[float]] = {}
    for (item_id, _), value in latest.items():
        by_item.setdefault(item_id, []).append(value)
    return {item_id: _Ratings(len(v), sum(v) / len(v)) for item_id, v in by_item.items()}


@lru_cache(maxsize=4)
def _popular_from(catalog: Catalog) -> float:
    return float(np.quantile(catalog.popularity, _POPULAR_QUANTILE))


def _popularity(item: Item, catalog: Catalog) -> Iterator[Evidence]:
    detail = "popular" if item.popularity > max(_popular_from(catalog), 0) else ""
    rated = _ratings(catalog).get(item.id)
    if rated is not None and rated.people > 1:
        yield Evidence("popularity", f"{rated.people:,}", None, rated.people, "ratings", detail=detail)
        mean = round(rated.mean, 1)
        yield Evidence("popularity", f"{mean:g}", None, mean, "mean_rating")
    elif rated is None and item.popularity > 1 and item.popularity == int(item.popularity):
        number = int(item.popularity)
        yield Evidence("popularity", f"{number:,}", None, number, "popularity", detail=detail)


def _facts(item: Item, catalog: Catalog) -> Iterator[Evidence]:
    counted = item.id in _ratings(catalog)
    for name in item.attributes:
        held = tuple(v for v in values(item, name) if any(c.isalnum() for c in v))
        if not held or name in _SKIPPED or (name in _MEANS and counted):
            continue
        shown = held[:_LISTED]
        if all(len(v) <= _LONGEST and "|" not in v for v in shown):
            number = item.get(name)
            yield Evidence(
                "attribute",
                "|".join(shown),
                number=float(number) if isinstance(number, int | float) else None,
                field=name,
                out_of=len(held),
            )
    if item.year is not None:
        yield Evidence("year", str(item.year), number=item.year, field="year")
    for category in item.categories:
        yield Evidence("category", category, field="categories")
