"""Conditions on the numbers of a catalog: "under 90 minutes", "rated above 7", "for 4 players"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.catalog import Catalog
from agent.context import Constraint, Operator
from agent.understanding.bounds import Bound, longest
from agent.understanding.lexicon import alternatives, mapping, table
from agent.understanding.text import Span

_FLIP: dict[str, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_NAMING = ("unit", "prefix", "word", "word2", "smaller", "larger")
"""Groups of the pattern that tell which column is meant."""
_DIGITS = r"\d+(?:[.,]\d+)?"
_UNIT_AT_END = re.compile(
    r"(?P<name>.+?)_*(?:[(\[](?P<bracketed>[^\W\d]+)[)\]]"
    r"|_(?P<bare>kg|g|mg|lbs?|oz|km|m|cm|mm|miles|inches|gb|mb|tb|mah|w|kw|kwh|hz|ml|cl|l|kcal|cal|pages|years))"
)
_MINIMUM = ("players_min", "min_players", "minplayers", "minimum_players")
_MAXIMUM = ("players_max", "max_players", "maxplayers", "maximum_players")
_GRADED = ("rating", "score", "mean_rating", "average_rating")
_PRICED = ("price", "cost", "price_usd", "price_eur")
_OF_MONEY = re.compile(
    r"\b(?:spend\w*|budget|cheap\w*|afford|pay\w*|wallet|(?:in)?expensive|pric\w+|costs?)\b[^.!?;]*$"
)
_CLAUSE_ENDS = re.compile(r"\s*(?:$|[,.!?;:)]|and\b|but\b|or so\b|please\b)")
_BUDGET = re.compile(r"(?<![^,;:.] )\s*[^,;:.\w]*[\w ]{1,14}(?:$|[,;.!])")
"""An amount that is a clause by itself ("20 minutes, 15 quid")."""
_ONE_GRADE = r"(?:an? )?{}(?:\d(?:\.\d+)?|10))(?= *(?:$|[.,!?;)]|and\b|but\b|please|pls|or\b|out of))"
_GRADE = re.compile(
    r"(?<!\w)(?:nothing|not|no \w+|none)(?: \w+)? (?:lower than|less than|worse than|under|below|beneath) "
    + _ONE_GRADE.format("(?P<least>")
    + r"|(?<!\w)(?:nothing|not|no \w+|none)(?: \w+)? (?:higher than|better than) "
    + _ONE_GRADE.format("(?P<most>")
    + r"|(?<!\w)(?:at least|minimum|min|a minimum of) an? "
    + r"(?P<floor>\d(?:\.\d+)?|10)(?= *(?:$|[,.!?;)]|and\b|but\b|please|pls|or\b|out of))"
    + r"|(?<!\w)an? (?P<better>\d(?:\.\d+)?|10) (?:or|and) (?:better|higher|above|up|over)(?!\w)"
)
_NOT = (
    r"(?P<not>(?:not|no|isn't|nothing|never|none)\s+"
    r"(?:(?:with|rated|that(?:'s| is| has)?|having|of|at|a|an|scoring)\s+){0,3})?"
)


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
        self._graded = next((by_name[n] for n in _GRADED if n in by_name), None)
        self._most = next((by_name[n] for n in _MAXIMUM if n in by_name), None)

    def read(self, text: str) -> list[Bound]:
        """Conditions in lower-case text in which the names of items are masked."""
        found = [bound for quantity in self._quantities for bound in _read(text, quantity)]
        if self._most:
            found += self._players(text)
        if self._graded:
            found += self._grades(text)
        return longest(found)

    def _grades(self, text: str) -> Iterator[Bound]:
        """Bare numbers on a scale of ten ("nothing lower than a 7", "a 7 or better")."""
        for m in _GRADE.finditer(text):
            op: Operator = "<=" if m["most"] else ">="
            constraint = Constraint(str(self._graded), op, float(m[str(m.lastgroup)]), m[0])
            yield Bound((constraint,), Span(m.start(), m.end()))

    def _players(self, text: str) -> Iterator[Bound]:
        """A group of n can play where the fewest players are at most n and the most at least n."""
        for m in _group().finditer(text):
            if m["solo"] or m["pair"]:
                low = high = 1 if m["solo"] else 2
            else:
                low = _integer(m["low"] or m["bare"] or m["us"] or m["can"] or m["few"])
                high = _integer(m["high"]) if m["high"] else low
            words = m[0].strip()
            open_ended = bool(m["least"] or m["most"] or m["few"])
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
        r"(?:(?P<least>at least |minimum |min )|(?P<most>up to |max(?:imum)? (?:of )?)"
        rf"|(?P<more>more than |over ))?(?:for |with |among )?(?<!\d)(?P<low>{number})(?:\s*(?:-|–|to"
        rf"|or)\s*(?P<high>{number}))?[ -]?(?:\+ )?(?:players?|people|persons?|player|of us|adults"
        r"|friends|heads|guests|humans|mates|folks|grown-ups|个?人)(?![a-z])"
        rf"|(?<!\w)(?:for|with) (?:a (?:group|party|family) of )?(?P<bare>{number})(?= *(?:$|[,.!?;]"
        r"|before\b|after\b|during\b|in (?:the|an?|my|our)\b|to (?:play|start|share)"
        r"|when\b|where\b|if\b|so\b|please\b|pls\b|-|–"
        r"|and\b|under|below|that|which|over|with|who|tonight|at (?:the|a|my|our|once)|on|but|as|or so))"
        rf"|(?<!\w)for (?P<few>{number})(?: or more| and up|\+)"
        r"(?! *(?:minutes|hours|years|stars|dollars|euros))"
        r"|(?<!\w)(?:we are|we're|there are|there'll be|there will be|group of|party of"
        rf"|family of|there'?s|seats?|seating|sits|takes|fits|supports|accommodates|handles|works with"
        rf"|plays(?: well)? with"
        rf"|our lot is|we(?:'ll| will) be) (?:up to |at least )?(?P<us>{number})(?!\w| minutes| hours"
        rf"| of them)"
        rf"|(?<!\w)(?P<can>{number}) (?:can (?:all )?(?:play|join|take part|sit|get in)"
        r"|at (?:the|a|one|our) table|around the table|at once)"
        r"|(?P<pair>(?<!\w)(?:(?:just |only )?(?:me|myself) and (?:my|the|a|one) \w+|(?:my"
        r"|the) \w+ and (?:i|me)(?= *(?:$|[,.!?;]"
        r"|want|need|alone|only))|(?:just )?the two of us|two[- ]players?|couples?(?= (?:game|night))"
        r"|a couple(?= *(?:$|[,.!?;])))(?!\w))"
        r"|(?P<solo>(?<!\w)(?:solo|single[- ]player|one[- ]player|1[- ]player|by myself|on my own"
        r"|play alone|on your own|solitaire)(?!\w))"
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
        named, unit = _named_with_unit(name)
        spoken = re.escape(named).replace("_", "[ _]")
        entry = {
            "units": {spoken: 1} | ({re.escape(unit): 1} if unit else {}),
            "words": [rf"{spoken}(?: of| is)?"],
            "prefixes": [],
            "smaller": [],
            "larger": [],
        }
        yield _Quantity(column, entry["units"], _compile(entry))


def _named_with_unit(column: str) -> tuple[str, str]:
    """What a column is called and its unit at the end (``weight_(kg)``, ``weight_kg``), or ""."""
    m = _UNIT_AT_END.fullmatch(column)
    return (m["name"], m["bracketed"] or m["bare"]) if m else (column, "")


def _compile(entry: Mapping[str, Any]) -> re.Pattern[str]:
    """Comparison, column, prefix, number, unit and comparison after it; all but the number may be absent."""
    compare = table("attributes")["compare"]
    before = [f"(?P<b{i}>{alternatives(words)})" for i, words in enumerate(compare["before"].values())]
    after = [f"(?P<a{i}>{alternatives(words)})" for i, words in enumerate(compare["after"].values())]
    own = [f"(?P<{name}>(?:{'|'.join(entry[name])}) than)" for name in ("smaller", "larger") if entry[name]]
    spelled = "|".join(sorted((re.escape(w) for w in _number_words()), key=len, reverse=True))
    units = "|".join(sorted(entry["units"], key=len, reverse=True))
    prefixes = "|".join(entry["prefixes"]) or "(?!)"
    column = "|".join(entry["words"])
    return re.compile(
        rf"(?<![a-z0-9.]){_NOT}(?:(?P<word>{column})\s+)?(?:(?:{'|'.join(own + before)})\s*)?"
        rf"(?:between |an? |the )?(?:(?P<word2>{column})\s+)?(?P<prefix>{prefixes})?\s*"
        rf"(?:(?P<from>{_DIGITS})\s*(?:-|–|to|and|到|至)\s*(?:{prefixes})?\s*)?"
        rf"(?P<number>{_DIGITS}|(?:half an?|{spelled})(?![a-z0-9]))(?P<halved> and a half)?"
        rf"(?:[\s-]*(?P<unit>{units})(?![a-z0-9]))?(?P<half> and a half)?"
        r"(?:\s*(?:and\s*)?(?P<extra>\d{1,2})\s*(?:minutes?|mins?|m)(?!\w))?"
        rf"(?:\s*(?:{'|'.join(after)}))?"
    )


def _read(text: str, quantity: _Quantity) -> Iterator[Bound]:
    for m in quantity.pattern.finditer(text):
        groups = m.groupdict()
        words, span = m[0].strip(), Span(m.start(), m.end())
        rated = quantity.column in _GRADED and "rated" in words
        rated |= quantity.column in _PRICED and bool(_OF_MONEY.search(text, 0, span.end))
        rated &= bool(_CLAUSE_ENDS.match(text, span.end))
        if _is_year(groups) or not (rated or any(groups.get(name) for name in _NAMING)):
            continue
        value = _amount(groups, quantity.units)
        if groups["from"]:
            low = _amount({"number": groups["from"], "unit": groups["unit"]}, quantity.units)
            bounds: list[tuple[Operator, float]] = [(">=", low), ("<=", value)]
        else:
            op = _operator(groups)
            # "an hour" needs its unit: "a" and "one" are articles otherwise.
            named = groups["unit"] or groups["word"] or groups["word2"] or rated
            spelled = not groups["number"][0].isdigit() and not named
            if (
                op is None
                and groups["unit"]
                and _BUDGET.match(text, span.start)
                and quantity.column in _PRICED
            ):
                op = "<="
            bounds = [] if op is None or spelled else [(op, value)]
        if bounds:
            yield Bound(tuple(Constraint(quantity.column, op, v, words) for op, v in bounds), span)


def _operator(groups: Mapping[str, str | None]) -> Operator | None:
    """The comparison: what stands after the number counts before what stands in front of it."""
    compare = table("attributes")["compare"]
    after = [op for i, op in enumerate(compare["after"]) if groups[f"a{i}"]]
    before = [op for i, op in enumerate(compare["before"]) if groups[f"b{i}"]]
    before += [op for op, name in (("<", "smaller"), (">", "larger")) if groups.get(name)]
    if after:
        return after[0]
    return _FLIP.get(before[0], before[0]) if before and groups["not"] else before[0] if before else None


def _is_year(groups: Mapping[str, str | None]) -> bool:
    year = re.fullmatch(r"(?:18|19|20)\d\d", groups["number"] or "")
    return bool(year) and not groups["unit"] and not groups["prefix"]


def _amount(groups: Mapping[str, str | None], units: Mapping[str, float]) -> float:
    """The number in the column's unit: "an hour and a half" is 90."""
    number, unit = groups["number"] or "", groups["unit"]
    if number.startswith("half"):
        value = 0.5
    elif number[0].isdigit():
        value = float(number.replace(",", "."))
    else:
        value = float(_number_words()[number])
    value += 0.5 * bool(groups.get("half") or groups.get("halved"))
    factor = next((f for u, f in units.items() if unit and re.fullmatch(u, unit)), 1)
    total = value * factor + float(groups.get("extra") or 0)
    return int(total) if total == int(total) else total
