"""Verdicts in numbers: "8/10", "three out of five", "4 stars", "a solid 7"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from agent.understanding.lexicon import mapping

_ATTITUDES = ((0.85, 2), (0.65, 1), (0.5, 0), (0.25, -1), (0.0, -2))
"""The least share of the scale for each attitude."""
_REQUIRED = re.compile(
    r"(?:over|above|under|below|at least|than|least|minimum|min|rated|ratings?(?: of)?|scor\w+|from"
    r"|between)\s+$"
)
"""Before a grade that is asked of what is shown."""


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(
        sorted((re.escape(w) for w in mapping("references", "numbers") if w.isascii()), key=len, reverse=True)
    )
    number = rf"(?:\d{{1,3}}(?:\.\d+)?|(?:{words})(?![a-z]))"
    return re.compile(
        rf"(?<![\w.])(?P<of>{number})(?:\s*/\s*|\s+out\s+of\s+)(?P<scale>5|10|100|five|ten|a hundred)(?!\w)"
        rf"|(?<![\w.])(?P<stars>{number})(?:\s+and a half)?[ -]stars?(?!\w)(?:\s+(?:out of|/)\s*(?:5|five))?"
        r"|(?<=\ue000)\s*[:=–-]\s*(?P<bare>\d(?:\.\d)?|10)(?=\s*(?:[.,;!)]\D|[.,;!)]?$|\n))"
        r"|(?P<shown>[★⭐✩☆]{1,5})"
        r"|(?:a (?:solid|strong|weak|generous|mere|clear|easy|low|high|firm) |(?:give|gave|gets?|giving) "
        r"(?:it|this|that|them|\ue000+) (?:an? )?"
        r"|(?<=\ue000)\s+(?:gets?|got|earns|earned|scores|is|was) (?:an? |only an? )?)"
        r"(?P<plain>\d(?:\.\d)?|10)"
        r"(?![\w%]|\s*(?:/|out|stars?|times?|hours?|minutes|days|years|more|of|tries|chances?))"
    )


def grades(text: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and attitude of each grade in lower-case text; stars are of five, bare numbers of ten."""
    for m in _pattern().finditer(text):
        if _REQUIRED.search(text[: m.start()]):
            continue
        if m["shown"]:
            share = sum(c in "★⭐" for c in m["shown"]) / 5
        elif m["stars"]:
            share = _number(m["stars"]) / 5
        elif m["plain"] or m["bare"]:
            share = _number(m["plain"] or m["bare"]) / 10
        else:
            share = _number(m["of"]) / (100 if m["scale"] == "a hundred" else _number(m["scale"]))
        yield m.start(), m.end(), next(value for least, value in _ATTITUDES if share >= least)


def _number(text: str) -> float:
    return float(text) if text[0].isdigit() else float(mapping("references", "numbers")[text])
