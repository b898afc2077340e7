"""A text about something that was pasted into a request, such as the abstract of a paper or a sentence of it.

Its sentences tell what it is about; they ask for nothing and turn nothing down, whatever negations, years
and names they hold.
"""

from __future__ import annotations

import re

from agent.understanding.text import Span

_FEWEST_WORDS = 35
_FEWEST_SENTENCES = 2
_FEWEST_OF_STATEMENT = 8
_STATEMENT = re.compile(
    r"\s*[\"“]?(?!(?:An?|Some|Any|Something|Anything|More|Less|No|Not|Nothing|Just|Maybe|Only|What|Which|Who"
    r"|How|Why|Where|When|Is|Are|Do|Does|Can|Could|Would|Will|Loved|Liked|Hated|Watched|Seen|Saw)\b)"
    r"[A-Z][^?]*[.!][\"”]?\s*"
)
_VOICE = re.compile(
    r"\b(?:we|our|this|these|the|existing|prior|previous|recent|current|extensive|proposed|experimental"
    r"|empirical) (?:\w+[- ]){0,3}?(?:propose|present|introduce|show|demonstrate|find|evaluate|analy[sz]e"
    r"|study|investigate|develop|design|paper|work|works|studies|methods?|approach|approaches|framework|models?"
    r"|results?|experiments?|findings?|analysis|datasets?|benchmark|architecture|systems?|evaluation)\b"
    r"|\bwe (?:\w+ly )?(?!have|had|are|were|want|need|would|like|love|will|can|could|saw|seen|watch|enjoy"
    r"|hate|went|took|must|did|do|all|both|usually|just|might|may|should|think|know|got|get)[a-z]{3,}"
    r"|\b(?:outperforms?|state-of-the-art|baselines?|results (?:show|indicate|suggest)"
    r"|experiments (?:on|show)|achieves?|demonstrates?|however|moreover|furthermore|additionally"
    r"|consequently)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\W*(?:find|recommend|suggest|show|list|get|search|any|anything|something|similar|more|papers?|articles?"
    r"|surveys?|work|related)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\b(?:papers?|articles?|surveys?|work|research|anything|something|movies?|films?|games?|books?|recipes?)"
    r" (?:on|about|by|from|like|similar|published|with|without|for|that)\b"
    r"|\bwe (?:want|need|would|like|love|are)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_LEAD = re.compile(r"(?:^|(?<=[.!?\n]))[^.!?\n]{0,120}[:\n]\s*")
_TAIL = re.compile(r"\n\s*[^\n]{0,160}$")
_PERSONAL = re.compile(
    r"\b(?:i|me|my|mine|i['’](?:m|ve|d|ll)|you|your|please|thanks|recommend(?:ations?)? (?:for|me|some|any)"
    r"|suggestions?|looking for|find me|show me|give me|(?:any|some)thing (?:like|similar|about))\b",
    re.IGNORECASE,
)


def pasted(text: str, *, statements: bool = True) -> Span | None:
    """Where a text stands that was pasted: the whole, or what follows a colon or a line break.

    Nobody in it speaks of themselves or to another. It has at least two sentences and 35 words, or it is a
    whole sentence that states something in the voice of research ("Existing methods do not ...").
    """
    starts = [0, *(m.end() for m in _LEAD.finditer(text))]
    tail = _TAIL.search(text)
    ends = [len(text), *([tail.start()] if tail else [])]
    spans = sorted((Span(s, e) for s in starts for e in ends if s < e), key=lambda s: s.start - s.end)
    return next((span for span in spans if _describes(text[span.start : span.end], statements)), None)


def _describes(text: str, statements: bool) -> bool:
    words = len(_WORD.findall(text))
    if _PERSONAL.search(text) or _OPENING.match(text):
        return False
    if words >= _FEWEST_WORDS and len(_SENTENCE_END.findall(text)) >= _FEWEST_SENTENCES:
        return True
    if (
        not statements
        or words < _FEWEST_OF_STATEMENT
        or not _STATEMENT.fullmatch(text)
        or _ASKING.search(text)
    ):
        return False
    return bool(_VOICE.search(text))
