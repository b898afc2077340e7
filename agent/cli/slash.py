"""The commands of a chat: ``/like 2`` and its kin, read from a line."""

from __future__ import annotations

import re
from dataclasses import dataclass

COMMANDS = ("like", "dislike", "seen", "why", "undo", "save", "trace", "reset", "help", "quit")
"""The names of the commands, as the help lists them."""

NUMBERED = ("like", "dislike", "seen", "why")
"""Those that take numbers of items in the last list."""

_ALIASES = {"exit": "quit", "q": "quit", "?": "help", "h": "help", "u": "undo"}
_MARKS = re.compile(r"\s*[+-]\d{1,3}(?:[\s,]+[+-]\d{1,3})*\s*")
_COMMAND = re.compile(r"\s*/([^\W\d_]+|\?)\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its argument; ``ranks`` are the numbers in the argument, from 1."""

    name: str
    argument: str = ""
    ranks: tuple[int, ...] = ()


def read_commands(line: str) -> list[Command]:
    """The commands in a line; none where the line is something said to the recommender.

    ``+2 -3`` stands for ``/like 2`` and ``/dislike 3``. An unknown name is returned as it is.
    """
    if _MARKS.fullmatch(line):
        marks = re.findall(r"[+-]\d+", line)
        return [Command("like" if m[0] == "+" else "dislike", m[1:], (int(m[1:]),)) for m in marks]
    match = _COMMAND.fullmatch(line)
    if match is None:
        return []
    name, argument = match[1].lower(), match[2]
    numbers = re.split(r"[\s,]+", argument) if argument else []
    ranks = tuple(int(n) for n in numbers) if all(re.fullmatch(r"\d{1,3}", n) for n in numbers) else ()
    return [Command(_ALIASES.get(name, name), argument, ranks)]
