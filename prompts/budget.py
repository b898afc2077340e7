"""Fitting a prompt into a budget of tokens by leaving out what matters least, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from prompts.errors import PromptTooLongError
from prompts.inputs import Example, Input
from prompts.message import Message
from prompts.prompt import Prompt

TRIM_ORDER = (
    "examples",
    "history",
    "dialogue",
    "seen",
    "disliked",
    "profile",
    "interests",
    "facets",
    "liked",
    "constraints",
)
"""Lists are trimmed in this order, each oldest first and entirely before the next is touched; lists of
other names come before these. Texts come last, and of those ``request`` and ``message`` after all others."""

MARK = " […] "
"""Stands where the middle of a text was cut out."""

_LAST_TEXTS = ("request", "message")
_SHORTEST_TEXT = 80
_CHARACTERS_PER_TOKEN = 8
_ENTRIES = {"messages": "messages", "examples": "examples"}

CountTokens = Callable[[Sequence[Message]], int]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt rendered within a budget.

    ``name``, ``version``, ``hash`` and ``locale`` identify the prompt; ``tokens`` is the length of
    ``messages``; ``trimmed`` says what was left out, such as ``"history: 12 oldest of 40 items"``.
    """

    messages: tuple[Message, ...]
    name: str
    version: int
    hash: str
    locale: str
    tokens: int
    trimmed: tuple[str, ...] = ()


class _Attempt(NamedTuple):
    values: Values
    messages: tuple[Message, ...]
    tokens: int


def fit(prompt: Prompt, inputs: Mapping[str, Any], count_tokens: CountTokens, budget: int) -> Rendered:
    """Render a prompt so that it takes at most ``budget`` tokens.

    Lists lose their oldest entries in :data:`TRIM_ORDER`, as few as needed; if that is not enough,
    texts lose their middle. Both are found by bisection: one rendering where all fits, else at most
    about 3 + log2(entries) + log2(characters). What is far beyond the budget is first cut by
    characters, so that nothing huge is ever rendered or tokenised.

    Args:
        prompt: The prompt.
        inputs: The values at hand; those that the prompt does not declare are left out.
        count_tokens: Tokens of messages, chat template included.
        budget: The most tokens that the messages may take.

    Raises:
        PromptTooLongError: the prompt is too long even when all is trimmed.
        PromptError: an input is missing or of another type, or the template fails.
    """
    given = prompt.bind(prompt.select(inputs))

    def attempt(values: Values) -> _Attempt:
        messages = prompt.render(**values)
        return _Attempt(values, messages, count_tokens(messages))

    limit = budget * _CHARACTERS_PER_TOKEN
    best = attempt({each.name: _bounded(given[each.name], each, limit) for each in prompt.inputs})
    if best.tokens > budget:
        values, names = best.values, _lists(prompt.inputs)
        entries = sum(len(values[name]) for name in names)
        best = _shrink(entries, partial(_drop_oldest, values, names), attempt, budget) or best
    for name in _texts(prompt.inputs):
        if best.tokens > budget:
            values = best.values
            spare = len(values[name]) - _SHORTEST_TEXT
            best = _shrink(spare, partial(_drop_middle, values, name), attempt, budget) or best
    if best.tokens > budget:
        raise PromptTooLongError(
            f"the prompt takes {best.tokens} tokens when all is trimmed, and {budget} are allowed",
            where=prompt.name,
            hint="allow more prompt tokens, or use a shorter prompt",
        )
    trimmed = tuple(_account(prompt.inputs, given, best.values))
    return Rendered(
        best.messages, prompt.name, prompt.version, prompt.hash, prompt.locale, best.tokens, trimmed
    )


def cut_middle(text: str, length: int) -> str:
    """A text of at most ``length`` characters (and at least the mark): its middle makes place for a mark."""
    if len(text) <= length:
        return text
    kept = max(0, length - len(MARK))
    head = (kept + 1) // 2
    return text[:head].rstrip() + MARK + text[len(text) - (kept - head) :].lstrip()


def _shrink(
    steps: int, cut: Callable[[int], Values], attempt: Callable[[Values], _Attempt], budget: int
) -> _Attempt | None:
    """The attempt with the fewest steps that fits, or that with all steps; None where there are no steps."""
    if steps <= 0:
        return None
    best = attempt(cut(steps))
    if best.tokens > budget:
        return best
    too_few, enough = 0, steps
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        tried = attempt(cut(middle))
        if tried.tokens <= budget:
            enough, best = middle, tried
        else:
            too_few = middle
    return best


def _lists(inputs: Sequence[Input]) -> list[str]:
    names = [each.name for each in inputs if each.type in ("lines", "mapping", "messages", "examples")]
    return sorted(names, key=lambda name: TRIM_ORDER.index(name) if name in TRIM_ORDER else -1)


def _texts(inputs: Sequence[Input]) -> list[str]:
    names = [each.name for each in inputs if each.type == "text"]
    return sorted(names, key=lambda name: name in _LAST_TEXTS)


def _drop_oldest(values: Values, names: Sequence[str], count: int) -> Values:
    """Values without ``count`` entries, taken from the first named list, then from the second ..."""
    shorter = dict(values)
    for name in names:
        dropped = min(count, len(values[name]))
        shorter[name] = _newest(values[name], len(values[name]) - dropped)
        count -= dropped
    return shorter


def _drop_middle(values: Values, name: str, characters: int) -> Values:
    return {**values, name: cut_middle(values[name], len(values[name]) - characters)}


def _newest(entries: Any, count: int) -> Any:
    start = len(entries) - count
    return dict(list(entries.items())[start:]) if isinstance(entries, Mapping) else entries[start:]


def _bounded(value: Any, declared: Input, limit: int) -> Any:
    """A value of at most ``limit`` characters; one message takes at most an eighth of them."""
    if declared.type == "text":
        return cut_middle(value, limit)
    if declared.type == "messages":
        value = tuple(Message(m.role, cut_middle(m.content, limit // _CHARACTERS_PER_TOKEN)) for m in value)
    if declared.type not in ("lines", "mapping", "messages", "examples"):
        return value
    entries = list(value.items()) if isinstance(value, Mapping) else value
    count, characters = 0, 0
    for entry in reversed(entries):
        characters += _size(entry)
        if characters > limit:
            break
        count += 1
    return _newest(value, count)


def _size(entry: Any) -> int:
    """Characters of one entry of a list."""
    if isinstance(entry, Message):
        return len(entry.content)
    if isinstance(entry, Example):
        return sum(map(_size, entry.dialogue)) + sum(map(len, entry.titles))
    return len(entry) if isinstance(entry, str) else sum(map(len, entry))


def _account(inputs: Sequence[Input], given: Values, kept: Values) -> Iterator[str]:
    for each in inputs:
        before, after = given[each.name], kept[each.name]
        if before == after:
            continue
        if each.type == "text":
            yield f"{each.name}: {len(before) - len(after):,} of {len(before):,} characters in the middle"
            continue
        dropped = len(before) - len(after)
        if dropped:
            entries = _ENTRIES.get(each.type, "items")
            yield f"{each.name}: {dropped:,} oldest of {len(before):,} {entries}"
        if each.type == "messages":
            shortened = sum(a != b for a, b in zip(before[dropped:], after, strict=True))
            if shortened:
                yield f"{each.name}: the middle of {shortened} long messages"
