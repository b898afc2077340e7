"""Running text that arrives in pieces, wrapped at words as it comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from agent.cli.terminal import clean

_WORDS = re.compile(
    r"\n|[^\S\n]+|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+"
)


class Flow:
    """Writes pieces of text to a console within a width, and never breaks a word.

    Args:
        console: Where to.
        width: Columns of a line, the indent included.
        indent: Put before every line.
        style: Of the text.
    """

    def __init__(self, console: Console, width: int, *, indent: str = "", style: str = "") -> None:
        self._console, self._width, self._indent, self._style = console, width, indent, style
        self._column = 0
        self._gap = ""
        self._held = ""

    def write(self, piece: str) -> None:
        """Show a piece; its last word waits until it is known to be whole."""
        words = _WORDS.findall(self._held + clean(piece))
        self._held = words.pop() if words and not words[-1].isspace() else ""
        for word in words:
            self._put(word)

    def end(self) -> None:
        """Show what was held back and end the line."""
        self._put(self._held)
        self._held = ""
        if self._column:
            self._newline()

    def _put(self, word: str) -> None:
        if word == "\n":
            self._newline()
        elif word.isspace():
            self._gap = " " if self._column else ""
        elif word:
            needed = cell_len(self._gap) + cell_len(word)
            if self._column and self._column + needed > self._width:
                self._newline()
            before = self._gap if self._column else self._indent
            self._console.print(Text(before + word, self._style), end="", soft_wrap=True)
            self._column += cell_len(before) + cell_len(word)
            self._gap = ""

    def _newline(self) -> None:
        self._console.print()
        self._column, self._gap = 0, ""


def hanging(console: Console, first: Text, body: Text, width: int, indent: int) -> Iterator[Text]:
    """Lines of a paragraph: ``first`` opens the first line, the others are indented; no trailing spaces."""
    for number, line in enumerate(body.wrap(console, max(width - indent, 20))):
        line.rstrip()
        yield (first if number == 0 else Text(" " * indent)) + line


def joined(parts: Sequence[str], most: int) -> str:
    """The first parts with dots between them, and how many more there are."""
    shown = " · ".join(parts[:most])
    return f"{shown} +{len(parts) - most}" if len(parts) > most else shown
