"""Runs of words that may be titles: around one word, or by their capitals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.understanding.around import listed_words, sentence_openers
from agent.understanding.lexicon import common_words
from agent.understanding.passage import Passage
from agent.understanding.text import Span
from agent.understanding.words import Words


def windows(passage: Passage, index: int, longest: int) -> Iterator[Words]:
    """Runs of adjacent tokens around one, the longest first."""
    tokens = len(passage.tokens)
    for length in range(min(longest, tokens), 0, -1):
        for first in range(max(0, index - length + 1), min(index, tokens - length) + 1):
            if all(passage.adjacent(i) for i in range(first, first + length - 1)):
                yield Words(passage, first, first + length)


def capital_runs(passage: Passage, taken: Sequence[Span]) -> Iterator[Words]:
    """Runs of capitalised words outside of the taken spans; small words may stand inside."""
    if not passage.informative:
        return
    free = [not any(s.start <= t.start < s.end for s in taken) for t in passage.tokens]
    index = 0
    while index < len(free):
        if not (free[index] and _begins(passage, index)):
            index += 1
            continue
        last = index + 1
        probe = last
        while probe < len(free) and free[probe] and _continues(passage, probe):
            probe += 1
            last = probe if passage.tokens[probe - 1].capitalised else last
        yield Words(passage, index, last)
        index = last


def _begins(passage: Passage, index: int) -> bool:
    token = passage.tokens[index]
    if not token.text[0].isupper() or token.norm in listed_words("no_title"):
        return False
    if not passage.initial(index):
        return True
    follows = passage.adjacent(index) and _capital(passage, index + 1)
    return (follows and token.norm not in sentence_openers()) or token.norm not in common_words()


def _capital(passage: Passage, index: int) -> bool:
    text = passage.tokens[index].text
    return text[0].isupper() and text != "I"


def _continues(passage: Passage, index: int) -> bool:
    token = passage.tokens[index]
    gap = passage.text[passage.tokens[index - 1].end : token.start]
    if token.norm == "s" and gap == "":
        return True
    if token.norm in listed_words("no_title"):
        return False
    return gap in (" ", "  ", "-", ": ") and (token.capitalised or token.norm in listed_words("small"))
