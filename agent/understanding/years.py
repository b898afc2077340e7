"""Bounds on the year: "after 2010", "the nineties", "between 1990 and 1999", "2010年以后"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

from agent.context import Constraint, Operator
from agent.understanding.bounds import Bound, longest
from agent.understanding.lexicon import mapping, pattern, table
from agent.understanding.text import Span

FIELD = "year"
_FULL = r"(?:18|19|20)\d\d"
_OF_PEOPLE = re.compile(
    r"\b(?:(?:in|into|of) (?:my|our|his|her|their|your)|born(?: in)?|married(?: in)?|i(?:'m| am)?|we(?:'re"
    r"| are)?"
    r"|since i was)\s+$"
)
"""Before a year or decade of somebody's life."""
_THIS_DECADE = re.compile(r"\b(?:(?:from|in|of) )?(?:this|the current|the present) decade\b")
_DONE = re.compile(
    r"\b(?:i|we)(?:'ve| have|ve)? (?:\w+ ){0,2}?(?:seen|saw|watched|read|played|met|done|had|found|heard"
    r"|went)\b[^.!?;,]*$"
)
"""Before "this year": what was done in it, which requires nothing of what is shown."""
_BREAK = re.compile(r"[.!?;\n]|\b(?:not|no|nothing|never|without|but)\b|n't\b")
"""Between two years of which the second is no alternative to the first."""


@cache
def _year() -> str:
    """One year or decade, as an expression without groups."""
    decades = sorted((re.escape(w) for w in table("years")["decades"] if w.isascii()), key=len, reverse=True)
    chinese = "|".join(w for w in table("years")["decades"] if not w.isascii())
    part = "|".join(table("years")["parts"])
    return (
        rf"(?:{_month()} {_FULL}(?!\d|'?s\b)|"
        rf"(?:(?:{part})[- ](?:to[- ](?:mid|late)[- ])?)?(?:the )?(?:{_FULL}'?s|'?\d0'?s"
        rf"|(?:{'|'.join(decades)}))(?!\w)"
        rf"|'\d\d(?![\w'])|\d0er(?:n|jahren?)?(?!\w)|(?:\d0|{chinese})年代|años '?\d0|{_FULL}(?!\d|'?s\b))"
    )


@cache
def _month() -> str:
    """A month, with its day or without, as an expression without groups."""
    return rf"(?:(?:{'|'.join(table('years')['months'])})\.?(?: \d{{1,2}}(?:st|nd|rd|th)?,?)?)"


@cache
def bound_patterns(point: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What bounds times, with the comparison each stands for; ``point`` is an expression without groups."""
    found = [("range", p) for p in table("years")["ranges"]]
    found += [(op, p) for op, listed in table("years")["bounds"].items() for p in listed]
    return tuple((op, _compiled(p, point)) for op, p in found)


def _compiled(phrase: str, point: str = "") -> re.Pattern[str]:
    phrase = re.sub(r"(?<!\\)M", lambda _: _month(), phrase)
    left = r"(?<![\w$€£.-])" if not re.search("[\u4e00-\u9fff]", phrase) else r"(?<!\d)"
    return re.compile(left + re.sub(r"(?<!\\)Y", lambda _: point, phrase))


@cache
def _recent() -> re.Pattern[str]:
    number = r"(?P<n>\d{1,3}|" + "|".join(w for w in _numbers()) + r"|few|couple(?: of)?)"
    names = iter(range(99))
    listed = (p.replace("N", number.replace("<n>", f"<n{next(names)}>")) for p in table("years")["recent"])
    return re.compile("|".join(sorted(listed, key=len, reverse=True)))


@cache
def _numbers() -> dict[str, int]:
    return {w: n for w, n in mapping("references", "numbers").items() if isinstance(n, int) and n > 1}


def read_years(text: str, today: date) -> list[Bound]:
    """Bounds on the year in lower-case text, in order; the longest words win where they overlap.

    Years in parentheses are none: they tell a title from its namesakes.

    Args:
        text: Lower-case text in which the names of items are masked.
        today: What "last year" counts from.
    """
    found = [*_relative(text, today)]
    for op, compiled in bound_patterns(_year()):
        for m in compiled.finditer(text):
            constraints = _constraints(op, m[0])
            if _OF_PEOPLE.search(text[: m.start()]):
                continue
            if constraints and not (text[: m.start()].endswith("(") and text[m.end() : m.end() + 1] == ")"):
                found.append(Bound(constraints, Span(m.start(), m.end())))
    return _united(text, longest(found))


def _united(text: str, found: Sequence[Bound]) -> list[Bound]:
    """Years apart from each other in one as the span of both: no item is of both.

    "From the nineties, noughties at a push" allows 1990 to 2009.
    """
    kept: list[Bound] = []
    for bound in found:
        last = kept[-1] if kept else None
        ends, before = _ends(bound), _ends(last) if last else None
        if last and ends and before and not _BREAK.search(text[last.span.end : bound.span.start]):
            apart = ends[0] > before[1] or ends[1] < before[0]
            if apart:
                span = Span(last.span.start, bound.span.end)
                words = text[span.start : span.end]
                years = _between(min(before[0], ends[0]), max(before[1], ends[1]), words)
                kept[-1] = Bound(years, span)
                continue
        kept.append(bound)
    return kept


def _ends(bound: Bound) -> tuple[int, int] | None:
    """First and last year of a bound that has both."""
    values = {c.op: c.value for c in bound.constraints}
    if set(values) == {"=="}:
        return int(str(values["=="])), int(str(values["=="]))
    if set(values) == {">=", "<="}:
        return int(str(values[">="])), int(str(values["<="]))
    return None


def _constraints(op: str, words: str) -> tuple[Constraint, ...]:
    years = [interval(y) for y in re.findall(_year(), words)]
    words = words.strip()
    if not years:
        return ()
    first, last = years[0]
    if op == "range":
        if len(years) < 2:
            first, last = _short_range(words, first)
        else:
            first, last = min(first, years[1][0]), max(last, years[1][1])
        return _between(first, last, words)
    if op == "==":
        return _between(first, last, words)
    if op == "!=":
        return (Constraint(FIELD, "not in", tuple(str(y) for y in range(first, last + 1)), words),)
    if op in ("<", ">") and re.search(rf"{_month()} {_FULL}", words):
        op += "="  # the rest of that year counts too
    bounds: dict[str, tuple[Operator, int]] = {
        ">": (">=", last + 1),
        ">=": (">=", first),
        "<": ("<=", first - 1),
        "<=": ("<=", last),
    }
    inclusive, value = bounds[op]
    return (Constraint(FIELD, inclusive, value, words),)


def _short_range(words: str, first: int) -> tuple[int, int]:
    end = re.search(r"(\d\d)\D*$", words)
    return (first, first // 100 * 100 + int(end[1])) if end else (first, first)


def _between(first: int, last: int, words: str) -> tuple[Constraint, ...]:
    if first == last:
        return (Constraint(FIELD, "==", first, words),)
    return (Constraint(FIELD, ">=", first, words), Constraint(FIELD, "<=", last, words))


def interval(words: str) -> tuple[int, int]:
    """First and last year of ``1994``, ``the 90s``, ``early nineties``, ``九十年代``."""
    first, size = _decade(words)
    if size == 1:
        return first, first
    for name, (low, high) in table("years")["parts"].items():
        if re.match(rf"{name}\b", words):
            return first + low, first + high
    return first, first + size - 1


def _decade(words: str) -> tuple[int, int]:
    full = re.search(_FULL, words)
    if full:
        year = int(full[0])
        return (year, 10) if re.search(r"\d'?s\b|年代", words) else (year, 1)
    brief = re.search(r"'(\d\d)(?![\w'])", words)
    if brief:
        return int(brief[1]) + (2000 if int(brief[1]) < 30 else 1900), 1
    short = re.search(r"\d0", words)
    if short:
        tens = int(short[0])
        return (2000 + tens if tens < 30 else 1900 + tens), 10
    return next(year for word, year in table("years")["decades"].items() if word in words), 10


def _relative(text: str, today: date) -> list[Bound]:
    found = []
    for m in _recent().finditer(text):
        number = next(v for v in m.groupdict().values() if v)
        count = int(number) if number.isdigit() else _numbers().get(number, 2 if "couple" in number else 3)
        found.append(
            Bound((Constraint(FIELD, ">=", today.year - count, m[0].strip()),), Span(m.start(), m.end()))
        )
    for phrase, first in table("years")["spans"].items():
        for m in _compiled(phrase).finditer(text):
            start = first if first > 0 else today.year + first
            found.append(Bound((Constraint(FIELD, ">=", start, m[0]),), Span(m.start(), m.end())))
    for m in _THIS_DECADE.finditer(text):
        start = today.year // 10 * 10
        found.append(Bound((Constraint(FIELD, ">=", start, m[0]),), Span(m.start(), m.end())))
    words = table("years")["words"]
    for m in re.finditer(r"(?:(?:from|in|of|released) )?(" + pattern(words).pattern + ")", text):
        if _DONE.search(text[: m.start()]):
            continue
        year = today.year + next(offset for word, offset in words.items() if word in m[0])
        found.append(Bound((Constraint(FIELD, "==", year, m[0]),), Span(m.start(), m.end())))
    return found
