"""Categories that an utterance names, in people's words and the catalog's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from agent.catalog import Catalog
from agent.context import fold
from agent.understanding.lexicon import alternatives, common_words, pattern, table
from agent.understanding.text import Span

_JOIN = re.compile(
    r"[\s/,、&-]*(?:(?:and|or|nor|和|与|或者?|还是|plus)[\s/]*)?(?:an? |any |some |no |the )?$"
)


_ASKED = re.compile(
    r"\b(?:give me|show me|find me|recommend|suggest|want|need|looking for|preferably|ideally|strictly|mostly"
    r"|mainly|purely|maybe|perhaps|only(?: (?:read|watch|play|want|do))?)(?: [\w'-]+){0,3}\s+$"
)
"""Before the name of a field that is asked for ("give me old-fashioned information retrieval")."""
_DATED = re.compile(r"\s*(?:published|released|written|dated|from|since|after|before|by|that|which|listed)\b")
_PREFERRED = re.compile(r"\b(?:preferably|ideally|strictly|mostly|mainly|purely)\s+$")


@dataclass(frozen=True, slots=True)
class CategorySpan:
    """Words that name categories of the catalog; ``together`` where an item must have all of them."""

    values: tuple[str, ...]
    span: Span
    together: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class _Family:
    pattern: re.Pattern[str]
    values: tuple[str, ...]
    together: bool
    weak: bool


class CategoryFinder:
    """Finds a catalog's categories in text.

    Args:
        catalog: Its category names are the only ones that are ever returned.
    """

    def __init__(self, catalog: Catalog) -> None:
        own = {fold(name): name for name in catalog.categories}
        self._families = list(_families(own))

    def find(self, text: str, blocked: Sequence[Span] = ()) -> list[CategorySpan]:
        """Category names in lower-case text, in order; the longest where they overlap."""
        found = [
            CategorySpan(family.values, Span(m.start(), m.end()), family.together, family.weak)
            for family in self._families
            for m in family.pattern.finditer(text)
        ]
        found.sort(key=lambda c: (c.span.start - c.span.end, c.weak, c.span.start))
        kept: list[CategorySpan] = []
        for category in found:
            if not any(category.span.overlaps(s) for s in [*blocked, *(k.span for k in kept)]):
                kept.append(category)
        kept.sort(key=lambda c: c.span)
        sure = [c.span for c in kept if not c.weak]
        meant = []
        for category in kept:
            if not category.weak or _meant(text, category.span, sure):
                meant.append(category)
                sure.append(category.span)
        return meant


def _families(own: dict[str, str]) -> Iterable[_Family]:
    """The families that the catalog has names for, and a family for each name without one."""
    named: set[str] = set()
    for entry in table("categories")["family"]:
        values = tuple(own[fold(name)] for name in entry["names"] if fold(name) in own)
        together = entry.get("all", False)
        if not values or (together and len(values) < len(entry["names"])):
            continue
        values = values if together else values[:1]
        named.update(values if not together else ())
        for words, weak in ((entry["words"], False), (entry.get("weak", []), True)):
            if words:
                yield _Family(pattern(words), values, together, weak)
    for folded, name in own.items():
        if not re.search(r"\w", folded):
            continue
        weak = (
            folded in common_words()
            or len(folded) < 3
            or (folded.endswith("s") and folded[:-1] in common_words())
        )
        if name in named and weak:
            continue
        plural = "(?:e?s)?" if folded[-1].isalpha() and not folded.endswith("s") else ""
        spaced = re.sub(r"(?:\\ |\\-)+", "[- ]", re.escape(folded))
        yield _Family(pattern([spaced + plural]), (name,), False, weak)


@cache
def grammar(name: str, end: str) -> re.Pattern[str]:
    """Words of the lexicon that stand right before or after a category, by what they make of it."""
    words = alternatives(table("categories")["grammar"][name])
    return re.compile(rf"(?:{words})\s*$" if end == "before" else rf"\s*-?(?:{words})")


def _meant(text: str, span: Span, strong: Sequence[Span]) -> bool:
    """Whether an everyday word is meant as a category."""
    if grammar("kinds", "after").match(text, span.end):
        return True
    before = text[max(0, span.start - 40) : span.start]
    ends = re.match(r"\s*(?:$|[,.!?;:]|and\b|or\b|but\b|please|pls)", text[span.end :])
    if grammar("exclude", "before").search(before) and (ends or re.search(r"\b(?:no|non)[ -]+$", before)):
        return True
    asked = (_PREFERRED if text[span.start : span.end].isalpha() else _ASKED).search(before)
    if (ends and asked) or (
        (ends or _DATED.match(text, span.end))
        and re.search(
            r"\b(?:published|papers?|articles?|anything|something|stuff|work|research|new)\b.{0,25}\b(?:in|on"
            r"|about|from)\s+$",
            before,
        )
    ):
        return True
    if re.search(r"(?:^|[,.;:!?]\s*)(?:and |or |but |also |maybe |so )?$", before) and re.match(
        r"\s*(?:$|[,.;/&]|or\b|and\b)", text[span.end :]
    ):
        return True
    if re.search(
        r"(?:\bi (?:really )?(?:love|like|hate|enjoy|dislike)|\binto|\bfans? of|\bmore|\bless|\bsome"
        r"|\bany|\bonly|\bgenre:?|\bjust)\s+$",
        before,
    ):
        return bool(ends)
    goes_on = not ends and re.match(r"\s*\w", text[span.end :])
    return any(
        0 <= gap <= 6 and not (goes_on and other < span) and re.fullmatch(_JOIN.pattern, between)
        for other in strong
        for gap, between in (
            (span.start - other.end, text[other.end : span.start]),
            (other.start - span.end, text[span.end : other.start]),
        )
    )
