"""Titles that are misspelt or quoted in part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from rapidfuzz import fuzz, process

from agent.understanding.lexicon import common_words
from agent.understanding.passage import Passage
from agent.understanding.plausibility import goes_on
from agent.understanding.runs import capital_runs, windows
from agent.understanding.text import Span, word_key
from agent.understanding.titles import Titles
from agent.understanding.words import Words

QUOTED, RUNNING, NEARLY_SAME = 84.0, 88.0, 94.0
"""Least similarity (0..100) of a title in quotes or capitals, in running text, with a wrong end."""

_MAX_ODD_WORDS = 8
_LONGEST_WINDOW = 4
_SHORTEST_WORD = 6

Place = tuple[tuple[int, ...], Span]
"""Catalog rows, best first, and where they are named."""


def quoted_titles(passage: Passage, titles: Titles, taken: Sequence[Span]) -> list[Place]:
    """Misspelt titles and parts of long ones, in quotes or (three words or more) in capitals."""
    runs = [w.span for w in capital_runs(passage, taken) if len(w.tokens) > 2]
    found: list[Place] = []
    for span in [*passage.quotes, *runs]:
        words = word_key(passage.text[span.start : span.end])
        if not words or any(span.overlaps(t) for t in [*taken, *(s for _, s in found)]):
            continue
        near = titles.similar(words, QUOTED)
        rows = titles.forms[near[0]].rows if near else titles.containing(words)
        if rows:
            found.append((rows, span))
    return found


def misspelt_titles(passage: Passage, titles: Titles, taken: Sequence[Span]) -> list[Place]:
    """Titles with a slip: runs of words around one that is neither everyday nor taken."""
    taken = [*taken, *passage.quotes]
    odd = [
        index
        for index, token in enumerate(passage.tokens)
        if len(token.norm) > 4
        and token.norm.isalpha()
        and token.norm.isascii()
        and token.norm not in common_words()
        and not any(Span(token.start, token.end).overlaps(t) for t in taken)
    ]
    found: list[Place] = []
    for index in odd[:_MAX_ODD_WORDS]:
        best = _best_window(passage, titles, index, [*taken, *(span for _, span in found)])
        if best:
            found.append(best)
    return found


def _best_window(passage: Passage, titles: Titles, index: int, taken: Sequence[Span]) -> Place | None:
    best: tuple[float, Place] | None = None
    for words in windows(passage, index, _LONGEST_WINDOW):
        if any(words.span.overlaps(t) for t in taken) or words.after_person or words.in_longer_name:
            continue
        if words.plain or (words.in_lower_case and len(words.content) == 1 and not words.cued):
            continue
        joined = " ".join(words.norms)
        near = titles.similar(joined, QUOTED if words.titled and len(joined) > 7 else RUNNING)
        if near is None or not _trusted(words, titles, *near) or goes_on(words):
            continue
        value = near[1] + len(words.tokens)
        if best is None or value > best[0]:
            best = value, (titles.forms[near[0]].rows, words.span)
    return best[1] if best else None


def _trusted(words: Words, titles: Titles, form: str, score: float) -> bool:
    """Whether a slip of this title is the best explanation.

    A run must begin and end with the title's words or slips of them; a single word must be nearer to
    the title than to any everyday word, and a plural alone is no slip of an unknown title.
    """
    if len(words.tokens) > 1:
        edges = {words.norms[0], words.norms[-1]}
        return score > NEARLY_SAME or edges <= {*form.split(), *words.odd}
    word = words.norms[0]
    plural = word.rstrip("s") == form.rsplit(maxsplit=1)[-1].rstrip("s")
    likely = titles.popular(form) or (not plural and (words.cued or words.titled))
    return likely and len(word) >= _SHORTEST_WORD and not _slip_of_everyday(word, score)


def _slip_of_everyday(word: str, score: float) -> bool:
    return process.extractOne(word, _longer_words(), scorer=fuzz.ratio, score_cutoff=score) is not None


@cache
def _longer_words() -> tuple[str, ...]:
    return tuple(sorted(w for w in common_words() if len(w) > 3))
