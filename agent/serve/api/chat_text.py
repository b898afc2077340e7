"""Lists as text for chat clients, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.catalog import Catalog
from agent.serve.views import ListView, TurnView

_ACTIVE = re.compile(r"([\\`*_\[\]<>])")
_LINE = re.compile(r"(?m)^\d{1,3}\. (.+)$")
_DASH = " — "


def inert(text: str) -> str:
    """Text whose Markdown and HTML do nothing: titles are the catalog's, and clients show what they get."""
    return _ACTIVE.sub(r"\\\1", text)


def list_text(shown: ListView) -> str:
    """A numbered list of labels with their reasons."""
    lines = []
    for place in shown.items:
        reasons = " ".join(reason.text for reason in place.reasons)
        label = " ".join(place.item.label.split())
        lines.append(f"{place.rank}. {inert(f'{label}{_DASH}{reasons}' if reasons else label)}")
    return "\n".join(lines)


def turn_text(turn: TurnView) -> str:
    """A whole answer: the list, then what is said about it."""
    parts = [list_text(turn.list)] if turn.list and turn.list.items else []
    return "\n\n".join([*parts, *([inert(turn.reply)] if turn.reply else [])])


class ListReader:
    """Finds the items of a list in the text of an answer.

    Args:
        catalog: Its labels are looked for.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._ids = {inert(" ".join(catalog.label(item).split())): item.id for item in catalog}

    def ids(self, text: str) -> Sequence[str]:
        """Ids of the items that the numbered lines name, in their order; other lines are passed over."""
        found = (self._id(line) for line in _LINE.findall(text))
        return [item_id for item_id in found if item_id is not None]

    def _id(self, line: str) -> str | None:
        parts = line.split(_DASH)
        for end in range(len(parts), 0, -1):
            if (found := self._ids.get(_DASH.join(parts[:end]).strip())) is not None:
                return found
        return None
