"""A sentence as typed tokens: facts of the evidence, numbers, words of the vocabulary, and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Literal

from agent.catalog import Catalog, Item
from agent.catalog.items import FIELDS
from agent.explain.lexicon import CJK, WORD, Lexicon, cut, lexicon, stem
from agent.recommendation import Evidence

Kind = Literal["self", "other", "value", "quote", "number", "word", "unknown", "comma", "stop"]

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_PIECE = re.compile(rf"(?P<number>{_NUMBER})|(?P<word>{WORD.pattern})|(?P<cjk>{CJK.pattern})|(?P<mark>\S)")
_STOPS, _COMMAS = frozenset(".;!?。；！？—–…"), frozenset(",，、:：")
_MARKS = frozenset("\"'“”‘’()（）《》「」-")
_QUOTES = tuple("\"“‘'「")
_EDGE = r"[A-Za-z0-9À-ɏ]"
_OWN = r"(?:['’]s)?"
_PLURAL = r"(?:['’]?s)?"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a sentence.

    ``kind``: the item itself, another item, a value of the evidence, a quotation of the user, a number,
    a word of the vocabulary, an unknown word, a comma or a stop. ``classes`` are those of the
    vocabulary, and ``field:<name>`` for a word that speaks of that attribute; ``first`` marks the
    first token after a stop.
    """

    text: str
    kind: Kind
    classes: frozenset[str] = frozenset()
    evidence: tuple[Evidence, ...] = ()
    number: float | None = None
    first: bool = False

    def of(self, *classes: str) -> bool:
        """Whether the token is in one of the classes."""
        return not self.classes.isdisjoint(classes)


@dataclass(frozen=True, slots=True)
class _Phrase:
    kind: Kind
    evidence: tuple[Evidence, ...]


@dataclass
class Facts:
    """What a sentence about an item may name, and how it is recognised in text."""

    item: Item
    label: str
    evidence: Sequence[Evidence]
    catalog: Catalog
    locale: str
    words: Lexicon = field(init=False)
    exact: dict[str, _Phrase] = field(init=False, default_factory=dict)
    folded: dict[str, _Phrase] = field(init=False, default_factory=dict)
    stems: dict[str, _Phrase] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.words = lexicon(self.locale)
        for e in self.evidence:
            self._add_evidence(e)
        for title in (self.label, self.item.title):
            self._add(self.exact, title, _Phrase("self", ()))
        phrases = sorted({*self.exact, *self.folded}, key=len, reverse=True)
        patterns = (_bounded(p, _OWN if p in self.exact else _PLURAL) for p in phrases)
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE)
        self._learn_vocabulary()

    def _learn_vocabulary(self) -> None:
        self._known = {
            word: classes - {"unspecific"}
            for word, classes in self.words.classes.items()
            if classes != {"unspecific"}
        }
        kind = self.catalog.kind
        for word in self.words.kinds.get(kind, (kind,)):
            self._learn(word, "neutral")
            self._learn(f"{word}s", "neutral")
        for e in self.evidence:
            if e.field and e.kind != "popularity" and e.field not in FIELDS:
                for word in (*WORD.findall(e.field.lower()), *self.words.fields.get(e.field, ())):
                    self._learn(word, f"field:{e.field}")
        for word in self.words.numbers:
            self._learn(word, "number")

    def _learn(self, word: str, name: str) -> None:
        self._known[word] = self._known.get(word, frozenset()) | {name}

    def _add_evidence(self, e: Evidence) -> None:
        if e.item_id is not None:
            other = self.catalog.item(e.item_id) if e.item_id in self.catalog else None
            for title in (e.value, other.title if other else e.value):
                self._add(self.exact, title, _Phrase("other", (e,)))
            kind = "category" if e.field == "categories" else "attribute"
            for value in filter(None, e.detail.split("|")):
                self._add_value(value, Evidence(kind, value, field=e.field))
            return
        for value in e.value.split("|"):
            if not re.fullmatch(_NUMBER, value):
                self._add_value(value, replace(e, value=value))
        if e.detail and e.kind in ("constraint", "contrast"):
            self._add(self.folded, e.detail.lower(), _Phrase("quote", (e,)))

    def _add_value(self, value: str, e: Evidence) -> None:
        for name in {value, self.words.shown(value)}:
            phrase = _Phrase("value", (e,))
            if WORD.fullmatch(name):
                self._add(self.stems, stem(name), phrase)
            else:
                self._add(self.folded, name.lower(), phrase)

    @staticmethod
    def _add(where: dict[str, _Phrase], key: str, phrase: _Phrase) -> None:
        """Note a phrase; a value goes before a quotation of it and a title that is spelt alike."""
        rank = {"value": 0, "quote": 1, "other": 2, "self": 3}
        old = where.get(key)
        if old is None or rank[phrase.kind] < rank[old.kind]:
            where[key] = phrase
        elif old.kind == phrase.kind:
            where[key] = _Phrase(old.kind, tuple(dict.fromkeys((*old.evidence, *phrase.evidence))))

    def statements(self, sentence: str) -> list[list[Token]]:
        """The tokens of a sentence, cut where a new statement begins.

        That is after a stop or ``but``, and before an ``and`` that a new subject or a count follows.
        """
        tokens = list(self._tokens(sentence))
        statements: list[list[Token]] = [[]]
        for token, following in zip_longest(tokens, tokens[1:]):
            if token.kind == "stop" or token.of("but", "next") or _begins_anew(token, following):
                statements.append([])
            else:
                statements[-1].append(token)
        return [s for s in statements if s]

    def _tokens(self, sentence: str) -> Iterator[Token]:
        first, end, at = True, 0, 0
        while match := self._pattern.search(sentence, at):
            before = sentence[end : match.start()]
            phrase = self._phrase(match.group(), sentence[: match.start()], first and not before.strip())
            if phrase is None:
                at = match.start() + 1
                continue
            for token in self._loose(before, first):
                first = token.kind == "stop"
                yield token
            yield Token(match.group(), phrase.kind, evidence=phrase.evidence, first=first)
            first, end, at = False, match.end(), match.end()
        yield from self._loose(sentence[end:], first)

    def _phrase(self, found: str, before: str, first: bool) -> _Phrase | None:
        """What a matched text names, if anything where it stands.

        A title must be spelt as such, and no pronoun that opens a sentence is one. The user's words must
        be quoted, or follow a word that says whose they are.
        """
        name = re.sub(r"['’]s$", "", found)
        for candidate in (found, name):
            exact = self.exact.get(candidate)
            if exact is not None and not (first and candidate.lower() in self._known):
                return exact
        low = found.lower()
        for candidate in (low, name.lower(), low.removesuffix("s")):
            phrase = self.folded.get(candidate)
            if phrase is not None:
                attributed = phrase.kind != "quote" or before.endswith(_QUOTES) or self._asks(before)
                return phrase if attributed else None
        return None

    def _asks(self, before: str) -> bool:
        last = list(self._loose(before, first=False))[-2:]
        return any(token.of("ask") for token in last)

    def _loose(self, text: str, first: bool) -> Iterator[Token]:
        for match in _PIECE.finditer(text):
            piece = match.group()
            if match["number"]:
                yield Token(piece, "number", number=float(piece.replace(",", "")), first=first)
            elif match["mark"]:
                if piece in _STOPS or piece in _COMMAS:
                    yield Token(piece, "stop" if piece in _STOPS else "comma")
                    first = piece in _STOPS
                elif piece not in _MARKS:
                    yield Token(piece, "unknown")
                continue
            elif match["cjk"] and self.words.language == "zh":
                for part in cut(piece, self._known):
                    yield self._word(part, first)
            else:
                yield from self._latin(piece, first)
            first = False

    def _latin(self, piece: str, first: bool) -> Iterator[Token]:
        low = piece.lower().replace("’", "'")
        base, apostrophe, clitic = low.partition("'")
        if low in self._known or not apostrophe or stem(low) in self.stems:
            yield self._word(piece, first)
        elif low.endswith("n't"):
            yield self._word(piece[: -len("n't")], first)
            yield Token("n't", "word", frozenset({"negation"}))
        elif clitic in ("s", "d", "ve", "re"):
            yield self._word(piece[: len(base)], first)
        else:
            yield Token(piece, "unknown", first=first)

    def _word(self, piece: str, first: bool) -> Token:
        low = piece.lower().replace("’", "'")
        classes = self._known.get(low, frozenset())
        fact = self.stems.get(stem(low))
        proper = piece[0].isupper() and not first
        if fact is not None and (not classes or proper):
            return Token(piece, fact.kind, evidence=fact.evidence, first=first)
        if "number" in classes:
            return Token(piece, "number", number=float(self.words.numbers[low]), first=first)
        if not classes or proper:
            return Token(piece, "unknown", first=first)
        return Token(piece, "word", classes, first=first)


def _begins_anew(token: Token, following: Token | None) -> bool:
    """Whether an ``and`` begins a new statement."""
    if following is None or token.text.lower() != "and":
        return False
    return following.of("subject") or following.kind == "number"


def _bounded(phrase: str, ending: str) -> str:
    """A pattern for a phrase that stands alone, where it begins or ends with a Latin letter or a digit."""
    before = f"(?<!{_EDGE})" if re.match(_EDGE, phrase) else ""
    after = f"{ending}(?!{_EDGE})" if re.match(_EDGE, phrase[-1]) else ""
    if phrase[0].isdigit():  # the film "9" is not in 7.9, nor 2010 in 2,010
        before += r"(?<!\d[.,])"
    if phrase[-1].isdigit():
        after += r"(?![.,]\d)"
    return f"(?:{before}{re.escape(phrase)}{after})"
