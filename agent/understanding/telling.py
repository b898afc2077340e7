"""Clauses that tell or ask something of things that are known, and so require nothing of what is shown.

"It was a great 80s comedy" and "if you like horror" name categories and years as a request does; what
tells them apart is the speech act: whose taste is meant, and whether the clause describes or asks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.understanding.lexicon import words
from agent.understanding.text import Span, masked

_MARK = "\ue000"
_CLAUSE = re.compile(r"(?:[^.!?;,\n。！？；，]|(?<=\d)[.,](?=\d))+\??")
_OTHER = re.compile(
    r"\b(?:if|since|unless) (?:you|u|he|she|they)\b(?! (?:have|has|had|can|could|know|got|don't|find)\b)"
    r"|\b(?:do|did|are|were|would|does|is) (?:you|u|he|she|they) (?:like|love|prefer|into"
    r"|enjoy|watch|see|a fan|ever|usually|want)\b"
    r"|\b(?:what|which) (?:kinds?|types?|sorts?) of\b.*(?:\?|\byou\b)"
    r"|\byou (?:might|may|should|could|must|can|will|would|'ll) (?:\w+ )?"
    r"(?:like|love|enjoy|try|watch|see|check)\b"
)
"""The other's taste: "if you like", "do you prefer", "what kind of"."""
_PREDICATION = re.compile(
    r"^\W*(?:(?:and|but|so|yes|yeah|oh|well|because|also|i think|i know|i guess)\W+)*"
    r"(?:it|that|this|they|those|these|he|she|which|both|there)"
    r"(?:'s|'re| is| was| are| were| has| had| have| does| did)\b"
    r"(?! (?:\w+ )?(?:any|fine|ok|okay|after|looking|into|in the mood|keen|asking|craving|wanting|hoping)\b)"
)
"""A clause about something that is known: "it was", "that has", "there is"."""
_RECALL = re.compile(
    r"\b(?:i|we)(?:'ve)? (?:just |recently |also |already |only )*(?:saw|know of|remember|can'?t think of)\b"
)
_WISH = re.compile(
    r"\b(?:something|anything|any|more|another|want|need|looking for|(?:i|we)(?:'d| would) (?:like|love))\b"
)


_ASKED_OF = re.compile(
    r"\W*(?:(?:and|but|so|ok|okay|oh|hey|hm+|wait)\W+)*(?:is|are|was|were|does|do|did|can|could|will|would|has|have"
    rf"|how|who|when)\b[^.!?;\n]*{_MARK}[^.!?;\n]*\?"
)
"""A question about something that is named ("does A work with six?")."""


def asking_clauses(text: str, named: Sequence[Span], wanted: Sequence[Span]) -> list[Span]:
    """Questions about named items, in which no number is a requirement; arguments as below."""
    marked = masked(text, [s for s in named if s not in wanted], _MARK)
    questions = (Span(m.start(), m.end()) for m in re.finditer(r"[^.!?;\n]+\??", marked))
    return [q for q in questions if _ASKED_OF.match(marked[q.start : q.end])]


def telling_clauses(text: str, named: Sequence[Span], wanted: Sequence[Span]) -> list[Span]:
    """Clauses of lower-case text whose categories, years and comparatives are no requirements.

    Args:
        text: The lower-case text.
        named: Spans of items, known or not.
        wanted: Those of them that say what is wanted ("like A") or not wanted ("not A").
    """
    found = []
    marked = masked(text, named, _MARK)
    for m in _CLAUSE.finditer(marked):
        clause = Span(m.start(), m.end())
        inside = [s for s in named if s.overlaps(clause)]
        if any(s in wanted for s in inside):
            continue
        states = bool(inside) or bool(_PREDICATION.match(m[0]))
        recalls = _RECALL.search(m[0]) and not _WISH.search(m[0])
        if _OTHER.search(m[0]) or recalls or (states and not _asks(m[0])):
            found.append(clause)
    return found


def _asks(clause: str) -> bool:
    """Whether a clause asks for something to be shown."""
    return bool(words("intents", "request").search(clause)) and not words("intents", "ask_item").match(clause)
