"""Which items an utterance names.

Every run of words that is a form of a title is a candidate; the longest plausible ones are taken.
What is plausible depends on how much the words say by themselves: "inception" is enough, "drive"
needs a capital, quotes, a year or words like "watched" before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from agent.catalog import Catalog
from agent.understanding import lexicon
from agent.understanding.capitals import Passage, Words
from agent.understanding.lexicon import common_words
from agent.understanding.text import Span, word_key
from agent.understanding.titles import NEAR, PART, Titles

FUZZY_QUOTED = 84.0
FUZZY = 88.0
"""Least similarity (0..100) of a misspelt title in quotes or capitals, and in running text."""

MAX_ODD_WORDS = 8
"""How many words that are neither everyday nor part of a title are looked up as misspelt titles."""

_YEAR = r"(?P<year>(?:18|19|20)\d\d)"
_YEAR_AFTER = re.compile(rf"\s*[\"'”’»》]?,?\s*(?:[(\[（]\s*{_YEAR}\s*[)\]）]|(?:from|of)\s+{_YEAR.replace('year', 'y2')}(?!\s*(?:to|-|–|or|and|on)))")
_YEAR_BARE = re.compile(rf"\s+{_YEAR}(?=\s*(?:$|[,.!?;)]|and|or|but|was|is))")
_YEAR_BEFORE = re.compile(rf"{_YEAR}(?:'s)?\s+[\"'“]?$")
_SERIES_AFTER = re.compile(r"\s+(?:movies|films|series|franchise|saga|trilogy|ones)\b", re.I)
_SERIES_BEFORE = re.compile(r"\ball (?:of )?(?:the |three |four |five |those )*$", re.I)
_SEQUEL = re.compile(r"\s+(?:(?:part|vol\.?|volume|chapter|episode)\s+)?(?P<number>\d{1,2}|[IVX]{2,4})(?![\w:%/]|\s*(?:/|out of|stars?|times?|minutes|hours))")
_SUBTITLE = re.compile(r"\s?[:–—]\s*[A-Z0-9]|\s-\s[A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Found:
    """An item named in the text: catalog rows, best first, and the characters that name it."""

    rows: tuple[int, ...]
    span: Span

    def text(self, utterance: str) -> str:
        """The words themselves."""
        return utterance[self.span.start : self.span.end]


@dataclass(frozen=True, slots=True)
class _Candidate:
    first: int
    last: int
    form: str


class MentionFinder:
    """Finds the items and the unknown titles that an utterance names.

    Args:
        catalog: The catalog; the title index is built here, once.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.titles = Titles(catalog)

    def find(
        self, passage: Passage, blocked: Sequence[Span] = (), shown: Collection[int] = ()
    ) -> list[Found]:
        """Items named in a text, in order.

        Args:
            passage: A readable text (see :func:`agent.understanding.text.readable`).
            blocked: Spans that are something else (categories) unless a longer or quoted title holds them.
            shown: Rows of the last list, whose names need less to be recognised.
        """
        found = self._exact(passage, blocked, shown)
        found += self._quoted_parts(passage, found)
        found += self._misspelt(passage, found, blocked)
        return sorted(found, key=lambda f: f.span)

    def _exact(self, passage: Passage, blocked: Sequence[Span], shown: Collection[int]) -> list[Found]:
        candidates = [_Candidate(*m) for m in self.titles.matches([t.norm for t in passage.tokens])]
        candidates.sort(key=lambda c: (c.first - c.last, self.titles.forms[c.form].level, c.first))
        taken: list[Words] = []
        found, doubtful = [], []
        for candidate in candidates:
            words = passage.words(candidate.first, candidate.last)
            if any(words.span.overlaps(other.span) for other in taken):
                continue
            item = self._dated(words, candidate.form)
            if item is None:
                continue
            if self._plausible(words, candidate.form, item, blocked, shown):
                taken.append(words)
                found.append(item)
            elif self._possible(words, blocked):
                doubtful.append((words, item))
        # "Inception, drive and heat": what stands in one list with titles is a title.
        for words, item in sorted(doubtful, key=lambda d: d[0].span):
            if any(words.span.overlaps(other.span) for other in taken):
                continue
            if words.listed_with([other.span for other in taken]):
                taken.append(words)
                found.append(item)
        return found

    def _dated(self, words: Words, form: str) -> Found | None:
        """The rows a form means here: of the year beside it, the whole series, or all; None if none."""
        text, span, of = words.passage.text, words.span, self.titles.forms[form]
        after = _YEAR_AFTER.match(text, span.end) or _YEAR_BARE.match(text, span.end)
        if after:
            year = int(after["year"] or after.groupdict().get("y2") or 0)
            rows = self.titles.of_year(of.rows, year)
            if rows:
                return Found(rows, Span(span.start, after.end()))
            return None if "(" in after[0] or "[" in after[0] else Found(of.rows, span)
        before = _YEAR_BEFORE.search(text, 0, span.start)
        if before and (rows := self.titles.of_year(of.rows, int(before["year"]))):
            return Found(rows, Span(before.start(), span.end))
        if _SERIES_AFTER.match(text, span.end) or _SERIES_BEFORE.search(text, 0, span.start):
            return Found(self.titles.series(form), span)
        return Found(of.rows, self._with_mark(text, span, of.rows[0]))

    def _with_mark(self, text: str, span: Span, row: int) -> Span:
        """The span with the mark that ends the title, where it does not end the sentence ("Airplane! and ...")."""
        mark = text[span.end : span.end + 1]
        goes_on = re.match(r"[!?]\s*(?:,|[a-z])", text[span.end :])
        return Span(span.start, span.end + 1) if goes_on and self.catalog[row].title.endswith(mark) else span

    def _plausible(
        self, words: Words, form: str, item: Found, blocked: Sequence[Span], shown: Collection[int]
    ) -> bool:
        """Whether words that spell a title are meant as one."""
        text, span = words.passage.text, words.span
        if self._goes_on(words):
            return False
        if words.quoted or item.span.start != span.start or item.span.end > span.end + 1:
            return True
        if words.after_person and not words.cued and len(words.tokens) < 3:
            return False
        if any(b.start <= span.start and span.end <= b.end for b in blocked) and not words.named:
            return False
        known = self.titles.popular(form) or any(row in shown for row in item.rows)
        if words.norms[0].isdigit() and len(words.tokens) == 1:
            return words.cued and words.followed and not re.match(r"\s*\w+s\b", text[span.end :])
        if len(words.tokens) == 1:
            return self._plausible_word(words, known)
        if words.everyday and not words.titled:
            return False
        if words.titled and words.inside_sentence:
            return self.titles.forms[form].level <= NEAR or not words.in_longer_name
        if self.titles.forms[form].level >= PART and not (words.titled or words.cued or known):
            return False
        if words.odd:
            return True
        content = words.content
        if len(content) >= 2:
            return known or words.cued or len(content) > 3
        return bool(content) and words.cued and words.followed and (known or words.titled)

    @staticmethod
    def _plausible_word(words: Words, known: bool) -> bool:
        norm = words.norms[0]
        capital = words.titled and words.inside_sentence
        if words.in_longer_name or len(norm) == 1 and not (words.named and capital):
            return False
        if words.odd:
            return capital or words.cued or known or words.listed or len(norm) > 6
        if norm in never_words():
            if capital:
                return (words.cued and words.followed) or words.listed
            return norm not in pronouns() and words.titled and words.judged and known
        if capital:
            return words.cued or words.followed or words.judged
        if words.titled and (words.judged or words.alone or words.rated):
            return known or words.alone
        return known and words.cued and words.followed

    @staticmethod
    def _possible(words: Words, blocked: Sequence[Span]) -> bool:
        """Whether words that are too common by themselves may still be a title within a list of titles."""
        if words.everyday or not words.content or words.in_longer_name or words.norms[0].isdigit():
            return False
        if len(words.tokens) == 1 and (words.norms[0] in never_words() and not words.titled):
            return False
        return words.followed and not any(b.overlaps(words.span) for b in blocked)

    @staticmethod
    def _goes_on(words: Words) -> bool:
        """Whether a number or subtitle follows that makes it another title ("Toy Story 4")."""
        text, end = words.passage.text, words.span.end
        if _SEQUEL.match(text, end) and not (len(words.tokens) == 1 and words.norms[0] in common_words() and not words.titled):
            return True
        return words.titled and words.passage.informative and bool(_SUBTITLE.match(text, end))

    def _quoted_parts(self, passage: Passage, found: list[Found]) -> list[Found]:
        """Parts of long titles and misspelt titles, in quotes or (three words or more) in capitals."""
        taken = [f.span for f in found]
        runs = [w.span for w in passage.capital_runs(taken) if len(w.tokens) > 2]
        parts = []
        for span in [*passage.quotes, *runs]:
            words = word_key(passage.text[span.start : span.end])
            if not words or any(span.overlaps(t) for t in taken):
                continue
            near = self.titles.similar(words, FUZZY_QUOTED)
            rows = self.titles.forms[near[0]].rows if near else self.titles.containing(words)
            if rows:
                parts.append(Found(rows, span))
                taken.append(span)
        return parts

    def _misspelt(self, passage: Passage, found: list[Found], blocked: Sequence[Span]) -> list[Found]:
        """Titles with a slip: runs of words around one that is neither everyday nor taken."""
        taken = [f.span for f in found] + list(blocked) + passage.quotes
        result: list[Found] = []
        odd = [
            i
            for i, token in enumerate(passage.tokens)
            if len(token.norm) > 4
            and token.norm.isalpha()
            and token.norm.isascii()
            and token.norm not in common_words()
            and not any(Span(token.start, token.end).overlaps(t) for t in taken)
        ]
        for index in odd[:MAX_ODD_WORDS]:
            best = self._best_window(passage, index, [*taken, *(r.span for r in result)])
            if best:
                result.append(best)
        return result

    def _best_window(self, passage: Passage, index: int, taken: list[Span]) -> Found | None:
        best: tuple[float, Found] | None = None
        for words in passage.windows(index, 4):
            if any(words.span.overlaps(t) for t in taken) or words.after_person or words.in_longer_name:
                continue
            joined = " ".join(words.norms)
            threshold = FUZZY_QUOTED if words.titled and passage.informative and len(joined) > 7 else FUZZY
            near = self.titles.similar(joined, threshold)
            if near is None or not self._trusted(words, *near) or self._goes_on(words):
                continue
            if best is None or near[1] + len(words.tokens) > best[0]:
                best = near[1] + len(words.tokens), Found(self.titles.forms[near[0]].rows, words.span)
        return best[1] if best else None

    def _trusted(self, words: Words, form: str, score: float) -> bool:
        """A single misspelt word must be nearer to a known title than to any everyday word."""
        if len(words.tokens) > 1:
            return not set(words.norms[:1] + words.norms[-1:]) - set(form.split()) - set(words.odd) or score > 94
        plural = words.norms[0].rstrip("s") == form.split()[-1].rstrip("s")
        if len(words.norms[0]) < 6 or not (self.titles.popular(form) or not plural and (words.cued or words.titled)):
            return False
        return not near_everyday(words.norms[0], score)

    @staticmethod
    def unknown(passage: Passage, taken: Sequence[Span], blocked: Sequence[Span] = ()) -> list[Span]:
        """Quoted spans and capitalised runs that read like titles but are not in the catalog.

        Args:
            passage: The text.
            taken: Spans of the items that were found.
            blocked: Spans that are something else: categories, names of people.
        """
        quoted = [s for s in passage.quotes if not any(s.overlaps(t) for t in taken)]
        runs = []
        for words in passage.capital_runs(taken):
            if any(words.span.overlaps(s) for s in [*taken, *quoted]) or words.person:
                continue
            if any(b.overlaps(words.span) for b in blocked) or not _nameable(words):
                continue
            if words.cued or words.judged or words.listed_with([*taken, *runs]) or len(words.content) > 1:
                runs.append(words.span)
        return sorted(quoted + runs)


def _nameable(words: Words) -> bool:
    """Whether there is a word that may be (in) a title: "March 2026" has none, "It" is one by itself."""
    return len(words.tokens) == 1 or any(not n.isdigit() and n not in never_words() for n in words.content)


@cache
def never_words() -> frozenset[str]:
    """Words that are hardly ever titles."""
    return frozenset(lexicon.phrases("titles", "never"))


@cache
def pronouns() -> frozenset[str]:
    """Words that are no titles even where a predicate follows."""
    return frozenset(lexicon.phrases("titles", "pronouns"))


def near_everyday(word: str, score: float) -> bool:
    """Whether a word is at least as near to an everyday word as ``score`` (0..100): a slip of that one."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(word, sorted_common(), scorer=fuzz.ratio, score_cutoff=score)
    return best is not None


@cache
def sorted_common() -> tuple[str, ...]:
    """Everyday words in a fixed order."""
    return tuple(sorted(w for w in common_words() if len(w) > 3))
