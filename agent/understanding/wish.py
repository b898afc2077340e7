"""What is left of an utterance as a description of what is wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.understanding.lexicon import words
from agent.understanding.text import Span, lower, masked

_CLAUSES = re.compile(r"[^.!?;,\n。！？；，]+")
_TURN = re.compile(
    r"\b(?:but|and(?= (?:i|we|he|she|they|it|my)\b)|because|since|although|though|however)\b", re.I
)
"""Words that open another clause, which may say the opposite."""


def read_wish(text: str, removed: Sequence[Span], dropped: Sequence[Span]) -> str:
    """The words that describe what is wanted, for an embedding query; empty where there are none.

    Args:
        text: The readable text.
        removed: Spans that are read otherwise: items, constraints, critiques, numbers.
        dropped: Sentences that ask for nothing: attitudes to items, questions, small talk.
    """
    kept = masked(masked(text, dropped, " "), removed, " ")
    kept = _TURN.sub(lambda m: "\n" * len(m[0]), kept)
    plain = lower(kept)
    left = []
    for m in _CLAUSES.finditer(kept):
        clause = kept[m.start() : m.end()]
        if words("wish", "averse").search(plain[m.start() : m.end()]):
            continue
        if describes(clause):
            left.append(_trim(clause))
    return ", ".join(part for part in left if part)


def describes(text: str) -> bool:
    """Whether words are left without those that only ask ("hmm, I'm bored")."""
    rest = words("wish", "filler").sub(" ", words("wish", "vague").sub(" ", lower(text)))
    return any(map(str.isalnum, rest))


def _trim(clause: str) -> str:
    """The clause from its first word that says something to its last."""
    places = list(re.finditer(r"[^\s,]+", clause))
    filler = words("wish", "filler")
    plain = lower(clause)
    cover = bytearray(len(clause))
    for m in filler.finditer(plain):
        cover[m.start() : m.end()] = b"\x01" * (m.end() - m.start())
    telling = [
        p for p in places if not all(cover[i] or not clause[i].isalnum() for i in range(p.start(), p.end()))
    ]
    if not telling:
        return ""
    negation = re.search(r"(?:\b(?:no|not|without|nothing)\s+(?:too\s+)?)$", plain[: telling[0].start()])
    start = negation.start() if negation else telling[0].start()
    return re.sub(r"\s+", " ", clause[start : telling[-1].end()]).strip(" ,:-–—()\"'，、")
