"""Which items an utterance names.

Every run of words that is a form of a title is a candidate; the longest plausible ones are taken.
What is plausible depends on how much the words say by themselves: "inception" is enough, "drive"
needs a capital, quotes, a year or words like "watched" before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agent.catalog import Catalog
from agent.understanding.around import listed_words
from agent.understanding.passage import Passage
from agent.understanding.plausibility import goes_on, is_title, may_be_title
from agent.understanding.runs import capital_runs
from agent.understanding.spelling import misspelt_titles, quoted_titles
from agent.understanding.text import Span
from agent.understanding.titles import Titles
from agent.understanding.words import Words

_YEAR = r"(?:18|19|20)\d\d"
_YEAR_IN_BRACKETS = re.compile(rf"\s*[\"'”’»》]?,?\s*[(\[（]\s*(?P<year>{_YEAR})\s*[)\]）]")
_YEAR_AFTER = re.compile(
    rf"\s*[\"'”’»》]?,?\s*(?:from|of)\s+(?P<year>{_YEAR})(?!\s*(?:to|-|–|or|and|on))"
    rf"|\s+(?P<bare>{_YEAR})(?=\s*(?:$|[,.!?;)]|and|or|but|was|is))"
)
_YEAR_BEFORE = re.compile(rf"(?P<year>{_YEAR})(?:'s)?\s+[\"'“]?$")
_SERIES_AFTER = re.compile(r"\s+(?:movies|films|series|franchise|saga|trilogy|ones)\b", re.I)
_SERIES_BEFORE = re.compile(r"\ball (?:of )?(?:the |three |four |five |those )*$", re.I)


@dataclass(frozen=True, slots=True)
class Found:
    """An item named in the text: catalog rows, best first, and the characters that name it."""

    rows: tuple[int, ...]
    span: Span


class MentionFinder:
    """Finds the items that an utterance names.

    Args:
        catalog: The catalog; the index of its titles is built here, once.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._titles = Titles(catalog)

    def find(
        self, passage: Passage, blocked: Sequence[Span] = (), shown: Collection[int] = ()
    ) -> list[Found]:
        """Items named in a text, in order.

        Args:
            passage: A readable text (see :func:`agent.understanding.text.readable`).
            blocked: Spans that are something else (categories) unless a longer or quoted title holds them.
            shown: Rows of the last list, whose names need less to be recognised.
        """
        found = self._spelt(passage, blocked, shown)
        found += [Found(*p) for p in quoted_titles(passage, self._titles, [f.span for f in found])]
        taken = [*(f.span for f in found), *blocked]
        found += [Found(*p) for p in misspelt_titles(passage, self._titles, taken)]
        return sorted(found, key=lambda f: f.span)

    def _spelt(self, passage: Passage, blocked: Sequence[Span], shown: Collection[int]) -> list[Found]:
        """Titles as they are spelt, the longest first, then those that only a list makes plausible."""
        matches = self._titles.matches([t.norm for t in passage.tokens])
        found: list[Found] = []
        taken: list[Span] = []
        doubtful: list[tuple[Span, Words, Found]] = []
        for first, last, form in sorted(matches, key=self._order):
            words = Words(passage, first, last)
            item = None if any(words.span.overlaps(t) for t in taken) else self._item(words, form)
            if item is None or goes_on(words):
                continue
            if self._certain(words, item) or self._plausible(words, form, item, blocked, shown):
                taken.append(words.span)
                found.append(item)
            elif may_be_title(words) and not any(b.overlaps(words.span) for b in blocked):
                doubtful.append((words.span, words, item))
        for span, words, item in sorted(doubtful, key=lambda d: d[0]):
            if words.listed_with(taken) and not any(span.overlaps(t) for t in taken):
                taken.append(span)
                found.append(item)
        return found

    def _order(self, match: tuple[int, int, str]) -> tuple[int, float, int]:
        """The longest first, then the most popular, then in the order of the text."""
        first, last, form = match
        return first - last, -self._titles.popularity(form), first

    def _item(self, words: Words, form: str) -> Found | None:
        """The rows a form means here: of the year beside it, the whole series, or all; None if none."""
        text, span, rows = words.passage.text, words.span, self._titles.forms[form].rows
        if bracket := _YEAR_IN_BRACKETS.match(text, span.end):
            dated = self._titles.of_year(rows, int(bracket["year"]))
            return Found(dated, Span(span.start, bracket.end())) if dated else None
        if after := _YEAR_AFTER.match(text, span.end):
            dated = self._titles.of_year(rows, int(after["year"] or after["bare"]))
            return Found(dated, Span(span.start, after.end())) if dated else Found(rows, span)
        before = _YEAR_BEFORE.search(text, 0, span.start)
        if before and (dated := self._titles.of_year(rows, int(before["year"]))):
            return Found(dated, Span(before.start(), span.end))
        if _SERIES_AFTER.match(text, span.end) or _SERIES_BEFORE.search(text, 0, span.start):
            return Found(self._titles.series(form), span)
        return Found(rows, self._with_mark(text, span, rows[0]))

    def _with_mark(self, text: str, span: Span, row: int) -> Span:
        """The span with the mark that ends the title where the sentence goes on ("Airplane! and ...")."""
        follows = re.match(r"[!?]\s*(?:,|[a-z])", text[span.end : span.end + 8])
        own = follows and self._catalog[row].title.endswith(follows[0][0])
        return Span(span.start, span.end + 1) if own else span

    @staticmethod
    def _certain(words: Words, item: Found) -> bool:
        """Whether quotes or the item's year leave no doubt."""
        dated = item.span.start != words.span.start or item.span.end > words.span.end + 1
        return words.quoted or dated

    def _plausible(
        self, words: Words, form: str, item: Found, blocked: Sequence[Span], shown: Collection[int]
    ) -> bool:
        span = words.span
        if any(b.start <= span.start and span.end <= b.end for b in blocked) and not words.named:
            return False
        known = self._titles.popular(form) or any(row in shown for row in item.rows)
        return is_title(words, self._titles.forms[form].level, known)


def unknown_titles(passage: Passage, taken: Sequence[Span], blocked: Sequence[Span] = ()) -> list[Span]:
    """Quoted spans and capitalised runs that read like titles but are not in the catalog.

    Args:
        passage: The text.
        taken: Spans of the items that were found.
        blocked: Spans that are something else: categories, names of people.
    """
    found = [s for s in passage.quotes if not any(s.overlaps(t) for t in taken)]
    blocked = [*blocked, *passage.quotes]
    for words in capital_runs(passage, taken):
        if any(words.span.overlaps(s) for s in [*taken, *blocked]) or words.person or not _nameable(words):
            continue
        dated = _YEAR_IN_BRACKETS.match(passage.text, words.span.end)
        likely = words.cued or words.judged or words.listed_with([*taken, *found]) or len(words.content) > 1
        if likely or dated:
            found.append(words.span)
    return sorted(found)


def _nameable(words: Words) -> bool:
    """Whether there is a word that may be (in) a title: "March 2026" has none, "It" is one by itself."""
    return len(words.tokens) == 1 or any(
        not n.isdigit() and n not in listed_words("never") for n in words.content
    )
