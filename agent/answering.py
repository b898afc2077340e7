"""What an utterance says as the answer to a clarifying question: "the second", "comedy", "don't care"."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from agent.clarification import Clarification, Option
from agent.context import Constraint, fold
from agent.feedback import values
from agent.understanding import Understanding
from agent.understanding.lexicon import alternatives, mapping, phrases

_WORD = re.compile(r"\w+")
_ZH_PLACE = re.compile(r"(?:第([一二三四])|([1-4]))[个部本篇种]?")
_ZH_PLACES = "一二三四"


def read_answer(said: Understanding, asked: Clarification) -> Understanding:
    """What was understood of an utterance, read as the answer to a question.

    An option is chosen by its words or its place ("the second" is then no item of the list), a range also by
    its direction ("something recent"); "none of these" turns the options down, and the list if it did before;
    "don't care" says nothing of them. What does not answer the question is returned as it was.
    """
    plain = _stripped(said.text)
    if plain is None or _is(plain, "any"):
        return _answer(said, asked) if plain is not None else said
    if (option := _chosen(plain, asked)) is not None:
        return _answer(said, asked, option.constraints)
    if _is(plain, "none"):
        return replace(said, facets={**said.facets, **_turned_down(asked)}, answers=asked.field)
    if any(c.field == asked.field for c in said.constraints) and not said.wish and not said.mentions:
        return replace(said, intents=("inform",), answers=asked.field)
    return said


def _answer(
    said: Understanding, asked: Clarification, constraints: tuple[Constraint, ...] = ()
) -> Understanding:
    """An utterance that says nothing but some conditions; "inform" so that the wish stays as it was."""
    return Understanding(said.text, ("inform",), constraints=constraints, answers=asked.field)


def _stripped(utterance: str) -> str | None:
    """The folded utterance without the words around an answer; None where there are no words at all."""
    plain = " ".join(fold(utterance).replace("’", "'").split()).strip(" .,!?;:。，！？；：")
    return plain or None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    around = alternatives(phrases("answers", "around"))
    return re.compile(
        rf"(?:(?:{around})[\s,]*)*(?:{alternatives(phrases('answers', name))})(?:[\s,]*(?:{around}))*"
    )


def _is(plain: str, name: str) -> bool:
    return _pattern(name).fullmatch(plain) is not None


def _chosen(plain: str, asked: Clarification) -> Option | None:
    named = [option for option in asked.options if _names(plain, option)]
    if len(named) == 1:
        return named[0]
    if len(named) > 1:  # "before 1990" holds "1990"
        longest = max(named, key=lambda option: len(option.words))
        return longest if all(fold(o.words) in fold(longest.words) for o in named) else None
    if (place := _place(plain, len(asked.options))) is not None:
        return asked.options[place]
    return _directed(plain, asked)


def _names(plain: str, option: Option) -> bool:
    """Whether an utterance is the words of an option, but for the words around an answer."""
    words = re.escape(fold(option.words))
    around = alternatives(phrases("answers", "around"))
    return re.fullmatch(rf"(?:(?:{around})[\s,]*)*{words}s?(?:[\s,]*(?:{around}))*", plain) is not None


def _place(plain: str, options: int) -> int | None:
    """The option that a bare place points at, from 0."""
    if _is(plain, "first"):
        return 0
    if _is(plain, "last"):
        return options - 1
    zh = _ZH_PLACE.search(plain)
    if zh and _is(plain.replace(zh[0], "", 1) or "我", "around"):
        place = _ZH_PLACES.index(zh[1]) if zh[1] else int(zh[2]) - 1
        return place if place < options else None
    ordinals, numbers = mapping("references", "ordinals"), mapping("references", "numbers")
    spoken = _WORD.findall(plain)
    pointed = [w for w in spoken if w in ordinals] or [w for w in spoken if w in numbers or w.isdigit()]
    if len(pointed) != 1:
        return None
    place = int(pointed[0] if pointed[0].isdigit() else {**numbers, **ordinals}[pointed[0]]) - 1
    around = re.sub(rf"\b{pointed[0]}\b", " ", plain, count=1)
    return place if 0 <= place < options and _is(" ".join(around.split()) or "the", "around") else None


def _directed(plain: str, asked: Clarification) -> Option | None:
    """The end of a range of numbers that "something recent" or "short" points at."""
    ends = [(option, _middle(option)) for option in asked.options]
    known = [(option, middle) for option, middle in ends if middle is not None]
    if not known:
        return None
    if _is(plain, "high"):
        return max(known, key=lambda pair: pair[1])[0]
    return min(known, key=lambda pair: pair[1])[0] if _is(plain, "low") else None


def _middle(option: Option) -> float | None:
    values = [float(c.value) for c in option.constraints if isinstance(c.value, (int, float))]
    below = all(c.op in ("<", "<=") for c in option.constraints)
    return sum(values) / len(values) - (0.5 if below else 0.0) if values else None


def _turned_down(asked: Clarification) -> dict[tuple[str, str], int]:
    """Less of each value offered; ranges leave nothing else to want."""
    named = [c for option in asked.options for c in option.constraints if c.op == "in"]
    return {(asked.field, v): -1 for c in named for v in values(c)}
