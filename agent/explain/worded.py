"""Reasons in the language model's own words, each checked before anybody reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.catalog import Catalog, Item
from agent.context import UserContext
from agent.errors import ModelError, ServerError
from agent.explain.check import violations
from agent.explain.guided import grammar
from agent.explain.lexicon import lexicon
from agent.explain.phrasing import Statement, statements
from agent.explain.plain import plain, words_in
from agent.lm.base import Generation, LanguageModel, Sampling, Usage
from agent.recommendation import Evidence, Reason
from prompts import PromptLibrary

PROMPT = "explain/items"
GUIDED_BELOW = 2_000_000_000
"""Models of fewer parameters choose among true sentences; others write freely."""

_MAX_TOKENS = 160
_MAX_WORDS = 40
_FACTS = 5
_REQUEST = 300
_WRAPPING = re.compile(r"^(?:[\s\"“”'*_>•-]|\d+[.)、](?!\d))+|[\s\"“”'*_]+$")


@dataclass(frozen=True, slots=True)
class Subject:
    """An item to be explained: its name as people read it, and what may be said."""

    item: Item
    label: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Worded:
    """A reason and how it came about.

    ``attempt`` is what the model wrote, empty where it was not asked; ``notes`` says why that was not
    taken (the violations found, or the engine's error); then ``reason`` is the plain one.
    """

    subject: Subject
    reason: Reason
    attempt: str = ""
    notes: tuple[str, ...] = ()
    usage: Usage = Usage()
    seconds: float = 0.0


def worded(
    model: LanguageModel,
    subjects: Iterable[Subject],
    context: UserContext,
    catalog: Catalog,
    library: PromptLibrary,
    *,
    request: str = "",
    locale: str = "en",
    guided: bool | None = None,
) -> Iterator[Worded]:
    """Let a model word the reasons, one item after the other, as they are asked for.

    Args:
        model: Who writes.
        subjects: The items.
        context: The user's attitudes and own words, for the checker.
        catalog: Where the items are from.
        library: Holds the prompt ``explain/items``.
        request: What the user asked for.
        locale: The language of the reasons.
        guided: Whether the model may only choose among true sentences; by default where it can be
            constrained and is known to be smaller than :data:`GUIDED_BELOW`.

    Yields:
        One record an item, in order. Whatever the model writes, and where it fails, there is a reason:
        the plain one where the model's is refused. A server that failed is not asked again.

    Raises:
        PromptError: the prompt is not there or broken.
    """
    if guided is None:
        guided = model.can_constrain and model.parameters is not None and model.parameters < GUIDED_BELOW
    failed: ServerError | None = None
    for subject in subjects:
        found = statements(subject.evidence, locale, catalog.kind)
        fallback = plain(subject.label, subject.evidence, locale, catalog.kind)
        if not found or failed is not None:
            yield Worded(subject, fallback, notes=(failed.what,) if failed else ())
            continue
        try:
            generation = _write(model, subject, found, catalog, library, request, locale, guided)
        except ModelError as error:
            failed = error if isinstance(error, ServerError) else None
            yield Worded(subject, fallback, notes=(str(error),))
            continue
        yield _checked(generation, subject, found, fallback, context, catalog, locale)


def _write(
    model: LanguageModel,
    subject: Subject,
    found: tuple[Statement, ...],
    catalog: Catalog,
    library: PromptLibrary,
    request: str,
    locale: str,
    guided: bool,
) -> Generation:
    prompt = library.get(PROMPT, locale)
    available = {
        "kind": lexicon(locale).kinds.get(catalog.kind, (catalog.kind,))[0],
        "title": subject.label,
        "facts": [s.wordings[0] for s in found[:_FACTS]],
        "request": request[:_REQUEST],
    }
    messages = prompt.render(**prompt.select(available))
    if guided:
        return model.generate(messages, Sampling(max_tokens=_MAX_TOKENS), grammar=grammar(found, locale))
    options = prompt.generation
    sampling = Sampling(_MAX_TOKENS, temperature=options.temperature or 0.0, stop=tuple(options.stop or ()))
    return model.generate(messages, sampling)


def _checked(
    generation: Generation,
    subject: Subject,
    found: tuple[Statement, ...],
    fallback: Reason,
    context: UserContext,
    catalog: Catalog,
    locale: str,
) -> Worded:
    sentence = _sentence(generation.text)
    notes = violations(sentence, subject.item, subject.label, subject.evidence, context, catalog, locale)
    if generation.finish_reason == "length":
        notes = (*notes, "it was cut off")
    if words_in(sentence) > _MAX_WORDS:
        notes = (*notes, f"it is longer than {_MAX_WORDS} words")
    reason = fallback if notes else Reason(sentence, _used(sentence, found, subject), "lm")
    return Worded(subject, reason, generation.text, notes, generation.usage, generation.timing.seconds)


def _sentence(text: str) -> str:
    """The first line of an answer without list marks, emphasis and quotation marks around it."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    line = " ".join(_WRAPPING.sub("", line).replace("**", "").split())
    return line[:1].upper() + line[1:] if line[:1].isascii() else line


def _used(sentence: str, found: tuple[Statement, ...], subject: Subject) -> tuple[Evidence, ...]:
    """The evidence that a sentence draws on, as far as its wording tells; else all of it."""
    low = sentence.lower()
    used = [e for s in found if any(w.lower() in low for w in (*s.wordings, *s.openings)) for e in s.evidence]
    return tuple(used) or subject.evidence

