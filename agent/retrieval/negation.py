"""What a wish turns down: "without kiwi", "not a stew", "I'm allergic to nuts".

Sentence embeddings hardly see a negation: "a salad without kiwi" is nearest to the salads with kiwi. So what
is turned down is cut out of what is searched for, and held against the items that have it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from agent.understanding.pasted import pasted

_N_T = r"(?:n['’]?t|\snot)"
_VERB = (
    r"(?:(?:really|particularly|actually|even)\s)?(?:like|love|enjoy|want|need|eat|drink|have|own|use|contain|include"
    r"|involve|require|taste|feel|smell|look|take|stand|be|care\sfor)s?"
)
_REFUSING = rf"""
    (?:do|does|wo|will|would|ca|can|could|should|must|may){_N_T}\s{_VERB}\b(?!(?<=have|need)\sto\b)
  | cannot\s{_VERB}\b
  | (?:is|are|was|were|am){_N_T}(?!\s(?:it|there|that|this|he|she)\b)
  | without | except(?:\sfor)? | excluding | minus | avoid(?:ing|s)?
  | other\sthan | instead\sof | rather\sthan | besides(?!,) | lacking | neither
  | (?:leav|tak)(?:e|ing)\sout | cut(?:ting)?\s(?:out|down\son|back\son)
  | (?:anything|everything)\sbut | nothing | none\sof | free\s(?:of|from) | (?:with|have|has|contains?)\sno
  | no(?!\s(?:matter|problem|idea|worries|one|need|doubt|longer|(?:more|less|later|earlier)\sthan)\b)
  | not(?!\s(?:only|just|sure|to\smention|necessarily|bad|really[.,!?]|now|yet|again|today|much
    |seen|heard|watched|read|played|tried|been|(?:more|less|later|earlier)\sthan)\b)
  | (?:really\s)?(?:hate|dislike|detest|loathe)s?
  | (?:severely\s)?(?:allergic|intolerant|sensitive|averse)\sto
  | (?:ran|run|runs|running)\sout\sof | (?<=[Ii]['’]m\s)out\sof | (?:am|are|is)\sout\sof | (?:sick|tired)\sof
"""
_DEGREE = (
    r"(?:\s+(?:too|very|so|really|that|any|much|many|more|an?|the|to|be|been|have|contain|include|get|taste|like"
    r"|want|eat|watch|see|read|play|another|anything|something|with|for|(?:in\sthe\smood|looking)\sfor"
    r"|interested\sin|into|(?:a\s)?(?:big\s)?fan\sof|keen\son|fond\sof"
    r"|able\sto|using|made\s(?:with|of|from))\b)*"
)
_CUE = re.compile(rf"(?<![\w'’-])(?:{_REFUSING})(?![\w-]){_DEGREE}\s*", re.IGNORECASE | re.VERBOSE)
_LACKING = re.compile(r"\b(?:non-([a-z]+)|([a-z]+)(?:-free| intolerant))\b", re.IGNORECASE)
_ZH = re.compile(
    r"(?:(?<!要)不要|(?<!想)不想要?|(?<!有)没有(?!看|见|听)|(?<!喜欢)不喜欢|不含|不带|讨厌|避免|除了)"
    r"(?P<what>[^，。！？；,.!?;\n但]+?)(?=的|以外|之外|[，。！？；,.!?;\n但]|$)"
    r"|对(?P<allergen>[^，。！？；,.!?;\n对]+?)过敏"
)

_OR = r"(?:or|and|nor)\b"
_STOP = re.compile(
    r"[.!?;:,\n()]|\s[-–—]\s|\b(?:but|because|since|although|though|however|so|if|for|when|while|at|please|thanks"
    r"|which|who|that\s+(?:is|are|has|have|i)|(?:and|or)(?=\s+(?:not|no|nothing|without)\b)"
    r"|and(?=\s+(?:also|with|i|we|he|she|they|it|my)\b))\b",
    re.IGNORECASE,
)
_LISTED = re.compile(
    rf",\s*(?:{_OR}\s)?(?!(?:something|anything|some|an?|the|just|maybe|with|i)\b)[\w'’-]+(?:\s[\w'’-]+)?"
    rf"(?=\s*(?:[,.!?;\n]|$|{_OR}))",
    re.IGNORECASE,
)
_LISTING = re.compile(rf"(?:(?!\bbut\b)[^.!?;\n])*\b{_OR}", re.IGNORECASE)
_JOINED = re.compile(
    r"(?:(?<![\w'’])(?:but|and|or|however|although|though|if|because|so|since|with|i|we|you|he|she|they|it|who|which"
    r"|that|what|is|are|am|(?:i|we|you|he|she|they|it|that|what)['’](?:m|s|re|ve)|please|trying\sto)\b[\s,]*)+$",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"(?:(?:the|that|this|these|those|it|them|other|last|first|second|third|fourth|fifth|next|same|ones?|else|sure"
    r"|interested|really|again|now|you|me|both|all|none|much|fine|ok(?:ay)?|true|right|know)\b\s*)+",
    re.IGNORECASE,
)
"""Words that only point at what was said or shown, or answer it."""

_EDGE = " \t\n,;:.!?-–—"


class Wish(NamedTuple):
    """A wish in two parts.

    Attributes:
        wanted: The text without what it turns down.
        unwanted: What it turns down, in order.
    """

    wanted: str
    unwanted: tuple[str, ...]


def split_wish(text: str) -> Wish:
    """Tell what a text asks for from what it turns down.

    A text that does nothing but turn down is wanted as it is: there is nothing else to search for. What was
    pasted, such as an abstract, turns nothing down.
    """
    if (span := pasted(text)) is not None:
        around = split_wish(text[: span.start] + " " + text[span.end :])
        return Wish(
            " ".join(filter(None, (text[span.start : span.end], around.wanted.strip()))), around.unwanted
        )
    cut, unwanted = _refused(text)
    for found in _ZH.finditer(text):
        cut.append(found.span())
        unwanted.append(found["what"] or found["allergen"])
    unwanted += [m[1] or m[2] for m in _LACKING.finditer(text)]
    return Wish(_without(text, sorted(cut)) or text, tuple(dict.fromkeys(unwanted)))


def _refused(text: str) -> tuple[list[tuple[int, int]], list[str]]:
    """Spans of the negations with what they govern, and what that is."""
    spans, phrases = [], []
    start = 0
    while cue := _CUE.search(text, start):
        end = _end(text, cue.end())
        phrase = text[cue.end() : end].strip(_EDGE)
        start = max(end, cue.start() + 1)
        if phrase and not _POINTING.fullmatch(phrase):
            joined = _JOINED.search(text, 0, cue.start())
            spans.append((joined.start() if joined else cue.start(), end))
            phrases.append(phrase)
    return spans, phrases


def _end(text: str, start: int) -> int:
    """Where a negation that governs from ``start`` ends: with its clause, or with the list it opens."""
    end = start
    while stop := _STOP.search(text, end):
        listed = _LISTED.match(text, stop.start()) if _LISTING.match(text, stop.start()) else None
        if listed is None:
            return stop.start()
        end = listed.end()
    return len(text)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without spans that are in order; as it is where there are none."""
    if not spans:
        return text
    kept, start = "", 0
    for begin, end in spans:
        kept += text[start:begin] + " "
        start = max(start, end)
    kept = re.sub(r"\s+(?=[,.!?;])", "", kept + text[start:])
    return " ".join(kept.split()).strip(_EDGE)
