"""Whether words that spell a title are meant as one."""

from __future__ import annotations

import re

from agent.understanding.around import listed_words
from agent.understanding.lexicon import common_words
from agent.understanding.titles import NEAR, PART
from agent.understanding.words import Words

_SEQUEL = re.compile(
    r"\s+(?:(?:part|vol\.?|volume|chapter|episode)\s+)?(?:\d{1,2}|[IVX]{2,4})"
    r"(?![\w:%/]|\s*(?:/|out of|stars?|times?|minutes|hours))"
)
_SUBTITLE = re.compile(r"(?:\s?[:–—]\s*|\s-\s)(?:[A-Z]|\d+(?!\d*\.?\d?\s*(?:/|stars?|out of|[.,;!?]|$)))")
_COUNTED = re.compile(r"\s*\w+s\b")


def is_title(words: Words, level: int, known: bool) -> bool:
    """Whether a form of a title is meant as a title where it stands.

    Args:
        words: The words, which are a form of a title.
        level: How the form stands for the title (see :mod:`agent.understanding.titles`).
        known: Whether the item is popular or was just shown, so that little is needed to think of it.
    """
    person = words.norms[0] in listed_words("given_names")
    named = words.after_person and not words.cued and (len(words.tokens) == 1 or person)
    if words.plain or named:
        return False
    if len(words.tokens) > 1:
        return _is_phrase(words, level, known)
    if words.norms[0].isdigit():
        counted = _COUNTED.match(words.passage.text, words.span.end)
        return words.cued and words.followed and not counted and not words.bounding
    if words.in_longer_name or words.norms[0] in listed_words("no_title"):
        return False
    if words.odd or words.coined:
        return words.coined or _is_odd_word(words, level, known)
    return _is_word(words, level, known)


def _is_odd_word(words: Words, level: int, known: bool) -> bool:
    """A word that is no everyday one ("inception"); a mere part of a title needs more."""
    if words.in_lower_case and not (
        words.cued or words.listed or words.recalled or words.alone or words.series
    ):
        return False
    goes_by = words.followed or words.judged or words.recalled or words.series or words.rated
    if (
        words.cued
        or words.listed
        or (known and (goes_by or words.titled) and (level != NEAR or words.titled))
    ):
        return True
    return level < PART and (_capital(words) or len(words.norms[0]) > 6)


def _capital(words: Words) -> bool:
    """Whether capitals stand where only a name has them."""
    return words.titled and words.inside_sentence


def _is_phrase(words: Words, level: int, known: bool) -> bool:
    if words.everyday and not words.titled:
        return False
    if _capital(words) and not (level >= PART and words.person):
        return (level <= NEAR and len(words.tokens) > 2) or not words.in_longer_name
    if level >= PART and (words.person or not (words.titled or words.cued or known)):
        return False
    content = len(words.content)
    if words.odd or content > 3:
        return True
    if content == 1:
        told = known and words.content[0] not in listed_words("never") and (words.recalled or words.alone)
        return told or (words.cued and words.followed and (known or words.titled))
    return content > 1 and (known or words.cued)


def _is_word(words: Words, level: int, known: bool) -> bool:
    """An everyday word ("drive"): a capital, or a cue before and nothing that goes on after."""
    if len(words.norms[0]) == 1:
        return words.named and _capital(words)
    if words.norms[0] in listed_words("never"):
        return _is_rare_word(words, known)
    if level == NEAR:  # "The Day" is hardly meant by "day"
        return known and words.cued and words.followed and (words.titled or not words.passage.informative)
    if _capital(words):
        return known or words.cued or words.followed or words.judged
    if words.titled and (words.judged or words.rated or words.alone or words.whole):
        return known
    return known and ((words.cued and words.followed) or words.recalled or words.series)


def _is_rare_word(words: Words, known: bool) -> bool:
    """A word that is hardly ever a title ("it", "up"): a capital and a cue."""
    if _capital(words):
        return words.cued and words.followed
    return known and words.titled and words.judged and words.norms[0] not in listed_words("pronouns")


def may_be_title(words: Words) -> bool:
    """Whether words that are too common by themselves may be a title within a list of titles."""
    if words.everyday or not words.content or words.in_longer_name or words.norms[0].isdigit():
        return False
    if words.plain or (words.in_lower_case and len(words.tokens) == 1):
        return False
    common = len(words.tokens) == 1 and words.norms[0] in listed_words("never")
    return words.followed and (words.titled or not common)


def goes_on(words: Words) -> bool:
    """Whether a number or subtitle follows that makes it another title ("Toy Story 4")."""
    text, end = words.passage.text, words.span.end
    everyday = len(words.tokens) == 1 and words.norms[0] in common_words() and not words.titled
    if _SEQUEL.match(text, end) and not everyday:
        return True
    return words.titled and bool(_SUBTITLE.match(text, end))
