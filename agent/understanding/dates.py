"""Bounds finer than years, for catalogs with dates: "since March 2026", "the last two weeks", "Q1 2026"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from agent.catalog import Catalog
from agent.catalog.dates import date_column
from agent.context import Constraint
from agent.understanding.bounds import Bound, longest
from agent.understanding.lexicon import mapping, table
from agent.understanding.text import Span
from agent.understanding.years import bound_patterns

_Days = tuple[date, date]

_FULL = r"(?:19|20)\d\d"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?!\d)"
_PARTS = {"early": (1, 4), "mid": (5, 8), "late": (9, 12)}
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11)}
_SPANS = {**_PARTS, **_SEASONS}
_OF_LIFE = re.compile(r"\b(?:born(?: in| on)?|my|your|our|his|her|their)\s+$")
_OUT = r"(?<!\w)(?:(?:(?:came |come |was |were )?(?:published|posted|submitted|released|out)) )?"
_RELATIVE = re.compile(
    _OUT + r"(?:(?:in|from|within|over|of|during) )?(?P<the>the (?:very )?)?(?P<which>last|past|previous) "
    r"(?:(?P<n>N)[ -])?(?P<unit>day|week|month|year)s?(?![\w-])"
)
_NOW = re.compile(
    _OUT + r"(?:(?:in|from|of|during|since) )?this (?P<now>week|month)(?!\w)"
    r"|(?<!\w)(?:from|of|since|published|posted) (?P<day>today|yesterday)(?!\w)"
    r"|(?<!\w)(?P<own>today|yesterday)'s(?!\w)"
)
_AGE = re.compile(
    r"(?<!\w)(?:(?:no|not|nothing|none|never) (?:\w+ )?(?:older|earlier) than|newer than|younger than"
    r"|less than|under|at most) (?P<n>N) (?P<unit>day|week|month)s?(?: (?:ago|old))?(?!\w)"
)
_ZH_LAST = re.compile(r"(?:最近|近|过去)(?P<n>N)?(?:个)?(?P<unit>天|日|周|星期|月)(?:内|以内|的)?")
_ZH_WHOLE = re.compile(r"(?P<which>上|这|本)(?:个)?(?P<unit>周|星期|月)的?")
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365, "天": 1, "日": 1, "周": 7, "星期": 7, "月": 30}
_FROM_TO = r"(?:and|to|until|till|through|-|–)"


class DateReader:
    """Reads conditions on the date column of a catalog; nothing in a catalog without one.

    Args:
        catalog: Says which column holds dates (:func:`agent.catalog.dates.date_column`).
    """

    def __init__(self, catalog: Catalog) -> None:
        self.column = date_column(catalog)

    def read(self, text: str, today: date) -> list[Bound]:
        """Conditions in lower-case text in which the names of items are masked.

        Args:
            text: The text.
            today: What "last month" counts from.
        """
        if self.column is None:
            return []
        found = [
            Bound(self._constraints(days, words), span)
            for days, words, span in (*_bounded(text), *_bare_months(text, today), *_relative(text, today))
        ]
        return longest(found)

    def _constraints(self, days: tuple[date | None, date | None], words: str) -> tuple[Constraint, ...]:
        assert self.column is not None
        first, last = days
        found = []
        if first is not None:
            found.append(Constraint(self.column, ">=", first.isoformat(), words))
        if last is not None:
            found.append(Constraint(self.column, "<=", last.isoformat(), words))
        return tuple(found)


_Read = tuple[tuple[date | None, date | None], str, Span]


@cache
def _months() -> str:
    names = [m for m in table("years")["months"] if not m.startswith("(?:early")]
    return rf"(?:(?:{'|'.join(names)})\.?)(?![a-z])"


@cache
def _point() -> str:
    """A time finer than a year, with its year, as an expression without groups."""
    months, spans = _months(), "|".join(_SPANS)
    return (
        rf"(?:{_FULL}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?![\d-])"
        rf"|(?:the )?(?:{_DAY} (?:of )?)?{months}(?: {_DAY})?,? {_FULL}(?!\d|'?s\b)"
        rf"|(?:early |mid[ -]|late ){months},? {_FULL}(?!\d)"
        rf"|q[1-4][ /-]?{_FULL}(?!\d)|{_FULL}[ /-]?q[1-4](?!\w)"
        rf"|(?:the )?(?:{spans})[ -](?:of )?{_FULL}(?!\d|'?s\b)"
        rf"|{_FULL}年(?:1[0-2]|0?[1-9])月)"
    )


def _bounded(text: str) -> Iterator[_Read]:
    ranged = rf"(?<!\w)(?:(?:between|from|in) )?{_months()} {_FROM_TO} {_months()},? {_FULL}(?!\d)"
    for m in re.finditer(ranged, text):
        names = re.findall(_months(), m[0])
        year = int(re.findall(_FULL, m[0])[-1])
        begin, end = (_whole_month(year, _month_number(name)) for name in names[:2])
        yield (begin[0], end[1]), m[0].strip(), Span(m.start(), m.end())
    for op, compiled in bound_patterns(_point()):
        for m in compiled.finditer(text):
            points = [interval(p) for p in re.findall(_point(), m[0])]
            if not points or op == "!=" or _OF_LIFE.search(text[: m.start()]):
                continue
            first, last = min(p[0] for p in points), max(p[1] for p in points)
            if op == "range" and len(points) < 2:
                continue
            yield _by_operator(op, (first, last)), m[0].strip(), Span(m.start(), m.end())


def _by_operator(op: str, days: _Days) -> tuple[date | None, date | None]:
    first, last = days
    return {
        ">": (last + timedelta(days=1), None),
        ">=": (first, None),
        "<": (None, first - timedelta(days=1)),
        "<=": (None, last),
    }.get(op, (first, last))


def _bare_months(text: str, today: date) -> Iterator[_Read]:
    """Months without a year: the latest that has begun."""
    operators = {
        "since": ">=",
        "after": ">",
        "before": "<",
        "until": "<=",
        "till": "<=",
        "in": "==",
        "from": "==",
        "during": "==",
    }
    pattern = (
        rf"(?<!\w)(?:published |posted |submitted )?(?P<op>{'|'.join(operators)}) (?P<month>{_months()})"
        rf"(?!,? (?:\d|{_FROM_TO} {_months()}))"
        r"(?P<on> on(?= *(?:$|[,.;!?]))| onwards?)?(?= *(?:$|[,.;!?)]|\w))"
    )
    for m in re.finditer(pattern, text):
        number = _month_number(m["month"])
        year = today.year if number <= today.month else today.year - 1
        op = ">=" if m["on"] else operators[m["op"]]
        yield _by_operator(op, _whole_month(year, number)), m[0].strip(), Span(m.start(), m.end())


def _relative(text: str, today: date) -> Iterator[_Read]:
    for m in _with_numbers(_RELATIVE).finditer(text):
        days = _last(m, today)
        if days is not None:
            yield days, m[0].strip(), Span(m.start(), m.end())
    for m in _with_numbers(_AGE).finditer(text):
        yield (
            (today - timedelta(_number(m["n"]) * _UNITS[m["unit"]]), None),
            m[0].strip(),
            Span(m.start(), m.end()),
        )
    for m in _NOW.finditer(text):
        word = m["now"] or m["day"] or m["own"]
        start = {
            "week": today - timedelta(today.weekday()),
            "month": today.replace(day=1),
            "today": today,
            "yesterday": today - timedelta(1),
        }[word]
        yield (start, None), m[0].strip(), Span(m.start(), m.end())
    for m in _with_numbers(_ZH_LAST).finditer(text):
        count = _number(m["n"]) if m["n"] else 1
        yield (today - timedelta(count * _UNITS[m["unit"]]), None), m[0], Span(m.start(), m.end())
    for m in _ZH_WHOLE.finditer(text):
        unit = "month" if m["unit"] == "月" else "week"
        yield _calendar(unit, int(m["which"] == "上"), today), m[0], Span(m.start(), m.end())


def _last(m: re.Match[str], today: date) -> tuple[date | None, date | None] | None:
    """``last month`` is that of the calendar; ``the last month`` and ``the past 3 weeks`` end today."""
    unit, count = m["unit"], m["n"]
    if not count and not m["the"] and m["which"] != "past":
        if unit == "year":
            return None  # read with the years
        return _calendar(unit, 1, today)
    if unit == "year" and count:
        return None
    return today - timedelta((_number(count) if count else 1) * _UNITS[unit]), None


def _calendar(unit: str, back: int, today: date) -> tuple[date | None, date | None]:
    """The day, week or month so many back; what goes on has no end."""
    if unit == "day":
        return today - timedelta(back), None
    if unit == "week":
        start = today - timedelta(today.weekday() + 7 * back)
        return start, start + timedelta(6) if back else None
    first = today.replace(day=1)
    for _ in range(back):
        first = (first - timedelta(1)).replace(day=1)
    return first, _whole_month(first.year, first.month)[1] if back else None


def interval(words: str) -> _Days:
    """First and last day of ``march 2026``, ``5 march 2026``, ``2026-03``, ``q1 2026``, ``summer 2025``."""
    year = int(re.findall(_FULL, words)[0])
    if iso := re.search(r"-(\d\d)(?:-(\d\d))?(?!\d)", words):
        return _day_or_month(year, int(iso[1]), int(iso[2] or 0))
    if quarter := re.search(r"q([1-4])", words):
        last = 3 * int(quarter[1])
        return date(year, last - 2, 1), _whole_month(year, last)[1]
    if chinese := re.search(r"年(\d{1,2})月", words):
        return _whole_month(year, int(chinese[1]))
    month = re.search(_months(), words)
    if month is None:
        first, last = next(months for name, months in _SPANS.items() if name in words)
        return date(year, first, 1), _whole_month(year, last)[1]
    number = _month_number(month[0])
    start, end = _whole_month(year, number)
    part = next((p for p in _PARTS if words.startswith(p)), None)
    if part is not None:
        low, high = {"early": (1, 10), "mid": (11, 20), "late": (21, end.day)}[part]
        return start.replace(day=low), start.replace(day=high)
    day = re.search(r"(?<!\d)(\d{1,2})(?!\d)", words)
    return _day_or_month(year, number, int(day[1]) if day else 0)


def _day_or_month(year: int, month: int, day: int) -> _Days:
    if not 1 <= day <= monthrange(year, month)[1]:
        return _whole_month(year, month)
    return date(year, month, day), date(year, month, day)


def _whole_month(year: int, month: int) -> _Days:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _month_number(name: str) -> int:
    order = [m[:3] for m in table("years")["months"]]
    return order.index(name.strip(". ")[:3]) + 1


@cache
def _with_numbers(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The pattern with N as a number, in digits or words."""
    words = sorted((re.escape(w) for w in _numbers()), key=len, reverse=True)
    return re.compile(pattern.pattern.replace("N)", rf"\d{{1,3}}|{'|'.join(words)}|few|couple(?: of)?)"))


@cache
def _numbers() -> dict[str, int]:
    return {w: n for w, n in mapping("references", "numbers").items() if isinstance(n, int) and n > 1}


def _number(word: str) -> int:
    if word.isdigit():
        return int(word)
    return 2 if word.startswith("couple") else _numbers().get(word, 3)
