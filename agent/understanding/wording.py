"""Tests of the words around a cue: who is asked, what is described, compared or only imagined."""

from __future__ import annotations

import re

_QUESTION = re.compile(
    r"[^\w\ue000]*(?:(?:and|but|so|ok|okay|hey|hm+|wait|also|then|or)\W+)*(?:is|isn't|was|wasn't|are|aren't"
    r"|were|weren't"
    r"|does|doesn't|did|didn't|do|don't|will|would|wouldn't|can|could|should|has|have|think|reckon|any chance"
    r"|worth|ever|what's|what is|who's|who is|which|when|where|how (?:long|many|old))\b[^.!?;\n]*\?"
)
"""A question that can be answered by yes or no."""
_OWN = re.compile(r"\b(?:i|we)(?:'ve)?\s+(?:\w+\s+)?$")
_OF_ANOTHER = re.compile(
    r"(?:(?:^|[.!?;,\n])\W*(?:there (?:are|is)|there's|(?:is|are|was|were)\s+(?!there\b))"
    r"|(?:(?<!if )(?<!as long as )\b(?:it|they|he|she)|(?:^|[.!?;,\n]\s*)(?:that|this))"
    r"(?:'s| is| was| are| were)(?! there)\b)[^.!?;,\n]*$"
)
"""Before "like": the words describe one thing by another, and ask for neither ("it is a bit like")."""
_PAST = re.compile(
    r"(?:ed|lov\w+|enjoys?|couldn'?t.*|fell.*|walked.*|gave.*|encant\w+|got a kick.*|ich liebe|had fun.*)$"
)
_HYPOTHETICAL = re.compile(r"(?:will|would|'ll|'d|might|may|could|gonna|going to)\s+(?:\w+\s+)?$")
_VARIED = re.compile(
    r"(?:but|only|except) (?:for|with|without|set|in|on|less|more|not (?:so|as|that|too)|a (?:bit|little)"
    r"|slightly"
    r"|make it|(?!never|after|whether|other|however|another|rather|over|under|her\b|per\b)\w+er\b)"
)
"""After a thing: how what is wanted differs from it ("A but funnier")."""
_PREPOSITION = re.compile(
    r"except|anything|everything|apart|other|excluding|exclude|leave"
    r"|(?:the )?(?:\w+ )?opposite|unlike|less|different|no more"
)
"""Cues that are no verbs: their object never stands before them."""
_WANTED = re.compile(r"\b(?:something|anything|looking for|need|want|another)\b")
_COMPARES = re.compile(
    r"as |better|worse|beats?$|tops$|outshines|>|over$|\w+ the floor|trumps|smokes|crushes|destroys|eclipses"
)


def questioned(text: str, sentence: int, cue: int) -> bool:
    """Whether a cue stands in a yes-no question and is not what the speaker tells of themselves.

    Args:
        text: Lower-case text.
        sentence: Where its sentence begins.
        cue: Where the cue begins.
    """
    return bool(_QUESTION.match(text, sentence)) and not _OWN.search(text[:cue])


def describes(text: str, cue: int) -> bool:
    """Whether what stands before a comparing cue tells of one thing by another ("it is a bit like")."""
    return bool(_OF_ANOTHER.search(text[:cue]))


def asks_before(text: str, sentence: int, cue: int) -> bool:
    """Whether a sentence asks for something before a cue ("something gripping")."""
    return bool(_WANTED.search(text, sentence, cue))


def told_of_past(text: str, cue: int, words: str) -> bool | None:
    """Whether words of feeling tell of what was seen ("loved"); None where they tell nothing of it."""
    if not _PAST.search(words):
        return None
    return not _HYPOTHETICAL.search(text[:cue])


def compares(words: str) -> int:
    """1 where a cue puts the thing before it above the one after, -1 below, 0 where it compares neither."""
    found = _COMPARES.match(words)
    return 0 if found is None else -1 if found[0] == "worse" else 1


def varies(text: str, start: int) -> bool:
    """Whether words say how what is wanted differs from the thing before them ("A but funnier")."""
    return bool(_VARIED.match(text, start))


def follows_only(text: str, cue: int) -> bool:
    """Whether a cue is no verb, so that its object never stands before it."""
    return bool(_PREPOSITION.match(text, cue))
