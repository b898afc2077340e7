"""Short forms of the names of people: "J. Han" and "Han" for Jiawei Han."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

_COLUMNS = ("author", "writer", "artist", "creator", "director", "designer", "actor", "cast", "composer")
_SHORTEST = 2


def holds_people(column: str) -> bool:
    """Whether a column is named as one that holds people."""
    return column.lower().startswith(_COLUMNS)


class PeopleNames:
    """Surnames, and surnames with the initial of the first name, with the full names they may stand for.

    Args:
        known: The folded words of every value, with its column and its spelling.
    """

    def __init__(self, known: Mapping[str, tuple[str, str]]) -> None:
        forms: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        for key, (column, name) in known.items():
            words = key.split()
            if holds_people(column) and len(words) > 1 and len(words[-1]) >= _SHORTEST:
                for short in (words[-1], f"{words[0][0]} {words[-1]}"):
                    forms[short][column, name] = None
        self._forms = {short: tuple(names) for short, names in forms.items()}

    def __len__(self) -> int:
        return len(self._forms)

    def __contains__(self, words: object) -> bool:
        return words in self._forms

    def named(self, words: str) -> tuple[str, tuple[str, ...]]:
        """The column, and everybody in it who may be meant by the folded words of a short form."""
        column = self._forms[words][0][0]
        return column, tuple(name for of, name in self._forms[words] if of == column)
