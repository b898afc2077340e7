"""True statements about an item in several wordings: what plain sentences and guided decoding are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from agent.catalog.dates import is_date
from agent.catalog.forms import FORM
from agent.explain.lexicon import lexicon
from agent.localisation import strings, text
from agent.recommendation import Evidence

_PEOPLE = ("author", "writer", "artist", "creator", "maker", "brand")
_LISTED = 3
_NOUNS = ("categories", "year", FORM)
"""Fields whose values make a noun phrase by themselves."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing to say about an item.

    ``wordings`` can stand anywhere in a sentence, ``openings`` (capitalised) at its beginning; all of
    them say the same, and name only ``evidence``. Two statements of one ``topic`` repeat each other.
    """

    topic: str
    openings: tuple[str, ...]
    wordings: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def statements(evidence: Sequence[Evidence], locale: str, kind: str = "") -> tuple[Statement, ...]:
    """All that can be said with the evidence, strongest first; ``kind`` is what the catalog calls an item."""
    return tuple(_Phrasing(evidence, locale, kind).all())


class _Phrasing:
    def __init__(self, evidence: Sequence[Evidence], locale: str, kind: str) -> None:
        self.evidence, self.locale = evidence, locale
        self.words = lexicon(locale)
        self.kind = self.words.kinds.get(kind, ("",))[0]

    def all(self) -> Iterator[Statement]:
        yield from self._asked()
        yield from self._facets()
        yield from self._similar()
        yield from self._counted()
        yield from self._co_named()
        yield from self._words()
        yield from self._akin()
        yield from self._spoken()
        yield from self._facts()
        yield from self._contrasts()
        yield from self._popularity()

    def _of(self, *kinds: str) -> list[Evidence]:
        return [e for e in self.evidence if e.kind in kinds]

    def _statement(self, topic: str, key: str, evidence: Iterable[Evidence], **values: Any) -> Statement:
        known = strings(self.locale)
        numbered = (key if n == 1 else f"{key}_{n}" for n in count(1))
        keys = []
        for name in numbered:
            if f"explain.{name}" not in known:
                break
            keys.append(name)
        wordings = tuple(text(f"explain.{k}", self.locale, **values) for k in keys)
        leads = [k for k in (f"{key}_lead", *keys) if f"explain.{k}" in known]
        openings = tuple(_opened(known[f"explain.{k}"]).format(**values) for k in leads)
        return Statement(topic, openings, wordings, tuple(evidence))

    def join(self, values: Iterable[str], by: str = "and") -> str:
        """``a``, ``a and b``, ``a, b and c``."""
        shown = [self.words.shown(v) for v in dict.fromkeys(values)]
        last = text(f"explain.{by}", self.locale)
        return last.join(filter(None, (text("explain.comma", self.locale).join(shown[:-1]), *shown[-1:])))

    def _what(self, evidence: Sequence[Evidence]) -> str:
        """A noun phrase: ``a Crime and Drama movie from 1995 by X``."""
        categories = [e.value for e in evidence if e.field == "categories"][:_LISTED]
        fields: dict[str, list[Evidence]] = {}
        for e in evidence:
            if e.field and e.field != "categories":
                fields.setdefault(e.field, []).append(e)
        years, forms = fields.pop("year", []), fields.pop(FORM, [])
        year, form = (held[0].value if held else "" for held in (years, forms))
        parts = [self._noun(categories, year, form)] if categories or years or forms else []
        parts += [self._attribute(field, held) for field, held in fields.items()]
        return text("explain.between", self.locale).join(parts)

    def _noun(self, categories: Sequence[str], year: str, form: str = "") -> str:
        if not categories and not form:
            return text("explain.year", self.locale, value=year)
        values = self.join(categories) if categories else ""
        kind = self.words.shown(form) if form else self.kind
        key = "explain.form" if not categories else "explain.kind" if kind else "explain.categories"
        if values[:1].lower() in tuple("aeio") and f"{key}_vowel" in strings(self.locale):
            key += "_vowel"
        noun = text(key, self.locale, values=values, kind=kind)
        return text("explain.noun", self.locale, noun=noun, year=year) if year else noun

    def _attribute(self, field: str, held: Sequence[Evidence]) -> str:
        value = self.names(held)
        if field.startswith("director"):
            return text("explain.directed", self.locale, value=value)
        return text("explain.by" if field.startswith(_PEOPLE) else "explain.dated", self.locale, value=value)

    def names(self, held: Sequence[Evidence]) -> str:
        """The values of an attribute; where there are more than the evidence lists, the first and others."""
        names = list(dict.fromkeys(v for e in held for v in e.value.split("|")))
        if any((e.out_of or 0) > len(names) for e in held):
            return text("explain.and_others", self.locale, names=names[0])
        return self.join(names)

    def _asked(self) -> Iterator[Statement]:
        asked = self._of("constraint") + [e for e in self._of("words") if e.field == "categories"]
        nouns = [e for e in asked if _in_noun(e)]
        if nouns:
            details = {e.detail for e in nouns}
            what, words = self._what(nouns), details.pop() if len(details) == 1 else ""
            if all(e.kind == "constraint" and e.field not in _NOUNS for e in nouns) and not words:
                yield self._statement("asked", "asked_named", nouns, what=what)
            elif words and words.lower() != what.lower():
                yield self._statement("asked", "asked_words", nouns, what=what, words=words)
            else:
                exactly = all(e.number is None for e in nouns)
                yield self._statement("asked", "asked_exactly" if exactly else "asked", nouns, what=what)
        for e in asked:
            if not _in_noun(e):
                key = "asked_attribute_words" if e.detail else "asked_attribute"
                yield self._attribute_statement("asked", key, e)

    def _facets(self) -> Iterator[Statement]:
        facets = self._of("facet")
        if nouns := [e for e in facets if _in_noun(e)]:
            yield self._statement("facet", "facet", nouns, what=self._what(nouns))
        for e in facets:
            if not _in_noun(e):
                yield self._attribute_statement("facet", "facet_attribute", e)

    def _attribute_statement(self, topic: str, key: str, e: Evidence) -> Statement:
        field = (e.field or "").replace("_", " ")
        return self._statement(topic, key, [e], field=field, value=self.names([e]), words=e.detail)

    def _similar(self) -> Iterator[Statement]:
        for e in self._of("similar"):
            if e.field == "categories":
                shared = self.join(e.detail.split("|"))
                yield self._statement("similar", "similar", [e], title=e.value, categories=shared)
            elif e.field == "interactions":
                yield self._statement("co_liked", "co_liked", [e], title=e.value, number=f"{e.number:,.0f}")
            elif e.field != "dialogues":
                yield self._shared(e)

    def _co_named(self) -> Iterator[Statement]:
        for e in self._of("similar"):
            if e.field == "dialogues":
                key = "co_named_one" if e.number == 1 else "co_named"
                yield self._statement("co_named", key, [e], title=e.value, number=f"{e.number:,.0f}")

    def _akin(self) -> Iterator[Statement]:
        for e in self._of("akin_liked", "akin_named"):
            shared = self.join(e.detail.split("|"))
            yield self._statement("similar", e.kind, [e], title=e.value, categories=shared)

    def _spoken(self) -> Iterator[Statement]:
        for e in self._of("said"):
            yield self._statement("said", "spoken", [e], word=e.value, number=f"{e.number:,.0f}")

    def _shared(self, e: Evidence) -> Statement:
        """Values of an attribute that a liked item has too."""
        held = Evidence("attribute", e.detail, field=e.field)
        if _in_noun(held):
            what = self._attribute(e.field or "", [held])
            return self._statement("similar", "shared_name", [e], title=e.value, what=what)
        return self._statement("similar", "shared", [e], title=e.value, values=self.names([held]))

    def _counted(self) -> Iterator[Statement]:
        for e in self._of("category"):
            if e.out_of:
                shown = self.words.shown(e.value)
                number = f"{e.number:.0f}"
                yield self._statement(
                    "counted", "counted", [e], category=shown, number=number, out_of=e.out_of
                )

    def _words(self) -> Iterator[Statement]:
        places: dict[str, list[Evidence]] = {}
        for e in self._of("words"):
            if e.field and e.field != "categories":
                places.setdefault(e.field, []).append(e)
        for field, held in places.items():
            named = held[:_LISTED]
            place = strings(self.locale).get(f"explain.place_{field}", field.replace("_", " "))
            quoted = (text("explain.quoted", self.locale, word=e.value) for e in named)
            key = "words" if len(named) > 1 else "word"
            yield self._statement("words", key, named, words=self.join(quoted), place=place)

    def _contrasts(self) -> Iterator[Statement]:
        categories = [e for e in self._of("contrast") if e.field == "categories"]
        ruled_out = [e for e in categories if e.number is None][:2]
        disliked = [e for e in categories if e.number is not None][:2]
        for key, held in (("ruled_out", ruled_out), ("spared", disliked)):
            if held:
                values = self.join((e.value for e in held), by="or")
                yield self._statement("contrast", key, held, values=values)

    def _popularity(self) -> Iterator[Statement]:
        found = {e.field: e for e in self._of("popularity")}
        rated, mean, plain = (found.get(f) for f in ("ratings", "mean_rating", "popularity"))
        if rated is not None and mean is not None:
            key = "popular" if rated.detail else "rated"
            yield self._statement("popularity", key, [rated, mean], number=rated.value, mean=mean.value)
        elif plain is not None:
            yield self._statement("popularity", "popularity", [plain], number=plain.value)

    def _facts(self) -> Iterator[Statement]:
        told = self._of("constraint", "words", "facet")
        said = {(e.field, v) for e in told for v in e.value.split("|")}
        named = any(e.field == "categories" for e in (*told, *self._of("similar")))
        named = (
            named or bool(self._of("akin_liked", "akin_named")) or any(e.out_of for e in self._of("category"))
        )
        categories = [] if named else self._of("category")[:_LISTED]
        others = [e for e in self._of("year", "attribute") if (e.field, e.value) not in said]
        years = [e for e in others if e.field == "year"]
        people = [e for e in others if _in_noun(e) and e.kind == "attribute"][:1]
        if chosen := categories + years + people:
            yield self._statement("facts", "facts", chosen, what=self._what(chosen))
        for e in others:
            if not _in_noun(e):
                yield self._attribute_statement("attribute", "attribute", e)


def _in_noun(e: Evidence) -> bool:
    """Whether a fact can be part of a noun phrase: ``a Crime movie from 1995 by X``."""
    field = e.field or ""
    return field in _NOUNS or field.startswith((*_PEOPLE, "director")) or is_date(e.value)


def _opened(template: str) -> str:
    """A template at the beginning of a sentence; a value that it begins with keeps its own case."""
    return template[0].upper() + template[1:]
