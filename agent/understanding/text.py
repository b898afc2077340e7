"""An utterance made safe to read, its words with their places, and spans of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.grounding.normalise import key

LIMIT = 4000
"""Characters that are read of an utterance; of a longer one three quarters at its start, one at its end."""

_GAP = " … "
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")
"""What a terminal sends for colours and keys (ECMA-48)."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff\ud800-\udfff\ue000-\uf8ff]")
_BLANK = re.compile(r"[\x0b-\x0d\x85\u2028\u2029]")
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:['’‘´`][^\W_{_CJK}]+)*|&")
_POSSESSIVE = re.compile(r"['’‘´`]s$", re.I)
_APOSTROPHES = str.maketrans("’‘´`＇", "'''''")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, its folded form and its place in the text (character offsets)."""

    text: str
    norm: str
    start: int
    end: int

    @property
    def capitalised(self) -> bool:
        """Whether it begins with a capital letter or is a number."""
        return self.text[0].isupper() or self.text[0].isdigit()


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` to ``end`` of a text."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


def readable(text: str) -> str:
    """NFC, without control characters, cut to about ``LIMIT`` characters (head and tail are kept)."""
    if len(text) > LIMIT:
        head = LIMIT * 3 // 4
        text = text[:head] + _GAP + text[len(text) - (LIMIT - head) :]
    text = _BLANK.sub(" ", _CONTROL.sub("", _ESCAPE.sub("", text)))
    return unicodedata.normalize("NFC", text).strip()


def lower(text: str) -> str:
    """Lower case and straight apostrophes, character by character, so that offsets stay."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text).translate(_APOSTROPHES)


@lru_cache(maxsize=65536)
def _norm(word: str) -> str:
    return key(word)


def tokenise(text: str) -> list[Token]:
    """The words of a text; a possessive ``'s`` and every Chinese character are words of their own.

    A word whose folded form has several words (``½``) stays one token.
    """
    tokens = []
    for found in _WORD.finditer(text):
        word, start = found[0], found.start()
        if word == "&":
            tokens.append(Token(word, "and", start, start + 1))
            continue
        possessive = _POSSESSIVE.search(word)
        if possessive:
            stem = word[: possessive.start()]
            tokens.append(Token(stem, _norm(stem), start, start + len(stem)))
            tokens.append(Token(word[len(stem) :], "s", start + len(stem), found.end()))
        else:
            tokens.append(Token(word, _norm(word), start, found.end()))
    return tokens


def word_key(text: str) -> str:
    """The folded words of a text with single spaces: what :func:`tokenise` makes of it."""
    return " ".join(token.norm for token in tokenise(text))


def masked(text: str, spans: Iterable[Sequence[int] | Span], mark: str) -> str:
    """The text with every character of the spans replaced by one mark; offsets stay."""
    characters = list(text)
    for span in spans:
        start, end = (span.start, span.end) if isinstance(span, Span) else (span[0], span[1])
        characters[start:end] = mark * (end - start)
    return "".join(characters)


def words_between(text: str, start: int, end: int) -> int:
    """How many words stand between two offsets; two Chinese characters count as one."""
    between = text[start:end]
    cjk = len(re.findall(f"[{_CJK}]", between))
    return len(_WORD.findall(between)) - cjk + (cjk + 1) // 2
