"""Values of a catalog's text columns that an utterance names: authors, directors, publishers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from agent.catalog import Catalog
from agent.context import Constraint
from agent.understanding.bounds import Bound
from agent.understanding.lexicon import alternatives, common_words, table
from agent.understanding.passage import Passage
from agent.understanding.people import PeopleNames
from agent.understanding.text import Span, Token, word_key

_LONGEST = 6
_MEAN_LENGTH = 48
_OF_PERSON = re.compile(r"\b(?:by|from|authors?|director|written|co-?authored|not)\s+$|作者是?\s*$")
_MONTH = re.compile(
    r"jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_IN_TIME = re.compile(r"\bfrom\s+$")
_ET_AL = re.compile(r",? et al\b\.?|,? and (?:colleagues|co-?workers|others)\b")
_STRANGER = re.compile(
    r"(?<!\w)(?:[Bb]y|(?:[Pp]apers|[Aa]rticles|[Ww]ork) from|[Aa]uthors?:?)\s+"
    r"(?P<name>[A-Z][\w'’-]*\.?(?:\s+[A-Z][\w'’-]*\.?){0,3}\s+[A-Z][\w'’-]+)"
)

_Named = tuple[Span, str, tuple[str, ...], bool]
"""Where a name stands, its column, the values it may mean, and whether it is turned down."""


def text_columns(catalog: Catalog) -> tuple[str, ...]:
    """Attributes with short texts, or lists of them, that hold letters (so no dates, links or prose)."""
    found = []
    for name in catalog.attribute_names:
        values = [v for item in catalog[:2000] for v in values_of(item.get(name))][:400]
        texts = [v for v in values if re.search(r"[^\W\d_]{2}", v) and "://" not in v]
        if values and len(texts) > 0.8 * len(values) and sum(map(len, texts)) < _MEAN_LENGTH * len(texts):
            found.append(name)
    return tuple(found)


def values_of(value: object) -> Sequence[str]:
    """The texts of one cell: itself, or those of a list."""
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, (tuple, list)) else ()


class NameReader:
    """Reads conditions on the text columns of a catalog ("by Jane Doe", "nothing from Sega").

    Args:
        catalog: Only values that it holds are ever returned, spelt as it spells them.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        for column in text_columns(catalog):
            for item in catalog:
                for value in values_of(item.get(column)):
                    key = word_key(value)
                    if key:
                        self._known.setdefault(key, (column, value))
        self._people = PeopleNames(self._known)

    def read(self, text: str, tokens: Sequence[Token], blocked: Sequence[Span]) -> list[Bound]:
        """Conditions in lower-case text; spans of items and categories are blocked."""
        if not self._known:
            return []
        found: list[_Named] = []
        for span, words, short in self._candidates(tokens):
            column, values = self._values(words)
            if any(span.overlaps(s) for s in [*blocked, *(f[0] for f in found)]):
                continue
            before = text[max(0, span.start - 32) : span.start]
            excluded = bool(_before("not").search(before))
            linked = excluded or bool(_before("by").search(before))
            if short and not (linked and self._is_surname(span, tokens, before)):
                continue
            if short and _MONTH.fullmatch(words) and _IN_TIME.search(before):
                continue
            if linked or (" " in words and not common_words().issuperset(words.split())):
                found.append((span, column, values, excluded))
        return list(_grouped(text, sorted(found)))

    def strangers(self, passage: Passage, blocked: Sequence[Span]) -> list[Span]:
        """Names of people whom the catalog does not know: "Ada Lovelace" in "by Ada Lovelace"."""
        if not self._people:
            return []
        spans = (Span(*m.span("name")) for m in _STRANGER.finditer(passage.text))
        return [span for span in spans if not any(span.overlaps(s) for s in blocked)]

    def _values(self, words: str) -> tuple[str, tuple[str, ...]]:
        if words not in self._known:
            return self._people.named(words)
        column, value = self._known[words]
        if words in self._people:  # "Y. Zhang" is one in the catalog, and may be others
            of, others = self._people.named(words)
            return column, tuple(dict.fromkeys((value, *(others if of == column else ()))))
        return column, (value,)

    @staticmethod
    def _is_surname(span: Span, tokens: Sequence[Token], before: str) -> bool:
        """Whether part of a name is meant as one: it has a capital and stands after "by" and the like."""
        inside = [t for t in tokens if span.start <= t.start < span.end]
        return inside[-1].text[0].isupper() and bool(_OF_PERSON.search(before))

    def _candidates(self, tokens: Sequence[Token]) -> Iterator[tuple[Span, str, bool]]:
        """Runs of words that are a value or a short form of a person's name, the longest first."""
        for length in range(min(_LONGEST, len(tokens)), 0, -1):
            for first in range(len(tokens) - length + 1):
                words = " ".join(token.norm for token in tokens[first : first + length])
                known = words in self._known
                if known or words in self._people:
                    span = Span(tokens[first].start, tokens[first + length - 1].end)
                    yield span, words, not known


def _grouped(text: str, found: Sequence[_Named]) -> Iterator[Bound]:
    """Alternatives ("by A or B") in one condition."""
    groups: list[list[_Named]] = []
    for entry in found:
        last = groups[-1][-1] if groups else None
        if (
            last
            and last[1] == entry[1]
            and re.fullmatch(r"\s*,?\s*(?:or|或)\s*(?:by )?", text[last[0].end : entry[0].start])
        ):
            groups[-1].append((entry[0], entry[1], entry[2], last[3]))
        else:
            groups.append([entry])
    for group in groups:
        before = _before("not" if group[0][3] else "by").search(text[: group[0][0].start])
        and_others = _ET_AL.match(text, group[-1][0].end)
        end = and_others.end() if and_others else group[-1][0].end
        span = Span(before.start() if before else group[0][0].start, end)
        op = "not in" if group[0][3] else "in"
        values = tuple(dict.fromkeys(value for entry in group for value in entry[2]))
        yield Bound((Constraint(group[0][1], op, values, text[span.start : span.end]),), span)  # type: ignore[arg-type]


@cache
def _before(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives(table('attributes')['text'][name])})\s*[\"'“]?$")
