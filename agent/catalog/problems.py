"""What is wrong with a catalog, collected before anything is raised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from agent.errors import CatalogError

SHOWN = 3
"""How many problems an error message spells out."""
_QUOTES = "'\""


class Problems:
    """The bad rows of one file.

    Args:
        file: The file as people know it; begins every line.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []
        self._by_row: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, what: str, row: int, column: str | None = None) -> None:
        """Note a problem of a row (the line of the file it begins on, or its number in a binary file)."""
        cell = f"{column}: {what}" if column else what
        self.lines.append(f"{self.file}:{row}:{'' if column else ' '}{cell}")
        self._by_row.setdefault(row, []).append(cell)

    def has(self, row: int) -> bool:
        """Whether the row has a problem."""
        return row in self._by_row

    def rows(self) -> tuple[str, ...]:
        """One line per bad row, in order of the file."""
        return tuple(f"{self.file}:{row}: {'; '.join(cells)}" for row, cells in sorted(self._by_row.items()))


def unreadable(file: str, what: str, hint: str | None = None) -> CatalogError:
    """The error of a file none of which can be read."""
    return CatalogError(what, where=file, hint=hint, problems=(f"{file}: {what}",))


def bad_rows(name: str, problems: Sequence[str], hint: str | None = None) -> CatalogError:
    """The error that holds all ``problems``, of which the message shows the first."""
    shown = "; ".join(problems[:SHOWN])
    more = f"; and {len(problems) - SHOWN:,} more" if len(problems) > SHOWN else ""
    count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
    return CatalogError(f"{count}: {shown}{more}", where=name, hint=hint, problems=problems)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The closest of ``known``, whatever the case; None where nothing is close."""
    by_case = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), by_case, n=1, cutoff=0.6)
    return by_case[close[0]] if close else None


def clipped(value: object) -> str:
    """A value as it is quoted in a problem: at most 40 characters of it."""
    text = repr(value)
    return text if len(text) <= 42 else f"{text[:39]}...{text[0] if text[0] in _QUOTES else ''}"
