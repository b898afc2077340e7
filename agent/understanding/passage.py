"""A text with its words, quotes and sentence starts."""

from __future__ import annotations

import re

from agent.understanding.text import Span, Token, lower, tokenise

_QUOTES = re.compile(
    r"“([^“”]{1,120})”|\"([^\"]{1,120})\"|«([^«»]{1,120})»|《([^《》]{1,120})》|「([^「」]{1,120})」"
    r"|(?<![\w])['‘]([^'‘’\n]{2,120}?)['’](?!\w)|\*([^*\n]{2,80})\*|(?<!\w)_([^_\n]{2,80})_(?!\w)"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?\n;…•])[\s\"'“‘(*-]*$|^\W*$|[:：]\s*$")


class Passage:
    """A readable text, cut into words once for all readers.

    Attributes:
        text: The text.
        lower: The same in lower case, with the same offsets.
        tokens: Its words.
        quotes: What stands in quotes, without them.
        informative: Whether capitals tell anything: the text has small and capital letters.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = lower(text)
        self.tokens: list[Token] = tokenise(text)
        letters = [t for t in self.tokens if t.text[0].isalpha() and t.norm.isascii()]
        shouting = sum(t.text.isupper() for t in letters) > 0.7 * len(letters) and len(letters) > 1
        self.informative = not shouting and any(t.text[0].isupper() for t in letters)
        self.quotes = [
            Span(m.start(m.lastindex or 0), m.end(m.lastindex or 0)) for m in _QUOTES.finditer(text)
        ]

    def initial(self, index: int) -> bool:
        """Whether a token begins a sentence."""
        start = self.tokens[index].start
        return index == 0 or bool(_SENTENCE_START.search(self.text[max(0, start - 8) : start]))

    def adjacent(self, index: int) -> bool:
        """Whether nothing but a space or hyphen stands between a token and the next."""
        if not 0 <= index < len(self.tokens) - 1:
            return False
        return self.text[self.tokens[index].end : self.tokens[index + 1].start] in (" ", "-", "  ")
