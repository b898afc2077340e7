"""Evidence that a text names an item: matches of normalised forms, and pairs of similar spelling."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from rapidfuzz import fuzz

from agent.catalog import Catalog
from agent.grounding.features import Vocabulary, pair_features
from agent.grounding.normalise import numbers, numeric_key
from agent.grounding.parse_item import read_item
from agent.grounding.shortlist import Shortlister
from agent.grounding.surfaces import Form, Named, item_named, named

Agreement = Literal["agrees", "unknown", "contradicts"]

_BARE_YEAR = re.compile(r"^(?P<title>.*\S)\s*[\s,–—-]\s*(?P<year>(?:1[89]|20)\d\d)$")
LONGEST = 300
"""Characters of a text that are looked at; no title is longer."""

_PARTS = (Form.HEAD, Form.TAIL)
_DISTINCTIVE, _YEAR = "_distinctive", "+year"
_DISTINCTIVE_WORDS = 4
_IN_A_FILM = frozenset(("movie", "short", "documentary"))


@dataclass(frozen=True, slots=True)
class Hit:
    """An item one of whose forms is written exactly like one of the text's."""

    row: int
    form: Form
    is_distinctive: bool
    year: Agreement
    years_apart: int

    @property
    def evidence(self) -> str:
        """The name under which the trust in such a match is kept, one of evidence_names()."""
        name = self.form.name.lower()
        if self.form in _PARTS and self.is_distinctive:
            name += _DISTINCTIVE
        return name + (_YEAR if self.year == "agrees" else "")


@dataclass(frozen=True, slots=True)
class Pair:
    """An item spelled like the text; features are in the order of FEATURES."""

    row: int
    ratio: float
    features: np.ndarray


class Matcher:
    """Finds evidence in one catalog.

    Args:
        catalog: The items.
        year_slack: Years that two statements of one release may be apart.
    """

    def __init__(self, catalog: Catalog, year_slack: int = 1) -> None:
        self.catalog = catalog
        self.items = tuple(item_named(item, catalog.kind) for item in catalog)
        self._slack = year_slack
        self._forms: dict[str, list[tuple[int, Form]]] = defaultdict(list)
        for row, item in enumerate(self.items):
            for surface in item.surfaces:
                self._forms[surface.key].append((row, surface.form))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """How many titles each word is in."""
        return Vocabulary(frozenset(w for key in _spelled(n) for w in key.split()) for n in self.items)

    @cached_property
    def _shortlister(self) -> Shortlister:
        spelled = [(key, row) for row, item in enumerate(self.items) for key in _spelled(item)]
        return Shortlister([k for k, _ in spelled], [r for _, r in spelled], self.vocabulary)

    def hits(self, text: Named, without: int | None = None) -> list[Hit]:
        """Items with a form of the text, the nearest form of each; bare subtitles do not match each other."""
        found: dict[int, tuple[Form, str]] = {}
        for key, form in text.surfaces:
            for row, own in self._forms.get(key, ()):
                if row == without or (form == Form.LONGER and own in _PARTS):
                    continue
                found[row] = min(found.get(row, (Form.LONGER, "")), (max(form, own), key), key=lambda f: f[0])
        return [
            Hit(row, form, _is_distinctive(form, key), *self.agreement(text, row))
            for row, (form, key) in found.items()
            if not self.other_type(text, row)
        ]

    def read(self, text: str, year: int | None, without: int | None = None) -> Named:
        """Read a text in the first way that meets an item's form; as it stands where none does."""
        text = text[:LONGEST]
        plain = read_title(text, year)
        if self.hits(plain, without):
            return plain
        others = other_readings(text, year)
        return next((r for r in others if r.surfaces and self.hits(r, without)), plain)

    def bearers(self, key: str) -> list[int]:
        """Rows of the items whose title or a.k.a. title has this key."""
        return [row for row, form in self._forms.get(key, ()) if form <= Form.AKA]

    def agreement(self, text: Named, row: int) -> tuple[Agreement, int]:
        """How the year of a text goes with an item's, and how many years they are apart (0 if unknown)."""
        year = self.items[row].year
        if text.year is None or year is None:
            return "unknown", 0
        apart = abs(text.year - year)
        return ("agrees" if apart <= self._slack else "contradicts"), apart

    def other_type(self, text: Named, row: int) -> bool:
        """Whether the text states a type of work that the item is not of."""
        own = self.items[row].type
        if text.type is None or own is None or text.type == own:
            return False
        return not (text.type == "movie" and own in _IN_A_FILM)

    def pairs(self, texts: Sequence[Named], without: Sequence[int | None]) -> list[list[Pair]]:
        """For each text the items of similar spelling whose numbers, year and type go with it."""
        queries = [_spelled(text)[0] for text in texts]
        places = self._shortlister.find(queries, without)
        return [
            self._judge(text, query, found, row)
            for text, query, found, row in zip(texts, queries, places, without, strict=True)
        ]

    def pair(
        self, text: Named, row: int, cosine: float, margin: float, without: int | None = None
    ) -> Pair | None:
        """The pair of a text and one item, None where their numbers, years or types differ."""
        query = _spelled(text)[0]
        if self.other_type(text, row) or self.agreement(text, row)[0] == "contradicts":
            return None
        keys = [k for k in _spelled(self.items[row]) if numbers(k) == numbers(query)]
        if not keys:
            return None
        key = max(keys, key=lambda k: fuzz.ratio(query, k))
        return Pair(
            row, fuzz.ratio(query, key) / 100, self._features(text, query, key, row, margin, cosine, without)
        )

    def _judge(self, text: Named, query: str, places: Sequence[int], without: int | None) -> list[Pair]:
        keys, rows = self._shortlister.keys, self._shortlister.rows
        best: dict[int, tuple[float, str]] = {}
        for place in places:
            row, key = int(rows[place]), keys[place]
            if numbers(key) != numbers(query) or self.other_type(text, row):
                continue
            if self.agreement(text, row)[0] == "contradicts":
                continue
            best[row] = max(best.get(row, (0.0, "")), (fuzz.ratio(query, key) / 100, key))
        pairs = []
        for row, (ratio, key) in best.items():
            # Namesakes are no rivals: which of them is meant is decided by year and popularity.
            rivals = [r for other, (r, k) in best.items() if other != row and k != key]
            margin = ratio - max(rivals, default=0.0)
            features = self._features(text, query, key, row, margin, 0.0, without)
            pairs.append(Pair(row, ratio, features))
        return pairs

    def _features(
        self, text: Named, query: str, key: str, row: int, margin: float, cosine: float, without: int | None
    ) -> np.ndarray:
        return pair_features(
            query,
            key,
            self.vocabulary,
            margin=margin,
            year_agrees=self.agreement(text, row)[0] == "agrees",
            cosine=cosine,
            without=without,
        )


def evidence_names() -> list[str]:
    """The kinds of evidence that an equal form gives, without an agreeing year."""
    return [f.name.lower() for f in Form] + [f.name.lower() + _DISTINCTIVE for f in _PARTS]


def _is_distinctive(form: Form, key: str) -> bool:
    """Whether a part of a title names it alone: "Terminator 2", "The Fellowship of the Ring".

    A long title without its subtitle is more often the first of a series than one of its sequels, so
    there length says nothing.
    """
    return bool(numbers(key)) or (form == Form.TAIL and len(key.split()) >= _DISTINCTIVE_WORDS)


def read_title(text: str, year: int | None = None) -> Named:
    """The forms of a generated title; a year given apart from it goes before one in the text."""
    read = named(text)
    return read if year is None else Named(read.surfaces, year, read.type)


def other_readings(text: str, year: int | None) -> list[Named]:
    """Further ways to read a text: with a year at its end, and without a note.

    ``Heat 1995`` is read as ``Heat (1995)``, and ``"Heat", directed by Michael Mann`` as ``Heat``.
    """
    readings = []
    if year is None and (found := _BARE_YEAR.match(text.strip())):
        readings.append(read_title(found["title"], int(found["year"])))
    parsed = read_item(text, 0, len(text))
    if parsed is not None and parsed.title != text.strip():
        readings.append(read_title(parsed.title, year if year is not None else parsed.year))
    return readings


def _spelled(item: Named) -> list[str]:
    """The keys that spellings are compared with: title and a.k.a. titles, numbers as digits."""
    return list(dict.fromkeys(numeric_key(s.key) for s in item.surfaces if s.form <= Form.AKA)) or [""]
