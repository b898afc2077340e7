"""Conditions on the numbers of a catalog: "under 90 minutes", "rated above 7", "for 4 players"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.catalog import Catalog
from agent.context import Constraint, Operator
from agent.understanding.lexicon import alternatives, mapping, table
from agent.understanding.text import Span
from agent.understanding.years import Bound

_FLIP: dict[str, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MINIMUM = ("players_min", "min_players", "minplayers", "minimum_players")
_MAXIMUM = ("players_max", "max_players", "maxplayers", "maximum_players")
_NOT = r"(?P<not>(?:not|no|isn't|nothing|never)\s+)?"


def numeric_columns(catalog: Catalog) -> tuple[str, ...]:
    """Attributes whose values (of the first 200 items that have one) are all numbers."""
    found = []
    for name in catalog.attribute_names:
        values = [v for v in (item.get(name) for item in catalog[:2000]) if v is not None and v != ""][:200]
        if values and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
            found.append(name)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Quantity:
    column: str
    units: Mapping[str, float]
    pattern: re.Pattern[str]


class QuantityReader:
    """Reads conditions on the numeric columns that a catalog has.

    Args:
        catalog: Its numeric attributes are the only fields that are ever returned.
    """

    def __init__(self, catalog: Catalog) -> None:
        columns = numeric_columns(catalog)
        by_name = {re.sub(r"[\s-]", "_", name.lower()): name for name in columns}
        self._quantities = list(_quantities(by_name))
        self._fewest = next((by_name[n] for n in _MINIMUM if n in by_name), None)
        self._most = next((by_name[n] for n in _MAXIMUM if n in by_name), None)

    def read(self, text: str) -> list[Bound]:
        """Conditions in lower-case text in which the names of items are masked."""
        found = [bound for quantity in self._quantities for bound in _read(text, quantity)]
        if self._most:
            found += self._players(text)
        found.sort(key=lambda b: (b.span.start - b.span.end, b.span.start))
        kept: list[Bound] = []
        for bound in found:
            if not any(bound.span.overlaps(other.span) for other in kept):
                kept.append(bound)
        return sorted(kept, key=lambda b: b.span)

    def _players(self, text: str) -> Iterator[Bound]:
        """A group of n can play where the fewest players are at most n and the most at least n."""
        for m in _group().finditer(text):
            if m["solo"]:
                low = high = 1
            else:
                low = _integer(m["low"] or m["bare"] or m["us"])
                high = _integer(m["high"]) if m["high"] else low
            words = m[0].strip()
            open_ended = bool(m["least"] or m["most"])
            if m["more"]:
                high += 1
            constraints = [Constraint(str(self._most), ">=", high, words)]
            if self._fewest and not open_ended and not m["more"]:
                constraints.append(Constraint(self._fewest, "<=", low, words))
            yield Bound(tuple(constraints), Span(m.start(), m.end()))


def _number_words() -> dict[str, float]:
    return mapping("references", "numbers")


def _group() -> re.Pattern[str]:
    names = "|".join(w for w, n in _number_words().items() if n >= 2 and " " not in w and w != "couple")
    number = rf"(?:\d{{1,2}}|{names})"
    return re.compile(
        rf"(?:(?P<least>at least |minimum |min )|(?P<most>up to |max(?:imum)? (?:of )?)|(?P<more>more than |over ))?(?:for |with |among )?(?<!\d)(?P<low>{number})(?:\s*(?:-|–|to|or)\s*(?P<high>{number}))?[ -]?(?:\+ )?(?:players?|people|persons?|player|of us|adults|friends|个?人)(?![a-z])"
        rf"|(?<!\w)(?:for|with) (?:a (?:group|party|family) of )?(?P<bare>{number})(?= *(?:$|[,.!?;]|and\b|under|below|that|which|over|with|who|tonight))"
        rf"|(?<!\w)(?:we are|we're|there are|there'll be|there will be|group of|party of|family of) (?P<us>{number})(?!\w| minutes| hours)"
        r"|(?P<solo>(?<!\w)(?:solo|single[- ]player|one[- ]player|1[- ]player|by myself|on my own|play alone)(?!\w))"
    )


def _integer(text: str) -> int:
    return int(text) if text.isdigit() else int(_number_words()[text])


def _quantities(by_name: Mapping[str, str]) -> Iterator[_Quantity]:
    """The quantities of the table that have a column here, then the columns by their own names."""
    used: set[str] = set()
    for entry in table("attributes")["quantity"]:
        column = next((by_name[c] for c in entry["columns"] if c in by_name), None)
        if column is not None and column not in used:
            used.add(column)
            yield _Quantity(column, entry["units"], _compile(entry))
    for name, column in by_name.items():
        if column in used or name in _MINIMUM + _MAXIMUM:
            continue
        spoken = re.escape(name).replace("_", "[ _]")
        entry = {"units": {spoken: 1}, "words": [rf"{spoken}(?: of| is)?"], "prefixes": [], "smaller": [], "larger": []}
        yield _Quantity(column, entry["units"], _compile(entry))


def _compile(entry: Mapping[str, Any]) -> re.Pattern[str]:
    compare = table("attributes")["compare"]
    before = "|".join(f"(?P<b{i}>{alternatives(listed)})" for i, listed in enumerate(compare["before"].values()))
    after = "|".join(f"(?P<a{i}>{alternatives(listed)})" for i, listed in enumerate(compare["after"].values()))
    numbers = "|".join(sorted((re.escape(w) for w in _number_words()), key=len, reverse=True))
    own = [*(f"(?P<smaller>(?:{'|'.join(entry['smaller'])}) than)" for _ in entry["smaller"][:1]), *(f"(?P<larger>(?:{'|'.join(entry['larger'])}) than)" for _ in entry["larger"][:1])]
    comparison = "|".join([*own, before])
    units = "|".join(sorted(entry["units"], key=len, reverse=True))
    prefix = rf"(?P<prefix>{'|'.join(entry['prefixes'])})?" if entry["prefixes"] else "(?P<prefix>(?!))?"
    return re.compile(
        rf"(?<![a-z0-9.])(?:(?P<word>{'|'.join(entry['words'])})\s+)?{_NOT}(?:(?:{comparison})\s*)?(?:between |an? |the )?(?:(?P<word2>{'|'.join(entry['words'])})\s+)?{prefix}\s*"
        rf"(?:(?P<from>\d+(?:[.,]\d+)?)\s*(?:-|–|to|and|到|至)\s*{prefix.replace('prefix', 'prefix2')}\s*)?(?P<number>\d+(?:[.,]\d+)?|(?:half an?|{numbers})(?!\w))(?P<halved> and a half)?(?:[\s-]*(?P<unit>{units})(?![a-z0-9]))?(?P<half> and a half)?"
        rf"(?:\s*(?:and\s*)?(?P<extra>\d{{1,2}})\s*(?:minutes?|mins?|m)(?!\w))?(?:\s*(?:{after}))?"
    )


def _read(text: str, quantity: _Quantity) -> Iterator[Bound]:
    compare = table("attributes")["compare"]
    for m in quantity.pattern.finditer(text):
        groups = m.groupdict()
        op: str | None = None
        for i, name in enumerate(compare["before"]):
            op = name if groups[f"b{i}"] else op
        op = "<" if groups.get("smaller") else ">" if groups.get("larger") else op
        if op and groups["not"]:
            op = _FLIP.get(op, op)
        for i, name in enumerate(compare["after"]):
            op = name if groups[f"a{i}"] else op
        if groups["from"] and groups["prefix"] is None and groups["unit"] is None and not (groups["word"] or groups["word2"]):
            continue
        named = groups["unit"] or groups["prefix"] or groups["word"] or groups["word2"] or groups.get("smaller") or groups.get("larger")
        spelled = not m["number"][0].isdigit()
        if groups["from"] and named:
            yield _range(m, groups, quantity)
            continue
        if not op or not named or (spelled and not groups["unit"]) or _is_year(m["number"], groups):
            continue
        value = _amount(m["number"], groups, quantity.units)
        yield Bound((Constraint(quantity.column, op, value, m[0].strip()),), Span(m.start(), m.end()))  # type: ignore[arg-type]


def _range(m: re.Match[str], groups: Mapping[str, str | None], quantity: _Quantity) -> Bound:
    """"Between 30 and 60 minutes"."""
    low = _amount(str(groups["from"]), {**groups, "half": None, "halved": None, "extra": None}, quantity.units)
    high = _amount(m["number"], groups, quantity.units)
    words = m[0].strip()
    return Bound(
        (Constraint(quantity.column, ">=", low, words), Constraint(quantity.column, "<=", high, words)),
        Span(m.start(), m.end()),
    )


def _is_year(number: str, groups: Mapping[str, str | None]) -> bool:
    return bool(re.fullmatch(r"(?:18|19|20)\d\d", number)) and not groups["unit"] and not groups["prefix"]


def _amount(number: str, groups: Mapping[str, str | None], units: Mapping[str, float]) -> float:
    """The number in the column's unit: "an hour and a half" is 90."""
    if number.startswith("half"):
        value = 0.5
    elif number[0].isdigit():
        value = float(number.replace(",", "."))
    else:
        value = float(_number_words()[number])
    if groups["half"] or groups["halved"]:
        value += 0.5
    unit = groups["unit"]
    factor = next((f for u, f in units.items() if unit and re.fullmatch(u, unit)), 1)
    total = value * factor + float(groups["extra"] or 0)
    return int(total) if total == int(total) else total
