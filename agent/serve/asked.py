"""What may be asked of the service, and what is said where it may not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import (
    ConstraintError,
    NotFoundError,
    RequestError,
    SessionError,
    SettingsError,
    UnknownItemError,
)
from agent.serve.settings import ServiceSettings
from agent.settings import Strategy
from agent.store import storable
from agent.store.schema import LONGEST_ID
from prompts import PromptLibrary
from prompts.errors import PromptError

LONGEST_LIST = 100


def checked_id(name: str, what: str) -> str:
    """An id that somebody else has given; raises RequestError where the store could not keep it."""
    if not 1 <= len(name) <= LONGEST_ID:
        raise RequestError(f"a {what} has {len(name):,} characters", hint=f"1 to {LONGEST_ID}")
    if storable(name) != name:
        raise RequestError(f"a {what} has characters that are no text")
    return name


def checked_text(text: str, settings: ServiceSettings) -> str:
    """What a user says, as the store can keep it; raises RequestError where it is too long."""
    if len(text) > settings.longest_text:
        raise RequestError(
            f"{len(text):,} characters of text", hint=f"send at most {settings.longest_text:,}"
        )
    return storable(text)


def checked_strategy(
    n: int | None, strategy: str | None, seed: int | None, prompts: PromptLibrary, usual: Strategy
) -> Strategy | None:
    """The strategy that is asked for, None for the usual; raises RequestError where a value is wrong.

    Single switches, without a preset, are read over the usual strategy: what whoever runs the service chose
    for the others holds.
    """
    if n is not None and not 1 <= n <= LONGEST_LIST:
        raise RequestError(f"n is {n}", hint=f"1 to {LONGEST_LIST}")
    if seed is not None and not 0 <= seed < 1 << 63:
        raise RequestError("a seed is a whole number from 0", hint="below 2^63")
    if strategy is None:
        return None
    with asked_well():
        chosen = Strategy.parse(strategy, usual)
        for prompt in (chosen.prompt, chosen.score_prompt):
            if prompt != "auto":
                prompts.get(prompt)
    return chosen


@contextmanager
def asked_well() -> Iterator[None]:
    """Tell what is wrong with a request as errors of the service."""
    try:
        yield
    except UnknownItemError:
        raise NotFoundError("no such item", hint="search for it") from None
    except (SettingsError, SessionError, ConstraintError) as error:
        raise RequestError(error.what, where=error.where, hint=error.hint) from None
    except PromptError as error:
        raise RequestError(str(error)) from None
