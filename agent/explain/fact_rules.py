"""Rules for what a sentence says of the item: its words, its values, its numbers, what it shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.catalog import Item
from agent.context import fold
from agent.explain.evidence import values
from agent.explain.statement import Statement, is_kind
from agent.explain.tokens import Token


def words(s: Statement) -> Iterator[str]:
    """Every word is in the evidence or in the closed vocabulary."""
    for token in s.kind("unknown"):
        yield f"“{token.text}” is not in the evidence"


def fields(s: Statement) -> Iterator[str]:
    """``directed``, ``runtime``: only beside a fact of that attribute."""
    prefix = "field:"
    said = {c.removeprefix(prefix) for t in s.tokens for c in t.classes if c.startswith(prefix)}
    there = {e.field for t in s.kind("value", "quote") for e in t.evidence}
    there |= {e.field for t in s.kind("number") for e in s.facts.evidence if e.number == t.number}
    for name in sorted(said - there):
        yield f"“{name}” is said of something else"


def negations(s: Statement) -> Iterator[str]:
    """What is negated must be a contrast, and a contrast must be negated."""
    negated: set[int] = set()
    for i, token in enumerate(s.tokens):
        if not token.of("negation"):
            continue
        scope = range(i + 1, _end_of_clause(s.tokens, i))
        hit = [j for j in scope if s.tokens[j].kind in ("value", "number", "quote", "self")]
        negated.update(hit)
        verb = any(s.tokens[j].of("like", "love", "dislike", "hate") for j in scope)
        if not verb and not any(is_kind(s.tokens[j], "contrast") for j in hit):
            yield f"“{token.text}” negates nothing that was ruled out"
        for j in scope:
            if s.tokens[j].of("ask", "popular", "share", "rated"):
                yield f"“{token.text} … {s.tokens[j].text}” is not in the evidence"
    for j, token in enumerate(s.tokens):
        if token.kind not in ("value", "number"):
            continue
        contrast = is_kind(token, "contrast")
        if contrast and j not in negated and not is_kind(token, "category", "constraint", "facet", "words"):
            yield f"the item is not “{token.text}”"
        if not contrast and j in negated:
            yield f"the item is “{token.text}”"


def numbers(s: Statement) -> Iterator[str]:
    """Every number is one of the evidence, in its own role."""
    counted = s.counts()
    for i, token in enumerate(s.tokens):
        if token.kind == "number" and i not in counted and not _right_number(s, i, bool(counted)):
            yield f"the number {token.text} is not in the evidence, or not of this"
    if s.says("rated", "mean"):
        if not s.kind("number"):
            yield "a rating without its number"
        if s.others or s.kind("value"):
            yield "a rating of something else"


def shared(s: Statement) -> Iterator[str]:
    """What is said in one breath with another item is true of that item too."""
    if not s.others and s.says("share") and not s.counts():
        yield "nothing is named that it would be shared with"
    for other in s.others:
        for token in s.kind("value"):
            if not _true_of(token, other):
                yield f"“{token.text}” is not true of “{other.title}”"
        for token in s.kind("number"):
            for e in s.evidence("year", "attribute", "constraint"):
                if e.number == token.number and other.get(e.field or "") != s.facts.item.get(e.field or ""):
                    yield f"“{other.title}” is not of {token.text}"


def places(s: Statement) -> Iterator[str]:
    """``its description mentions``: only words that stand there, and those words only so."""
    named: set[str | None] = set()
    for i, token in enumerate(s.tokens):
        own = i > 0 and s.tokens[i - 1].text.lower() in ("its", "the")
        named |= {p for p in ("title", "description") if token.of(p) and (own or not token.of("neutral"))}
    mentioned = bool(named) or s.says("mention")
    for token in s.kind("value"):
        if s.says("dialogues") and is_kind(token, "said"):
            continue
        held = {e.field for e in token.evidence if e.kind == "words"}
        only = all(e.kind == "words" and e.field != "categories" for e in token.evidence)
        if mentioned and not (held and named <= held):
            yield f"“{token.text}” does not stand there"
        if held and only and not mentioned:
            yield f"“{token.text}” is a word of the item's text, which does not make it true of the item"


def popular(s: Statement) -> Iterator[str]:
    """``popular``: only in the top tenth."""
    if s.says("popular") and not any(e.detail == "popular" for e in s.evidence("popularity")):
        yield "it is not among the popular"


def _end_of_clause(tokens: Sequence[Token], start: int) -> int:
    return next((j for j in range(start + 1, len(tokens)) if tokens[j].kind == "comma"), len(tokens))


def _right_number(s: Statement, i: int, counted: bool) -> bool:
    number = s.tokens[i].number
    following = [t for t in s.tokens[i + 1 : i + 3] if t.kind == "word"]
    if any(t.of("people", "rated") for t in following):
        return _counts_people(s, number)
    if any(t.of("dialogues") for t in following):
        ids = {other.id for other in s.others}
        held = {e.number for t in s.kind("value") for e in t.evidence if e.kind == "said"}
        return number in held or any(
            e.number == number and e.item_id in ids for e in s.evidence("similar") if e.field == "dialogues"
        )
    if s.says("popularity") and _is_popularity(s, number, "popularity"):
        return True
    if any(t.of("mean") for t in s.tokens[max(0, i - 3) : i + 4]):
        return _is_popularity(s, number, "mean_rating")
    if counted or s.says("people", "rated", "mean"):
        return False
    return any(
        e.number == number and (e.field == "year" or s.says(f"field:{e.field}"))
        for e in s.evidence("year", "constraint", "attribute")
    )


def _counts_people(s: Statement, number: float | None) -> bool:
    ids = {other.id for other in s.others}
    both = [e for e in s.evidence("similar") if e.field == "interactions" and e.item_id in ids]
    if s.says("like") and any(e.number == number for e in both):
        return True
    return s.says("rated") and _is_popularity(s, number, "ratings")


def _is_popularity(s: Statement, number: float | None, field: str) -> bool:
    return any(e.field == field and e.number == number for e in s.evidence("popularity"))


def _true_of(token: Token, other: Item) -> bool:
    """Whether a value named beside another item is that item's too, or is ruled out for both."""
    if all(e.kind == "words" and e.field != "categories" for e in token.evidence):
        return False
    for e in token.evidence:
        holds = fold(e.value) in {fold(v) for v in values(other, e.field or "")}
        if holds == (e.kind == "contrast"):
            return False
    return True
