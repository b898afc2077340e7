"""How a speaker feels about the things an utterance names.

A single pass over the cues of the text, clause by clause: a cue such as "loved" governs the things
named after it until another cue or clause ("loved A, B and C"); a predicate such as "was boring"
judges those named before it; negation turns a cue around, a contrast ends its reach, and a pronoun
stands for what was named last. Rules for scope follow the clause-level view of Taboada et al. (2011,
"Lexicon-based methods for sentiment analysis"): negation shifts a judgement, it does not mirror it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.understanding.grades import grades
from agent.understanding.judgements import Event, Judgement
from agent.understanding.lexicon import cues, tones
from agent.understanding.scope import ScopeReader
from agent.understanding.text import Span, lower, masked

MARK = "\ue000"
"""Stands for the characters of a named thing while cues are searched."""

_TARGET = re.compile(f"{MARK}+")
_WORD = re.compile(r"[a-z\u00df-\u024f]+(?:['-][a-z\u00df-\u024f]+)*")
_STRONG = ("forward", "favourite", "verdict", "refusal", "predicate", "similar", "want")
"""Kinds that win over others of the same length, and over turns of phrase of any."""


def judge(text: str, targets: Sequence[Span]) -> list[Judgement]:
    """A judgement of each target.

    Args:
        text: The readable text.
        targets: Where the things are named, in order, without overlaps.
    """
    marked = masked(lower(text), targets, MARK)
    reader = ScopeReader(marked, list(targets))
    for event in _events(marked):
        reader.read(event)
    reader.finish()
    return reader.judgements


def _events(marked: str) -> list[Event]:
    """Cues and targets in order; where they overlap the surest is kept, then the longest."""
    targets = [Event("target", 0, m.start(), m.end()) for m in _TARGET.finditer(marked)]
    found = [Event("verdict", value, start, end, marked[start:end]) for start, end, value in grades(marked)]
    for cue in cues():
        found += [
            Event(cue.kind, cue.value, m.start(), m.end(), m[0]) for m in cue.pattern.finditer(marked) if m[0]
        ]
    strong = [e for e in found if e.kind in _STRONG]
    phrases = [e for e in found if e.kind == "tone" and not any(_overlap(e, other) for other in strong)]
    rest = [e for e in found if e.kind != "tone"] + phrases
    rest.sort(key=lambda e: (e.start - e.end, e.kind not in _STRONG, e.start))
    words = [
        Event("tone", tones()[m[0]], m.start(), m.end(), m[0])
        for m in _WORD.finditer(marked)
        if m[0] in tones()
    ]
    taken = bytearray(len(marked))
    kept = []
    for event in [*targets, *rest, *words]:
        if not any(taken[event.start : event.end]):
            taken[event.start : event.end] = b"\x01" * (event.end - event.start)
            kept.append(event)
    return sorted(kept, key=lambda e: e.start)


def _overlap(first: Event, second: Event) -> bool:
    return first.start < second.end and second.start < first.end
