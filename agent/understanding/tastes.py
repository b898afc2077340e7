"""What an utterance asks of the categories it names: required, excluded, liked, or only mentioned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.context import Constraint
from agent.understanding.categories import CategorySpan, grammar
from agent.understanding.judgements import Judgement
from agent.understanding.text import Span

FIELD = "categories"

_FACT = re.compile(
    r"(?:\b(?:it|that|this|which|he|she)(?:'s| is| was| are)(?! (?:after|looking|into|in|craving"
    r"|wanting)\b)|\bis (?:it|this|that))(?:\s+\w+){0,2}\s+$"
)
_TOO_MANY = re.compile(r"\b(?:too (?:much|many)|less|fewer)\s+$")
_FAVOURITE = re.compile(r"fav\w*\s+$")
_FAN = re.compile(
    r"\s+(?:movies? |films? |games? )?(?:fans?|lovers?|buffs?|person|people|guy|girl"
    r"|junkie|nerd|geek|addict)\b"
)
_NOT_A_FAN = re.compile(
    r"(?:\bnot|n't|\bnever)(?: (?:really|exactly|much|of|been|such|a|an|huge|big|great|massive|the))*\s+$"
)
_GENERIC = re.compile(
    r"\s+(?:movies |films |games |papers )?(?:today |these days |nowadays )?"
    r"(?:is|are|was|were|seems?|tends?|usually|always|never|makes?|bores?|scares?)\b"
    r"(?! (?:what|fine|ok|okay|good|welcome|preferred|best|better|great)\b)"
)
"""After a category: words that tell of it ("horrors today seem cheap", "no thriller is as good as")."""
_ALTERNATIVE = re.compile(
    r"\s*(?:\w+\s*)?,?\s*\bor\b(?:,?\s*(?!no\b|not\b|without\b|nothing\b)[\w']+,?){0,5}\s*"
)
"""Between alternatives ("a western, or failing that a war film")."""
_TASTE = {"forward", "favourite"}


@dataclass(slots=True)
class CategoryReading:
    """What an utterance asks of categories, and what it likes."""

    constraints: list[Constraint]
    facets: dict[tuple[str, str], int]
    spans: list[Span]


def read_categories(
    text: str,
    found: Sequence[CategorySpan],
    judgements: Sequence[Judgement],
    items: Sequence[Span] = (),
    critiqued: Sequence[Span] = (),
) -> CategoryReading:
    """Tell requests ("a comedy"), exclusions ("no horror"), tastes ("I love westerns") and mere facts apart.

    Args:
        text: The lower-case text.
        found: Its categories in order.
        judgements: The attitude towards each.
        items: Spans of items; a category that is said of an item ("is X a comedy?") asks for nothing.
        critiqued: Spans of critiques ("less horror"), which are not constraints.
    """
    reading = CategoryReading([], {}, [])
    wanted: list[CategorySpan] = []
    excluded: list[CategorySpan] = []
    for place, (category, judgement) in enumerate(zip(found, judgements, strict=True)):
        if any(category.span.overlaps(c) for c in critiqued) or _TOO_MANY.search(text[: category.span.start]):
            continue
        if _FAN.match(text, category.span.end):
            value = -1 if _NOT_A_FAN.search(text[: category.span.start]) else 1
            reading.facets.update({(FIELD, name): value for name in category.values})
            reading.spans.append(category.span)
        elif _GENERIC.match(text, category.span.end) and judgement.cue not in _TASTE:
            continue
        elif _excluded(text, found, place, excluded):
            excluded.append(category)
        elif judgement.cue in _TASTE and judgement.attitude:
            if _names_kind(text, category.span, items):
                continue
            value = judgement.attitude
            if _FAVOURITE.search(text[: category.span.start]):
                value = 1 if value > 0 else -1
            reading.facets.update({(FIELD, name): value for name in category.values})
            reading.spans.append(category.span)
        elif judgement.cue != "seen" and not _said_of_item(text, category.span, items):
            wanted.append(category)
    asked = {value for category in wanted for value in category.values}
    # Of a kind that is asked for, what is turned down is a part ("animated, not anime").
    excluded = [c for c in excluded if not asked.intersection(c.values)]
    reading.constraints = [*_wanted(text, wanted), *_exclusions(text, excluded)]
    reading.spans += [c.span for c in wanted + excluded]
    return reading


def _excluded(text: str, found: Sequence[CategorySpan], place: int, excluded: Sequence[CategorySpan]) -> bool:
    span = found[place].span
    if grammar("exclude", "before").search(text[max(0, span.start - 48) : span.start]):
        return True
    if grammar("exclude_after", "after").match(text, _kind_end(text, span)):
        return True
    if place and found[place - 1] in excluded:
        between = _between(text, found[place - 1], found[place])
        if re.fullmatch(
            r"\s*(?:movies?|films?)?\s*(?:,?\s*(?:or|and|nor|/|&|或者?|和)\s*(?:any |anything )?|、)\s*",
            between,
        ):
            return True
        if re.fullmatch(r"\s*,\s*", between) and place + 1 < len(found):
            return bool(
                re.fullmatch(r"\s*,?\s*(?:or|and|nor)?\s*", _between(text, found[place], found[place + 1]))
            )
    return False


def _kind_end(text: str, span: Span) -> int:
    """Where the name of a category ends with the word for its kind ("horror movies")."""
    kind = grammar("kinds", "after").match(text, span.end)
    return kind.end() if kind else span.end


def _between(text: str, first: CategorySpan, second: CategorySpan) -> str:
    return text[first.span.end : second.span.start]


def _names_kind(text: str, span: Span, items: Sequence[Span]) -> bool:
    """Whether a category only says what an item is ("I loved the documentary Cosmos")."""
    return bool(re.search(r"\bthe\s+$", text[: span.start])) and any(
        item.start >= span.end and not text[span.end : item.start].strip(" \"'") for item in items
    )


def _said_of_item(text: str, span: Span, items: Sequence[Span]) -> bool:
    """Whether the category is predicated of an item or pronoun in the same sentence."""
    if _FACT.search(text[max(0, span.start - 40) : span.start]):
        return True
    for item in items:
        between = text[item.end : span.start] if item.end <= span.start else ""
        if (
            between
            and not re.search(r"[.!?;\n]", between)
            and re.search(r"\b(?:is|was|were|are|isn't|has|counts as)\b", between)
            and not re.search(r"\b(?:but|i|i'm|want|need)\b", between)
        ):
            return True
        before = text[: item.start]
        if item.end <= span.start and re.search(r"(?:^|[.!?;]\s*)(?:is|was|are)\s+(?:the\s+)?$", before):
            return True
    return False


def _wanted(text: str, wanted: Sequence[CategorySpan]) -> list[Constraint]:
    """One constraint for alternatives ("action or comedy"), one each for the rest."""
    groups: list[list[CategorySpan]] = []
    for category in wanted:
        if (
            groups
            and not category.together
            and not groups[-1][-1].together
            and _alternative(text, groups[-1][-1], category)
        ):
            groups[-1].append(category)
        else:
            groups.append([category])
    groups = _comma_lists(text, groups)
    constraints = []
    for group in groups:
        words = text[group[0].span.start : group[-1].span.end]
        values = tuple(dict.fromkeys(v for category in group for v in category.values))
        if group[0].together:
            constraints += [Constraint(FIELD, "in", (value,), words) for value in values]
        else:
            constraints.append(Constraint(FIELD, "in", values, words))
    return list({(c.op, c.value): c for c in constraints}.values())


def _alternative(text: str, first: CategorySpan, second: CategorySpan) -> bool:
    between = _between(text, first, second)
    if re.fullmatch(
        r"\s*(?:movies?|films?|papers?)?\s*,?\s*(?:or|或者?|还是|o|oder|ou)\s*(?:an? |some |maybe |even "
        r"|else )?(?:\w+ )?",
        between,
    ) or _ALTERNATIVE.fullmatch(between):
        return True
    plural = all(text[c.span.start : c.span.end].endswith("s") for c in (first, second))
    return plural and bool(re.fullmatch(r"\s*(?:,?\s*and|,|&)\s*", between))


def _comma_lists(text: str, groups: list[list[CategorySpan]]) -> list[list[CategorySpan]]:
    """Join what stands before the comma to the alternatives: "action, comedy or drama"."""
    merged: list[list[CategorySpan]] = []
    for group in reversed(groups):
        if (
            merged
            and len(merged[0]) > 1
            and re.fullmatch(r"\s*,\s*", _between(text, group[-1], merged[0][0]))
        ):
            merged[0] = group + merged[0]
        else:
            merged.insert(0, group)
    return merged


def _exclusions(text: str, excluded: Sequence[CategorySpan]) -> list[Constraint]:
    constraints = []
    for category in excluded:
        before = grammar("exclude", "before").search(text[: category.span.start])
        start = before.start() if before else category.span.start
        constraints.append(Constraint(FIELD, "not in", category.values, text[start : category.span.end]))
    return list({c.value: c for c in constraints}.values())
