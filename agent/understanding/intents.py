"""What an utterance is for, how many items it asks for, and which conditions it drops."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agent.understanding.lexicon import alternatives, mapping, phrases, words
from agent.understanding.text import Span, masked
from agent.understanding.turn import Intent

_MARK = "\ue000"
_SENTENCES = re.compile(r"[^.!?;\n。！？；]+[.!?;\n。！？；]*")
_LEAD = (
    r"^[^\w\ue000]*(?:(?:and|so|but|oh|ok|okay|hi|hey|hello|well|great|yes|no|yep|um|hmm|wait|then|now"
    r"|please|can you|could you)[\s,.!]+)*"
)
_NEGATED = re.compile(r"(?:\bnot|n't|\bnever|\bno|\bdont|\bwont|不)\s*(?:\w+\s+){0,2}$")
_PERSONAL = re.compile(
    r"\bi(?:'ve| have|'m| am|ve|m)? (?:\w+ ){0,2}?(?:lov(?:e|ed)|like[d]?|enjoy(?:ed)?|hat(?:e|ed)"
    r"|adored?|prefer|into|a fan|not a fan|seen|watched|saw|can'?t stand|dislike|(?:tired|sick"
    r"|bored) of|fed up)\b(?! to\b)|\bmy fav|我(?:很|最|不|超|特别|非常)?(?:喜欢|讨厌|爱)|我看过"
)
_WOULD = re.compile(r"\bi(?:'d| would|d) (?:really )?(?:like|love|prefer)")
_ELLIPTIC = re.compile(
    r"^\W*(?:really |absolutely |just |already )?(?:loved|liked|hated|enjoyed|watched|saw|seen|adored)\b"
)
_YES = re.compile(
    r"^\W*(?:yes|yep|yeah|yup|sure|ok|okay|alright|fine|cool|nice|great|wow|oh nice|good|好|行|嗯|可以)\W*$"
)
_NUMBER_AFTER = (
    r"(?:\s+(?:\w|-)+){0,3}?\s+(?:movies?|films?|papers?|articles?|games?|books?|recommendations?"
    r"|suggestions?|options?|ideas?|titles?|ones|picks?|items?|results?|flicks?|more|of them|\ue001+)"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the other readers found, as far as intents depend on it.

    ``items`` are spans of named items, known or not; ``places`` of places in the last list. ``stated``
    says that an attitude or "seen" was stated, ``compared`` that something like an item is wanted,
    ``turned_down`` that an item of the list is disliked, ``taken_up`` that one is liked; ``elsewhere``
    that something is asked for that the catalog has nothing to do with.
    """

    items: tuple[Span, ...] = ()
    places: tuple[Span, ...] = ()
    constrained: bool = False
    critiqued: bool = False
    stated: bool = False
    compared: bool = False
    turned_down: bool = False
    taken_up: bool = False
    answering: bool = False
    elsewhere: bool = False


def read_intents(text: str, evidence: Evidence, relaxed: Sequence[str]) -> tuple[Intent, ...]:
    """The intents of lower-case text, the weightiest first.

    Args:
        text: The lower-case text.
        evidence: What was found in it.
        relaxed: Fields whose conditions it drops.
    """
    marked = masked(text, [*evidence.items, *evidence.places], _MARK)
    found: list[Intent] = ["relax"] if relaxed else []
    why = _asks_why(marked, evidence)
    about = not why and _asks_item(marked, evidence)
    requests = bool(words("intents", "request").search(marked)) or evidence.compared
    if why:
        found.append("ask_why")
    if about:
        found.append("ask_item")
    if evidence.critiqued and evidence.answering:
        found.append("critique")
    elif evidence.constrained or (
        (requests or evidence.critiqued)
        and not why
        and not relaxed
        and not _only_asks(marked, about, evidence)
    ):
        found.append("recommend")
    if _rejects(marked, evidence):
        found.append("reject")
    elif _accepts(marked, evidence) and not why:
        found.append("accept")
    if evidence.stated or (
        (_PERSONAL.search(_WOULD.sub("", marked)) or _ELLIPTIC.match(marked)) and not evidence.critiqued
    ):
        found.append("inform")
    talk = _small_talk(marked, found, evidence)
    if "off_topic" in talk:
        return talk
    return tuple(dict.fromkeys(found)) + talk


def _asks_why(marked: str, evidence: Evidence) -> bool:
    pattern = rf"{_LEAD}(?:tell me |explain )?(?:{alternatives(phrases('intents', 'ask_why'))})"
    said = any(re.match(pattern, s[0]) for s in _SENTENCES.finditer(marked)) or bool(
        re.search(r"为什么|为啥|理由|凭什么|" + _MARK + r"\W*(?:but )?why\b", marked)
    )
    return said and (evidence.answering or _MARK in marked)


def _asks_item(marked: str, evidence: Evidence) -> bool:
    """A question about a named item, or about "it" after one was named."""
    pattern = re.compile(rf"{_LEAD}(?:{alternatives(phrases('intents', 'ask_item'))})")
    named = False
    for sentence in (m[0] for m in _SENTENCES.finditer(marked)):
        here = _MARK in sentence
        opens = pattern.match(sentence) or re.search(
            r"吗|谁|什么|怎么样|介绍一?下|讲讲|说说|多长|哪一?年", sentence
        )
        pronoun = (
            (named or evidence.answering)
            and not evidence.critiqued
            and re.search(r"\b(?:it|that one|this one)\b", sentence)
        )
        wants = re.search(
            rf"(?:like|similar to|类似|像|recommend|suggest|looking for"
            rf"|(?:any|some) (?:ideas|options|suggestions|tips))\W*(?:\w+\s+)?{_MARK}?",
            sentence,
        ) and not re.search(r"(?:do|did) (?:you|u) like", sentence)
        asked = sentence.rstrip().endswith(("?", "？")) and (_MARK in sentence.split(",")[-1] or pronoun)
        if (here or pronoun) and not wants and (opens or asked):
            return True
        named = named or here
    return False


def _only_asks(marked: str, about: bool, evidence: Evidence) -> bool:
    """Whether words of request belong to a question about an item ("what is X about?")."""
    if not about:
        return False
    others = [s for m in _SENTENCES.finditer(marked) for s in re.split("[,，]", m[0]) if _MARK not in s]
    return not evidence.compared and not any(
        words("intents", "request").search(s) and not re.search(r"\bit\b", s) for s in others
    )


def _said(name: str, marked: str) -> bool:
    """Whether a cue of an intent is there and not negated."""
    return any(not _NEGATED.search(marked[: m.start()]) for m in words("intents", name).finditer(marked))


def _accepts(marked: str, evidence: Evidence) -> bool:
    if evidence.taken_up or _said("accept", marked):
        return not marked.rstrip().endswith("?")
    if (
        evidence.places
        and not evidence.critiqued
        and re.match(rf"\W*(?:yes|yep|yeah|sure|ok|okay)\b[^.?!]{{0,30}}{_MARK}", marked)
    ):
        return True
    return evidence.answering and bool(_YES.match(marked))


def _rejects(marked: str, evidence: Evidence) -> bool:
    if evidence.turned_down:
        return True
    if not evidence.answering or (evidence.critiqued and not re.search(r"none|neither|都不", marked)):
        return not evidence.critiqued and bool(
            re.match(
                r"\W*(?:no|nope|nah)\b[,.!]?\s+(?:thanks|i (?:don'?t(?! mind)|didn'?t|haven'?t)|not)", marked
            )
        )
    return bool(words("intents", "reject").search(marked)) or bool(
        re.fullmatch(r"\W*(?:no|nope|nah|next|不|不要|不行)\W*", marked)
    )


def _small_talk(marked: str, found: Sequence[Intent], evidence: Evidence) -> tuple[Intent, ...]:
    talk: list[Intent] = []
    if words("intents", "thank").search(marked):
        talk.append("thank")
    if not [i for i in found if i not in ("accept", "reject", "inform")]:
        if words("intents", "goodbye").search(marked) and len(marked) < 120:
            talk.append("goodbye")
        if (
            not talk
            and not found
            and re.match(
                rf"{_LEAD}(?:i'?m good\W*|good\W*)?(?:{alternatives(phrases('intents', 'greet'))})", marked
            )
        ):
            talk.append("greet")
    if (
        not evidence.items
        and not evidence.places
        and not evidence.constrained
        and not evidence.critiqued
        and evidence.elsewhere
    ):
        return ("off_topic",)
    return tuple(talk)


def read_relaxed(
    text: str, categories: Sequence[Span], years: Sequence[Span], answering: bool
) -> tuple[tuple[str, ...], list[Span]]:
    """Fields whose conditions are dropped (``*`` for all), and the sentences that say so.

    Args:
        text: The lower-case text.
        categories: Spans of categories ("horror is fine after all").
        years: Spans of years ("older than 1990 is fine").
        answering: Whether there is a last list; without one, weak words ("is fine") drop nothing.
    """
    fields: list[str] = []
    spans: list[Span] = []
    for m in re.finditer(
        r"(?:(?!\b(?:(?:as|so) long as|provided|but|except|apart from|other than)\b)[^.!?;,\n。！？；，]"
        r"|(?<=\d)\.(?=\d))+",
        text,
    ):
        clause = m[0]
        if not words("intents", "relax").search(clause):
            continue
        strong = answering or bool(words("intents", "relax_strong").search(clause))
        span = Span(m.start(), m.end())
        named = [
            name
            for name in mapping("intents", "relax_fields")
            if words("intents", "relax_fields", name).search(clause)
        ]
        if any(c.overlaps(span) for c in categories) and not words("intents", "request").search(clause):
            named.append("categories")
        if any(y.overlaps(span) for y in years):
            named.append("year")
        if not named and words("intents", "relax_all").search(clause) and answering:
            named.append("*")
        if named:
            fields += named if strong else ()
            spans.append(span)
    return tuple(dict.fromkeys(fields)), spans


def read_count(text: str, categories: Sequence[Span]) -> tuple[int | None, Span | None]:
    """How many items are asked for, and the words that say so.

    Args:
        text: Lower-case text in which items, places and constraints are masked.
        categories: Spans of categories, which are counted like "movies".
    """
    marked = masked(text, categories, "\ue001")
    m = _count_pattern().search(marked)
    if m is None:
        return None, None
    word = next(v for v in m.groupdict().values() if v)
    number = int(word) if word.isdigit() else int(mapping("references", "numbers").get(word, 0))
    return (number, Span(*m.span(m.lastgroup or 0))) if 1 <= number <= 100 else (None, None)


@cache
def _count_pattern() -> re.Pattern[str]:
    table = mapping("references", "numbers")
    english = "|".join(
        sorted(
            (w for w, n in table.items() if w.isascii() and n >= 1 and w not in ("a", "an", "couple")),
            key=len,
            reverse=True,
        )
    )
    chinese = "".join(w for w in table if not w.isascii() and w != "半")
    number = rf"(?:\d{{1,3}}|{english})"
    ask = (
        r"(?:give|show|recommend|suggest|find|list|want|need|get|name|tell|bring|send|pick|see|like|for"
        r"|me|us|just|only|top|best|please|another|any|of|with|these|about|around|maybe|at least"
        r"|at most|no more than|up to|than|those|have|do|how about)"
    )
    return re.compile(
        r"\b(?:give|show|find|recommend|suggest|list|get|name)(?: me| us)?(?: the)?(?: top"
        rf"| best)? (?P<plural>{number}) (?!minutes|hours|years|stars|dollars"
        rf"|players)(?=(?:[\w-]+ ){{0,2}}[\w-]+s\b)"
        r"|(?:\btop|\bjust|\bonly|\bno more than|\bat most|\bmax(?:imum)?(?: of)?|\bup to|\bgive me"
        rf"|\bshow me|\bgimme|\bonly want|\bexactly)\s+(?P<direct>{number})(?=\s*(?:$|[,.!?;]|please"
        r"|then|thanks|max|\ue001|results?|more\b))"
        rf"|(?:^|\b{ask}\s+|[,.!?:]\s*)(?P<asked>{number}){_NUMBER_AFTER}(?!\w)"
        rf"|(?P<zh>(?<![第前后最这那几年\d])(?:\d{{1,2}}|[{chinese}]))\s*(?:部|本|篇|个|款|条)(?!人|小时|月|都)"
    )
