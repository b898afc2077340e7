"""Wishes to change the last list: "something newer", "less dark", "more like the second"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agent.understanding.lexicon import alternatives, mapping, phrases, words
from agent.understanding.text import Span, masked
from agent.understanding.turn import Critique, CritiqueKind

_MARK = "\ue000"
_PLAIN: tuple[CritiqueKind, ...] = ("surprise", "newer", "older", "shorter", "longer")
_VALUE = r"(?P<value>[a-z][\w'-]*(?: [a-z][\w'-]*)?)"
_NOT_MORE = re.compile(r"(?:\b(?:one|two|three|any|some|no|few|\d+|many|once|what|never|not)\s+)$")
_TASTE = re.compile(r"\bi (?:really |also |usually )?(?:like|love|prefer|enjoy|hate)\s+(?:\w+\s+)?$")
_VERB_LIKE = re.compile(r"(?:\b(?:i|we|you|really|also|do|did|don't|didn't|dont|didnt|not)|我)\s*$")
_TOO = re.compile(
    r"(?:^|(?:is|are|was|were|it's|'s|bit|way|little|look|looks|sound|sounds|seem|seems|all|just"
    rf"|being)\s+)too {_VALUE}"
)
_LIKE_THAT = re.compile(
    r"(?:more like|more of|less like|nothing like|not like)\s+(?:that|it|this|those|them)\b"
)
_JOINED = re.compile(rf"\s*(?:,|and|or|&|,\s*and|和|、)\s*(?:the\s+)?(?={_MARK})")


@dataclass(frozen=True, slots=True)
class Pointer:
    """A named item, or a place of the last list, that a critique may refer to."""

    span: Span
    item_ids: tuple[str, ...]
    place: bool


@dataclass(frozen=True, slots=True)
class CritiqueSpan:
    """A critique and the words that make it."""

    critique: Critique
    span: Span


def read_critiques(
    text: str,
    pointers: Sequence[Pointer],
    blocked: Sequence[Span] = (),
    categories: Sequence[Span] = (),
    *,
    answering: bool,
) -> list[CritiqueSpan]:
    """Critiques in lower-case text, in order; one may be said twice.

    Args:
        text: The lower-case text.
        pointers: Named items and places of the last list, in order.
        blocked: Spans of constraints ("newer than 2010").
        categories: Spans of categories; "more comedies" asks for more items, "more comedy" is a critique.
        answering: Whether there is a list to criticise; "not so dark" means little without one.
    """
    marked = masked(masked(text, blocked, " "), [p.span for p in pointers], _MARK)
    plural = {c.end for c in categories if text[c.start : c.end].endswith("s")}
    degrees = [
        c for c in _degrees(marked, answering) if c.critique.kind == "less" or c.span.end not in plural
    ]
    found = [*_like(marked, pointers, answering), *_plain(marked, pointers, answering), *degrees]
    kept: list[CritiqueSpan] = []
    for critique in found:
        if not any(critique.span.overlaps(k.span) and critique.critique.item_id is None for k in kept):
            kept.append(critique)
    return sorted(kept, key=lambda c: c.span)


def _like(marked: str, pointers: Sequence[Pointer], answering: bool) -> list[CritiqueSpan]:
    found: list[CritiqueSpan] = []
    if not answering:
        return found
    for m in _LIKE_THAT.finditer(marked):
        before = [p for p in pointers if p.span.end <= m.start() and p.item_ids]
        if before:
            kind: CritiqueKind = "more_like" if m[0].startswith("more") else "less_like"
            found.append(
                CritiqueSpan(Critique(kind, item_id=before[-1].item_ids[0]), Span(m.start(), m.end()))
            )
    for m in _like_pattern().finditer(marked):
        if m[0].startswith("like") and _VERB_LIKE.search(marked[: m.start()]):
            continue
        kind = "less_like" if m["less"] else "more_like"
        explicit = bool(m["less"]) or m[0].startswith("more")
        end = m.end()
        while (pointer := next((p for p in pointers if p.span.start == end), None)) is not None:
            if pointer.place or explicit:
                found += [
                    CritiqueSpan(Critique(kind, item_id=i), Span(m.start(), pointer.span.end))
                    for i in (pointer.item_ids if pointer.place else pointer.item_ids[:1])
                ]
            joined = _JOINED.match(marked, pointer.span.end)
            if joined is None:
                break
            end = joined.end()
    return found


@cache
def _like_pattern() -> re.Pattern[str]:
    less = alternatives(phrases("critiques", "less_like"))
    more = alternatives(phrases("critiques", "more_like"))
    return re.compile(rf"(?:(?P<less>{less})|(?P<more>{more}))\s*(?:the |number |both |that )?(?={_MARK})")


def _plain(marked: str, pointers: Sequence[Pointer], answering: bool) -> list[CritiqueSpan]:
    found = []
    whole = [p.span.start for p in pointers if p.place and len(p.item_ids) > 1]
    for kind in _PLAIN:
        for m in words("critiques", kind).finditer(marked):
            clause = _clause_before(marked, m.start())
            of_all = any(m.start() - len(clause) <= start < m.start() for start in whole)
            said_of_item = _MARK in clause and not of_all
            if m[0].startswith("too ") and (said_of_item or not answering):
                continue
            if _TASTE.search(marked[: m.start()]):
                continue
            than = re.match(rf"\s*than\s+(?:the )?(?={_MARK})", marked[m.end() :])
            reference = None
            if than:
                reference = next(
                    (p.item_ids[0] for p in pointers if p.span.start == m.end() + than.end()), None
                )
            found.append(CritiqueSpan(Critique(kind, item_id=reference), Span(m.start(), m.end())))
    return found


def _clause_before(text: str, end: int) -> str:
    return re.split(r"[.!?;,\n]|\bbut\b", text[:end])[-1]


def _degrees(marked: str, answering: bool) -> list[CritiqueSpan]:
    found = []
    for m in _comparatives().finditer(marked):
        if answering or not _TASTE.search(marked[: m.start()]):
            kind: CritiqueKind = "less" if re.search(r"(?:\bless|\bnot)\s+$", marked[: m.start()]) else "more"
            found.append(
                CritiqueSpan(
                    Critique(kind, value=mapping("critiques", "comparatives")[m[0]]), Span(m.start(), m.end())
                )
            )
    for m in _degree_pattern().finditer(marked):
        value = _quality(m["value"], marked[m.end() :])
        loose = not m["more"] and not m[0].startswith(("less", "fewer"))
        if (
            value is None
            or _NOT_MORE.search(marked[: m.start()])
            or (loose and not answering and not m[0].startswith("not too"))
        ):
            continue
        if _TASTE.search(marked[: m.start()]) and not answering:
            continue
        end = m.start("value") + len(value)
        found.append(
            CritiqueSpan(Critique("more" if m["more"] else "less", value=value), Span(m.start(), end))
        )
    found += _too(marked, answering)
    return found + _chinese(marked)


@cache
def _comparatives() -> re.Pattern[str]:
    names = sorted((w for w in mapping("critiques", "comparatives") if w.isascii()), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(names)})(?![\w-])(?! than)")


@cache
def _degree_pattern() -> re.Pattern[str]:
    less = [
        p for p in phrases("critiques", "less") if p.isascii() and p not in ("too", "way too", "a bit too")
    ]
    more = [p for p in phrases("critiques", "more") if p.isascii()]
    return re.compile(
        rf"(?:(?P<less>{alternatives(less)})|(?P<more>{alternatives(more)}))\s+(?:of )?(?:an? )?{_VALUE}"
    )


def _quality(value: str, after: str) -> str | None:
    """The quality in the words after "more": "light hearted", "action" (not "movies", "than")."""
    listed = value.split(" ")
    stops = _stops()
    if listed[0] in stops or listed[0].endswith(("n't", "'s")):
        return None
    if len(listed) > 1 and (
        listed[1] in stops or not re.match(r"\s*(?:$|[,.!?;]|and\b|but\b|or\b|please|than)", after)
    ):
        return listed[0]
    return value


@cache
def _stops() -> frozenset[str]:
    return frozenset(phrases("critiques", "not_quality"))


def _too(marked: str, answering: bool) -> list[CritiqueSpan]:
    found = []
    for m in _TOO.finditer(marked) if answering else ():
        value = _quality(m["value"], marked[m.end() :])
        if (
            value
            and not re.match(r"(?:much|many|long|short|old|new)\b", value)
            and _MARK not in _clause_before(marked, m.start())
        ):
            found.append(CritiqueSpan(Critique("less", value=value), Span(m.start(), m.end())))
    return found


def _chinese(marked: str) -> list[CritiqueSpan]:
    qualities = "|".join(
        sorted((w for w in mapping("critiques", "comparatives") if not w.isascii()), key=len, reverse=True)
    )
    less = "|".join(p for p in phrases("critiques", "less") if not p.isascii())
    return [
        CritiqueSpan(
            Critique("less" if m["less"] else "more", value=m["value"] or m["value2"]),
            Span(m.start(), m.end()),
        )
        for m in re.finditer(
            rf"(?:(?P<less>{less})|更|再)(?P<value>{qualities})|(?P<value2>{qualities})(?:一?点|一些)", marked
        )
    ]
