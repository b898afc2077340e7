"""Words that point at places of the last list: "the second", "#3", "the first two", "none of these"."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from agent.understanding.lexicon import mapping
from agent.understanding.text import Span, lower, masked

_MARK = "\ue000"
_NOUN = (
    r"(?:one|movie|film|option|pick|suggestion|recommendation|paper|article|game|title|item|choice"
    r"|result|book|entry)s?"
)
_NOT_AFTER = (
    r"(?!\s*(?:of (?:all|my|its|the (?:series|trilogy))\b)|\s+(?:time|times|thing|half|part|parts"
    r"|season|episode|place|day|date|hour|world|year|"
    r"years|name|impression|class|person|act|scene|name|letter|thought|night|week|weekend|month|decade"
    rf"|century|to|ever|{_MARK})|\s*{_MARK}|\w)"
)
_ALL = (
    r"(?:these|those|them|the (?:list|movies|films|papers|articles|games|options|suggestions|above)"
    r"|your (?:suggestions|recommendations|picks)|the (?:whole|entire) list)"
)
_PLURAL = (
    r"(?:these|those)(?: (?:movies|films|papers|articles|games|ones|suggestions|recommendations|options"
    r"|picks|titles))?"
)
_EVERY = re.compile(
    rf"\b(?P<none>none|neither|nothing) (?:of |on |in )?{_ALL}(?: (?:movies|films|ones|papers|games))?"
    rf"|\b(?:all|any|each|most|either|both|every (?:single )?one) of {_ALL}(?: (?:movies|films|ones"
    r"|papers|games|suggestions))?"
    r"|\b(?P<none2>none|neither)\b(?=\s*(?:[,.!?;]|$|please|thanks|appeal|interest|look|sound))"
    rf"|\ball {_PLURAL}|{_PLURAL}(?=(?: all)?\s*(?:[,.!?;]|$|are|were|look|sound|seem|don't|didn't|bore"
    r"|suck|all|already|yet|either|too|please))"
    r"|\bthey(?= (?:are|were|look|sound|seem|all) )|\bthem(?: all)?(?=\s*(?:[,.!?;]|$|already|yet"
    r"|either|too))|\bthe (?:whole|entire) list|(?<=\w )(?:the|that) (?:whole )?lot(?=\s*(?:[.,!;]|$))"
    r"|\beverything (?:here|on (?:the|this|that) list"
    r"|you (?:listed|suggested|showed me|recommended))"
)
_ZH_ALL = re.compile(
    r"(?:这些|那些|这几[部个本篇]|它们)都?|全部|(?:这|那)?(?P<pair>[两二三四五六])[个部本篇]都|一个都不|都(?=不(?:要|喜欢|想|行|好))|都(?=看过)"
)
_ZH_PLACE = re.compile(r"第\s*(?P<place>[一二两三四五六七八九十]|\d{1,2})\s*[个部本篇条款]?")
_ZH_RUN = re.compile(r"(?P<side>前|后|最后)(?P<count>[一二两三四五六七八九十]|\d{1,2})[个部本篇条款]")
_ZH_LAST = re.compile(r"最后(?:一)?[个部本篇条款]|最后那[个部]")
_NUMBERED = re.compile(
    r"(?:\bnumbers?|\bnos?\.|\bnr\.?|#|\boptions?|\bpicks?|\bitems?)\s*(?P<list>#?(?:\d{1,2}|one|two"
    r"|three|four|five|six|seven|eight|nine|ten)(?!\d)(?:\s*(?:,|and|&|or|through|thru|to|-|–"
    r"|,\s*and)\s*(?:numbers?\s*)?#?(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine"
    r"|ten)(?!\d))*)(?!\w|\s*(?:movies|films|papers|more))"
)
_AFTER_VERB = re.compile(
    r"(?:\b(?:seen|saw|watched|like|liked|love|loved|hate|hated|enjoyed|not|no to|take|pick|add|choose"
    r"|prefer|try|watch|about|why|read|played|rate|reject|skip|drop|own|owned|keep|save|want|order|bin"
    r"|ditch|scrap"
    r"|remove|swap|replace|queue|finished|tried|buy|binning|ditching|dropping|skipping|keeping|taking"
    r"|adding|axe"
    r"|between)\s+)(?P<list>\d{1,2}(?:\s*(?:,|and|or|&|,\s*and)\s*\d{1,2})*)(?=\s*(?:$|[,.!?;]|but\b"
    r"|already\b|please\b|was\b|tonight\b|too\b|to my\b|is\b|are\b|were\b))"
)
_BARE = re.compile(
    r"^\W*(?:(?:hm+|ok|okay|maybe|yeah|yes|no|um|just|and|so)\W+)?(?P<list>\d{1,2}(?:\s*(?:,|and|&"
    r"|\s)\s*\d{1,2})*)\W*(?:please)?\W*$"
)
_OPENING = re.compile(
    r"^\W*(?:(?:ok|okay|well|so|hm+|yes|yeah|no|oh|right)\W+)?(?P<list>\d{1,2}(?:\s*(?:,|and|or|&|,\s*and)"
    r"\s*\d{1,2})*)(?=\s+(?:i|we|i've|i'm|i'd|i'll|are|is|was|were|looks?|sounds?|seems?|please|pls|yes|no"
    r"|good|bad"
    r"|great|boring|then|but|for me|it is)\b)"
)
_SPELLED = r"(?:one|two|three|four|five|six|seven|eight|nine|ten)"
_OPENING_WORDS = re.compile(
    rf"^\W*(?:(?:ok|okay|well|so|hm+|yes|yeah|no|oh|right)\W+)?(?P<list>{_SPELLED}(?:\s*(?:,|and|&|,\s*and)\s*"
    rf"{_SPELLED})*)(?=\s+(?:i|we|i've|we've|i'd|i'll|is|are|was|were|looks?|sounds?|seems?)\b)"
)
_LATER_WORD = re.compile(
    rf"(?:[,.;]|\bbut|\band)\s*(?P<list>{_SPELLED})(?=\s+(?:is|was|looks?|sounds?|seems?)\b)"
)
_REST = re.compile(
    r"\b(?:the (?:rest|others?|other (?:ones?|\d|two|three|four|five|six))|(?<!the )rest"
    r"|everything else|all the others?)\b(?! of (?:the|my|our|us|it)\b)(?!\s+\w*\s?(?:day|night|week|life))"
)
"""What is left of the list when some of it was named."""
_SENTENCE_END = re.compile(r"[.!?;\n…。！？；]")
_PICKING = re.compile(
    r"\W*(?:(?:yes|yeah|yep|ok|okay|fine|sure|alright|all right|right|go on|go|then|whatever|please|pls"
    r"|thanks|cheers|ta"
    r"|it is|i guess|i suppose|done|hm+|let's|let's go|lets|go (?:for|with)|with|cool|great|good|perfect"
    r"|tonight|for tonight"
    r"|now|well|oh|so|just|ah|um|definitely|obviously|probably|maybe|and|the|that|one|mate|me)\W+)*"
    r"(?:(?:but|only)\s+(?:[\w-]+\W*){1,4})?"
)
"""What may stand around a place that is picked ("fine, number four", "the third but quicker")."""
_NUMBER = re.compile(r"\d{1,2}|[a-z]+")


@dataclass(frozen=True, slots=True)
class Reference:
    """Places in the last list (from 1) and the words that point at them.

    ``none`` marks "none of these"; ``loose`` a bare word for all ("都") that gives way to any other.
    """

    ranks: tuple[int, ...]
    span: Span
    none: bool = False
    loose: bool = False


@cache
def _ordinals() -> dict[str, int]:
    return mapping("references", "ordinals")


@cache
def _numbers() -> dict[str, int]:
    return {word: n for word, n in mapping("references", "numbers").items() if isinstance(n, int)}


@cache
def _ordinal_pattern() -> re.Pattern[str]:
    ordinal = "|".join(sorted((o for o in _ordinals() if o.isascii()), key=len, reverse=True))
    count = r"\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|couple(?: of)?"
    return re.compile(
        r"\b(?:the |your |that )?(?P<side>first|last|top"
        rf"|bottom) (?P<count>{count})\b(?: {_NOUN})?{_NOT_AFTER}"
        rf"|\b(?:the |your |that |my )(?:very )?(?P<ordinal>{ordinal}|penultimate|second[- ](?:to[- ])?last"
        rf"|last|final|middle|top"
        rf"|bottom)\b(?: {_NOUN})?{_NOT_AFTER}"
        rf"|\b(?P<bare>{ordinal}|last)\b(?: {_NOUN})(?!\w){_NOT_AFTER}"
        r"|(?:^|(?<=and )|(?<=or )|(?<=seen )|(?<=like )|(?<=, )|(?<=but )|(?<=[.;] )"
        rf"|(?<=why ))(?P<lone>{ordinal})\b(?=\s*(?:[,.!?;]|$|and\b|or\b|was|is|looks?|sounds?|seems?"
        rf"|please|pls"
        r"|are|were))"
    )


def references(text: str, count: int, taken: list[Span], named: Collection[int] = ()) -> list[Reference]:
    """What a text points at in a list of ``count`` items; nothing where there is no list.

    Args:
        text: The readable text.
        count: Length of the last list.
        taken: Spans of items that are named; words right before them ("the first Matrix") point at nothing.
        named: Places of the list whose items are named; "the rest" is what is neither named nor pointed at.
    """
    if not count:
        return []
    marked = masked(lower(text), taken, _MARK)
    found: list[Reference] = []
    for reference in [
        *_numbered(marked),
        *_ordinal(marked, count),
        *_chinese(marked, count),
        *_whole(marked, count, bool(taken)),
    ]:
        ranks = tuple(rank for rank in reference.ranks if 1 <= rank <= count)
        if reference.loose and found:
            continue
        if ranks and not any(reference.span.overlaps(other.span) for other in found):
            found.append(Reference(ranks, reference.span, reference.none, reference.loose))
    spoken = {*named, *(rank for reference in found for rank in reference.ranks)}
    left = tuple(rank for rank in range(1, count + 1) if rank not in spoken)
    for m in _REST.finditer(marked) if spoken and left else ():
        span = Span(m.start(), m.end())
        if not any(span.overlaps(other.span) for other in found):
            found.append(Reference(left, span))
    return sorted(found, key=lambda r: r.span)


def is_pick(text: str, span: Span) -> bool:
    """Whether a sentence of lower-case text only points at a place: that one is taken ("ok, number four").

    A place without any other word is none: it may be asked about.
    """
    if "?" in text or not re.search(r"\w", text[: span.start] + text[span.end :]):
        return False
    start = max((m.end() for m in _SENTENCE_END.finditer(text, 0, span.start)), default=0)
    following = _SENTENCE_END.search(text, span.end)
    end = following.start() if following else len(text)
    return bool(_PICKING.fullmatch(f"{text[start : span.start]} {text[span.end : end]}"))


def _numbered(text: str) -> list[Reference]:
    found = [Reference(_listed(m["list"]), Span(m.start(), m.end())) for m in _NUMBERED.finditer(text)]
    bare = [*_AFTER_VERB.finditer(text), *_BARE.finditer(text), *_OPENING.finditer(text)]
    opened = [*_OPENING_WORDS.finditer(text)]
    bare += [*opened, *(_LATER_WORD.finditer(text) if opened else ())]
    return found + [Reference(_listed(m["list"]), Span(m.start("list"), m.end("list"))) for m in bare]


def _listed(text: str) -> tuple[int, ...]:
    found = tuple(
        int(w) if w.isdigit() else _numbers()[w]
        for w in _NUMBER.findall(text)
        if w.isdigit() or w in _numbers()
    )
    through = len(found) == 2 and re.search(r"through|thru|to|[-–]", text)
    return tuple(range(found[0], found[1] + 1)) if through else found


def _ordinal(text: str, count: int) -> list[Reference]:
    found = []
    for m in _ordinal_pattern().finditer(text):
        span = Span(m.start(), m.end())
        if m["side"]:
            size = 2 if m["count"].startswith("couple") else _listed(m["count"])[0]
            found.append(Reference(_side(m["side"], size, count), span))
        else:
            word = m["ordinal"] or m["bare"] or m["lone"]
            word = "penultimate" if word.endswith("last") and word != "last" else word
            place = {
                "last": count,
                "penultimate": count - 1,
                "final": count,
                "bottom": count,
                "top": 1,
                "middle": (count + 1) // 2,
            }.get(word)
            found.append(Reference((place or _ordinals().get(word, 0),), span))
    return found


def _side(side: str, size: int, count: int) -> tuple[int, ...]:
    if side in ("last", "bottom", "后", "最后"):
        return tuple(range(max(1, count - size + 1), count + 1))
    return tuple(range(1, size + 1))


def _chinese_number(text: str) -> int:
    return int(text) if text.isdigit() else int(_numbers()[text])


def _chinese(text: str, count: int) -> list[Reference]:
    found = [
        Reference(_side(m["side"], _chinese_number(m["count"]), count), Span(m.start(), m.end()))
        for m in _ZH_RUN.finditer(text)
    ]
    found += [
        Reference((_chinese_number(m["place"]),), Span(m.start(), m.end())) for m in _ZH_PLACE.finditer(text)
    ]
    found += [Reference((count,), Span(m.start(), m.end())) for m in _ZH_LAST.finditer(text)]
    return found


def _whole(text: str, count: int, named: bool) -> list[Reference]:
    everything = tuple(range(1, count + 1))
    found = []
    for m in [*_EVERY.finditer(text), *_ZH_ALL.finditer(text)]:
        # A bare pronoun speaks of the items that were just named, where there are any.
        if named and not re.match(r"none|neither|nothing|all|any|each|most|either|both|every|the|全部", m[0]):
            continue
        groups = m.groupdict()
        if groups.get("pair") and _chinese_number(groups["pair"]) != count:
            continue
        found.append(
            Reference(
                everything,
                Span(m.start(), m.end()),
                bool(groups.get("none") or groups.get("none2") or m[0] == "一个都不"),
                m[0] == "都",
            )
        )
    if count == 2:
        found += [
            Reference(everything, Span(m.start(), m.end()))
            for m in re.finditer(r"\bboth\b(?: of them)?", text)
            if not named
        ]
    if count == 1:
        found += [
            Reference((1,), Span(m.start(), m.end()))
            for m in re.finditer(r"\b(?:it|that one|this one)\b", text)
            if not named
        ]
    return found
