"""Running text that arrives in pieces, wrapped at words as it comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from agent.cli.terminal import clean, one_line

_OPENING, _CLOSING = "《〈「『【（", "》〉」』】），。、；：！？…"
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
# A word, or one character of a script without spaces, with the punctuation that must not be parted from it.
_WORDS = re.compile(rf"\n|[^\S\n]+|[{_OPENING}]*(?:[^\s{_WIDE}]+|[{_WIDE}])[{_CLOSING}]*|\S")


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


def hanging(first: Text, sentence: str, width: int, style: str = "") -> Iterator[Text]:
    """Lines of a paragraph: ``first`` opens the first line, the others are indented as far."""
    indent = Text(" " * first.cell_len)
    for number, line in enumerate(wrapped(sentence, width - first.cell_len)):
        yield Text.assemble(indent if number else first, (line, style))


def wrapped(sentence: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns, but for words that are longer."""
    lines, gap = [""], ""
    for word in _WORDS.findall(one_line(sentence)):
        if word.isspace():
            gap = " "
            continue
        if lines[-1] and cell_len(lines[-1] + gap + word) > width:
            lines.append(word)
        else:
            lines[-1] += gap + word
        gap = ""
    return lines


def joined(parts: Sequence[str], most: int) -> str:
    """The first parts with dots between them, and how many more there are."""
    shown = " · ".join(parts[:most])
    return f"{shown} +{len(parts) - most}" if len(parts) > most else shown
