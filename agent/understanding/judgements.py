"""Cues, what they govern, and the judgements they make."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the text says of one thing: attitude (-2..2), whether it is known already, and the kind of cue.

    ``cue`` is None where nothing is said, ``negated`` is True for "not X" and "no X".
    """

    attitude: int = 0
    seen: bool = False
    cue: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A cue or a named thing ("target") and its place; ``value`` is that of the lexicon."""

    kind: str
    value: int
    start: int
    end: int
    text: str = ""


@dataclass(slots=True)
class Active:
    """A cue that governs what follows it, until another cue or the end of its clause."""

    kind: str
    value: int
    end: int
    seen: bool | None = None
    start: int = -1
    used: bool = False
    negated: bool = False


def negated_verb(value: int) -> int:
    """No love for "don't love"; no hate, which is nothing yet, for "didn't hate"."""
    return -1 if value > 0 else 0


def negated_predicate(value: int) -> int:
    """Bad for "wasn't good"; some praise for "wasn't boring", none for "wasn't terrible"."""
    return -1 if value > 0 else 1 if value == -1 else 0
