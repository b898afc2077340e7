"""Variants of a prompt that should make no difference: other orders of its parts, other wordings."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from prompts import Message, Prompt, PromptLibrary

EXCHANGEABLE = ("examples", "liked", "disliked", "seen", "constraints", "facets", "options", "candidates")
"""Inputs of prompts whose order says nothing; that of a dialogue or a history does."""

T = TypeVar("T")

_order: ContextVar[int | None] = ContextVar("order", default=None)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to ask. Without fields it is the prompt as it is given.

    Attributes:
        paraphrase: The prompt that is asked instead.
        order: The seed that the parts of the prompt are put in order by.
    """

    paraphrase: str | None = None
    order: int | None = None

    @property
    def name(self) -> str:
        """``order 1``, ``mine/zero_shot_b``; empty for the prompt as it is given."""
        return self.paraphrase or ("" if self.order is None else f"order {self.order}")

    @property
    def key(self) -> tuple[str, ...]:
        """What tells its answers from those of the prompt as it is given; nothing for that itself."""
        return (self.name,) if self.name else ()


AS_GIVEN = Variant()


def shuffled(values: Sequence[T], order: int, what: str) -> list[T]:
    """The values in an order that hangs on nothing but the seed, their name and their number."""
    found = list(values)
    random.Random(f"{order} {what}").shuffle(found)
    return found


@contextmanager
def prompt_order(order: int | None) -> Iterator[None]:
    """Put the parts of all prompts that are rendered inside, in this thread, in another order."""
    token = _order.set(order)
    try:
        yield
    finally:
        _order.reset(token)


class ReorderedLibrary(PromptLibrary):
    """A prompt library whose prompts obey :func:`prompt_order`."""

    def get(self, name: str, locale: str = "en") -> Prompt:
        """The prompt; see :meth:`prompts.PromptLibrary.get`."""
        prompt, order = super().get(name, locale), _order.get()
        if order is None:
            return prompt
        values = {each.name: getattr(prompt, each.name) for each in fields(prompt)}
        return _Reordered(**values, order=order)


@dataclass(frozen=True)
class _Reordered(Prompt):
    """A prompt that renders its exchangeable inputs in another order, after they were trimmed."""

    order: int = 0

    def render(self, **inputs: Any) -> tuple[Message, ...]:
        return super().render(
            **{
                name: shuffled(value, self.order, name) if name in EXCHANGEABLE else value
                for name, value in inputs.items()
            }
        )
