"""The titles of a catalog as people type them, found in running text.

Exact forms are found by an Aho-Corasick automaton (Aho & Corasick, 1975) over whole words; misspelt
ones by normalised Indel similarity.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import ahocorasick
import numpy as np
from rapidfuzz import fuzz, process

from agent.catalog import Catalog, Item
from agent.grounding.normalise import drop_article, key, numbers, numeric_key, restore_article, split_tags
from agent.grounding.surfaces import Form as Written
from agent.grounding.surfaces import item_named
from agent.understanding.lexicon import common_words
from agent.understanding.text import word_key

FULL, NEAR, PART, SERIES = 0, 1, 2, 3
"""How a form stands for a title: as it is, without its article, a part, or what a series begins with."""

_LEVELS = {
    Written.TITLE: FULL,
    Written.AKA: FULL,
    Written.NUMBER: FULL,
    Written.ARTICLE: NEAR,
    Written.HEAD: PART,
    Written.TAIL: PART,
    Written.SPACING: None,
}

MAX_CANDIDATES = 20
_PART_OF_TITLE = 0.4
_START_OF_TITLE = 4
"""Words at the start of a title that stand for it, however long it is."""
_FEW = 2000
_LEET = str.maketrans("013457", "oieast")
_LEET_V = str.maketrans("013457", "oieasv")
_LEET_WORD = re.compile(r"(?<=[a-z])\d(?=[a-z])")
_POSSESSIVE = re.compile(r"(\w+)['’]s\b")
_JOINED_NUMBER = re.compile(r"([a-z]{3})(\d)$")
_INITIALS = re.compile(r"\b(\w) (?=\w\b)")
_INITIAL_RUN = re.compile(r"((?:\w )+\w) \w\w")
_SERIES_HEAD = re.compile(r"^(.{4,}?) and (?:the|a|an) ", re.I)
_DASHES = re.compile(r"(?<=\w)[-‐·•](?=\w)")
_ROMAN = ("", "", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


@dataclass(frozen=True, slots=True)
class Form:
    """What a run of words may stand for: catalog rows, best first, and how (``FULL`` ...)."""

    rows: tuple[int, ...]
    level: int


class Titles:
    """All forms of all titles of a catalog; built once (about 0.1 ms an item).

    Args:
        catalog: The catalog; its popularity orders namesakes.
    """

    def __init__(self, catalog: Catalog) -> None:
        popularity = catalog.popularity
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for row, item in enumerate(catalog):
            for form, level in forms(item):
                found[form][row] = min(level, found[form].get(row, level))
        self.forms = {form: _form(rows, popularity) for form, rows in found.items()}
        self._drop_lone_series()
        self._automaton = ahocorasick.Automaton()
        for form in self.forms:
            self._automaton.add_word(f" {form} ", form)
        self._automaton.make_automaton()
        self._sorted = sorted(form for form, of in self.forms.items() if of.level <= NEAR)
        self._fuzzy = [form for form in self.forms if len(form) >= 4]
        self._keys = [word_key(item.title) for item in catalog]
        self._joined = "\n".join(f" {title} " for title in self._keys)
        self._starts = np.cumsum([0] + [len(title) + 3 for title in self._keys]).tolist()
        self._years = [item.year for item in catalog]
        positive = popularity[popularity > 0]
        self._popular = (
            min(float(np.quantile(positive, 0.75)), 0.05 * float(positive.max())) if len(positive) else np.inf
        )
        self._popularity = popularity
        self._few = not len(positive) and len(catalog) <= _FEW

    def _drop_lone_series(self) -> None:
        """``X and the ...`` names a series only where several titles begin so."""
        lone = [f for f, of in self.forms.items() if of.level == SERIES and len(of.rows) < 2]
        for form in lone:
            del self.forms[form]

    def matches(self, words: list[str]) -> Iterator[tuple[int, int, str]]:
        """Every form in a list of folded words: first word, word after the last, form. They may overlap.

        Number words are read as digits too ("twelve monkeys").
        """
        digits = [numeric_key(word) for word in words]
        yield from self._matches(words)
        if digits != words:
            yield from (m for m in self._matches(digits) if digits[m[0] : m[1]] != words[m[0] : m[1]])

    def _matches(self, words: list[str]) -> Iterator[tuple[int, int, str]]:
        text = " " + " ".join(words) + " "
        starts = {0: 0}
        place = 0
        for index, word in enumerate(words, 1):
            place += len(word) + 1
            starts[place] = index
        for end, form in self._automaton.iter(text):
            first = starts.get(end - len(form) - 1)
            last = starts.get(end)
            if first is not None and last is not None:
                yield first, last, form

    def popular(self, form: str) -> bool:
        """Whether a form's best item is in the most popular quarter, or has a twentieth of the top's use.

        All are in a small catalog without popularity.
        """
        return self._few or self.popularity(form) >= self._popular

    def popularity(self, form: str) -> float:
        """The popularity of a form's best item."""
        return float(self._popularity[self.forms[form].rows[0]])

    def series(self, form: str) -> tuple[int, ...]:
        """Rows of the form and of the titles that begin with it ("the Saw movies")."""
        rows = list(self.forms[form].rows)
        place = bisect_left(self._sorted, form + " ")
        while place < len(self._sorted) and self._sorted[place].startswith(form + " "):
            rows += self.forms[self._sorted[place]].rows
            place += 1
        return tuple(dict.fromkeys(rows))[:MAX_CANDIDATES]

    def of_year(self, rows: Iterable[int], year: int) -> tuple[int, ...]:
        """The rows of that year, else of a year next to it (premieres differ by country)."""
        rows = tuple(rows)
        exact = tuple(row for row in rows if self._years[row] == year)
        return exact or tuple(row for row in rows if abs((self._years[row] or -9) - year) <= 1)

    def containing(self, words: str) -> tuple[int, ...]:
        """At most ``MAX_CANDIDATES`` rows of whose title these words, in this order, are a good part."""
        rows: list[int] = []
        if words.count(" ") < 2:
            return ()
        place = self._joined.find(f" {words} ")
        while place >= 0 and len(rows) < MAX_CANDIDATES:
            row = bisect_left(self._starts, place + 1) - 1
            starts = self._keys[row].startswith(words) and words.count(" ") >= _START_OF_TITLE - 1
            if starts or len(words) >= _PART_OF_TITLE * len(self._keys[row]):
                rows.append(row)
            place = self._joined.find(f" {words} ", self._starts[row + 1])
        return tuple(sorted(rows, key=lambda row: -self._popularity[row]))

    def similar(self, words: str, threshold: float) -> tuple[str, float] | None:
        """The form nearest to misspelt words, with its similarity (0..100); None below the threshold.

        Numbers must agree, and every word that differs must be a misspelling: two everyday words that
        differ are two different titles.
        """
        best: tuple[str, float] | None = None
        for form, score, _ in process.extract(
            words, self._fuzzy, scorer=fuzz.ratio, score_cutoff=threshold, limit=5
        ):
            if numbers(form) != numbers(words) or not _misspelt(words, form):
                continue
            if best is None or (score, self.popular(form)) > (best[1], self.popular(best[0])):
                best = form, score
        return best


def _form(rows: dict[int, int], popularity: np.ndarray) -> Form:
    """Whole titles before parts, unless a part is far more popular ("Lord of the Rings")."""
    level = min(rows.values())
    best = max(rows, key=lambda row: float(popularity[row]))
    known = max(float(popularity[row]) for row, at in rows.items() if at == level)
    if popularity[best] > 10 * known:
        rows = {row: level if at <= rows[best] else at for row, at in rows.items()}
    kept = sorted(
        (row for row, at in rows.items() if at <= max(level, NEAR)),
        key=lambda r: (rows[r], -popularity[r], r),
    )
    return Form(tuple(kept[:MAX_CANDIDATES]), min(rows.values()))


def forms(item: Item) -> list[tuple[str, int]]:
    """How people may type a title in running text, folded, with the level of each form.

    The written forms of grounding, and what only running text needs: a possessive as two words (as
    :func:`tokenise` reads it), Roman numbers, figures in words read as letters, what a series begins with.
    """
    found: dict[str, int] = {}
    possessives = {key(stem) for stem in _POSSESSIVE.findall(item.title)}
    for written, origin in item_named(item).surfaces:
        level = _LEVELS[origin]
        words = written.split()
        numeral = written.isdecimal() and not key(item.title).isdecimal()
        if (
            level is None
            or numeral
            or (origin is Written.TAIL and (len(words) < 2 or common_words().issuperset(words)))
        ):
            continue
        if origin is Written.AKA and len(words) == 1:
            level = PART
        for variant in _spellings(written, possessives):
            found[variant] = min(level, found.get(variant, level))
    title = restore_article(split_tags(item.title).title)
    if _DASHES.search(title):
        found.setdefault(word_key(_DASHES.sub("", title)), NEAR)
    initials = _INITIAL_RUN.match(key(title))
    if initials:
        found.setdefault(initials[1], NEAR)
    series = _SERIES_HEAD.match(title)
    if series:
        found.setdefault(key(series[1]), SERIES)
        found.setdefault(key(drop_article(series[1])), SERIES)
    return [(form, level) for form, level in found.items() if form]


def _spellings(written: str, possessives: Collection[str]) -> Iterator[str]:
    yield written
    for stem in possessives:
        yield re.sub(rf"\b{re.escape(stem)}s\b", f"{stem} s", written)
    if _JOINED_NUMBER.search(written):
        yield _JOINED_NUMBER.sub(r"\1 \2", written)
    if " " in written:
        yield from _numbered(written)
        yield _INITIALS.sub(r"\1", written)
    if _LEET_WORD.search(written):
        yield _LEET_WORD.sub(lambda m: m[0].translate(_LEET), written)
        yield _LEET_WORD.sub(lambda m: m[0].translate(_LEET_V), written)


@lru_cache(maxsize=4096)
def _numbered(key: str) -> tuple[str, ...]:
    """``rocky ii``, ``rocky 2`` and ``rocky part 2`` for any of them; nothing without a series number."""
    numeric = numeric_key(key)
    head, _, number = numeric.rpartition(" ")
    if not head or not number.isdecimal() or not 1 < int(number) < len(_ROMAN):
        return (numeric,)
    roman = _ROMAN[int(number)]
    return (
        numeric, f"{head} {roman}", f"{head} part {number}", f"{head} part {roman}"
    )  # fmt: skip


def _misspelt(words: str, form: str) -> bool:
    """Whether the words that differ may be slips of the pen."""
    ours, theirs = words.split(), form.split()
    odd = [w for w in ours if w not in theirs]
    missing = [w for w in theirs if w not in ours]
    for word in odd:
        near = max(missing, key=lambda other: fuzz.ratio(word, other), default="")
        plural = word.rstrip("s") == near.rstrip("s")
        joined = word in form.replace(" ", "")
        if not plural and not joined and (word in common_words() or fuzz.ratio(word, near) < 70):
            return False
    for word in missing:
        near = max(odd, key=lambda other: fuzz.ratio(word, other), default="")
        if fuzz.ratio(word, near) < 60 and word not in "".join(ours) and word not in ("the", "a", "an"):
            return False
    return True
