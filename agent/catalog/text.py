"""Text as catalogs keep it, and as it is compared."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def fold(value: Any) -> str:
    """A value as text for comparison: no case, no accents, single spaces."""
    text = str(value).casefold()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.split())


def one_line(text: str) -> str:
    """``text`` on one line: control characters dropped, runs of white space made one space."""
    line = " ".join(text.split())
    return line if line.isprintable() else _CONTROL.sub("", line)


def many_lines(text: str) -> str:
    """``text`` with its line breaks, without control characters and white space around it."""
    if text.isprintable():
        return text.strip()
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
