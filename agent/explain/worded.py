"""Reasons in the language model's own words, each checked before anybody reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agent.catalog import Catalog, Item
from agent.context import UserContext
from agent.errors import ModelError, ServerError
from agent.explain.check import violations
from agent.explain.guided import grammar
from agent.explain.lexicon import lexicon
from agent.explain.phrasing import Statement, statements
from agent.explain.plain import plain, words_in
from agent.lm.base import Generation, LanguageModel, Sampling, Usage, is_small
from agent.recommendation import Evidence, Reason
from prompts import Prompt, PromptLibrary

PROMPT = "explain/items"

_MAX_TOKENS = 200
_MAX_WORDS = 40
_FACTS = 5
_REQUEST = 300
_MARKS = re.compile(r"^(?:[-*>•]\s|\d+[.)、](?!\d))\s*")
_QUOTED = re.compile(r"([\"“'])(.*)[\"”']")


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
    taken (the violations found, or the engine's error); then ``reason`` is the plain one. ``failed`` is the
    error of a server that did not answer.
    """

    subject: Subject
    reason: Reason
    attempt: str = ""
    notes: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    failed: ServerError | None = None


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
            constrained and is small (:data:`agent.lm.base.SMALL`).

    Yields:
        One record an item, in order. Whatever the model writes, and where it fails, there is a reason:
        the plain one where the model's is refused. A server that failed is not asked again.

    Raises:
        PromptError: the prompt is not there or broken.
    """
    if guided is None:
        guided = model.can_constrain and is_small(model)
    writer = _Writer(model, context, catalog, library.get(PROMPT, locale), request[:_REQUEST], locale, guided)
    failed: ServerError | None = None
    for subject in subjects:
        found = statements(subject.evidence, locale, catalog.kind)
        fallback = plain(subject.label, subject.evidence, locale, catalog.kind)
        if not found or failed is not None:
            yield Worded(subject, fallback, notes=(str(failed),) if failed else (), failed=failed)
            continue
        try:
            generation = writer.write(subject, found)
        except ModelError as error:
            failed = error if isinstance(error, ServerError) else None
            yield Worded(subject, fallback, notes=(str(error),), failed=failed)
            continue
        yield writer.checked(generation, subject, found, fallback)


@dataclass(frozen=True)
class _Writer:
    model: LanguageModel
    context: UserContext
    catalog: Catalog
    prompt: Prompt
    request: str
    locale: str
    guided: bool

    def write(self, subject: Subject, found: tuple[Statement, ...]) -> Generation:
        kinds = lexicon(self.locale).kinds.get(self.catalog.kind, (self.catalog.kind,))
        available = {
            "kind": kinds[0],
            "title": subject.label,
            "facts": [s.wordings[0] for s in found[:_FACTS]],
            "request": self.request,
        }
        messages = self.prompt.render(**self.prompt.select(available))
        if self.guided:
            shape = grammar(found, self.locale)
            return self.model.generate(messages, Sampling(max_tokens=_MAX_TOKENS), grammar=shape)
        options = self.prompt.generation
        sampling = Sampling(_MAX_TOKENS, temperature=options.temperature or 0.0, stop=tuple(options.stop))
        return self.model.generate(messages, sampling)

    def checked(
        self, generation: Generation, subject: Subject, found: tuple[Statement, ...], fallback: Reason
    ) -> Worded:
        sentence = _sentence(generation.text)
        notes = violations(
            sentence,
            subject.item,
            subject.label,
            subject.evidence,
            context=self.context,
            catalog=self.catalog,
            locale=self.locale,
        )
        if generation.finish_reason == "length":
            notes = (*notes, "it was cut off")
        if words_in(sentence) > _MAX_WORDS:
            notes = (*notes, f"it is longer than {_MAX_WORDS} words")
        reason = fallback if notes else Reason(sentence, _used(sentence, found, subject), "lm")
        return Worded(subject, reason, generation.text, notes, generation.usage, generation.timing.seconds)


def _sentence(text: str) -> str:
    """The first line of an answer without a list mark, emphasis and quotation marks around the whole."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    line = _MARKS.sub("", " ".join(line.replace("**", "").split()))
    quoted = _QUOTED.fullmatch(line)
    return quoted[2] if quoted and quoted[1] not in quoted[2] else line


def _used(sentence: str, found: tuple[Statement, ...], subject: Subject) -> tuple[Evidence, ...]:
    """The evidence that a sentence draws on, as far as its wording tells; else all of it."""
    low = sentence.lower()
    used = [e for s in found if any(w.lower() in low for w in (*s.wordings, *s.openings)) for e in s.evidence]
    return tuple(used) or subject.evidence
