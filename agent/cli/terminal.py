"""The terminal: where results and notes go, what may be written to it, what is read from it."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 100
"""Columns of running text, however wide the terminal is."""

# Everything that could move the cursor, colour the screen or hide text: C0 without tab and newline, C1,
# bidirectional overrides, and the surrogates that stand for bytes which are not UTF-8.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_QUIET = {
    "BITSANDBYTES_NOWELCOME": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


@cache
def out() -> Console:
    """Where results go: stdout, without markup or emoji codes in what is printed."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


@cache
def err() -> Console:
    """Where progress and notes go: stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def width() -> int:
    """Columns that running text may take on stdout."""
    return min(out().width, WIDEST)


def notice(message: str) -> None:
    """One unwrapped line on stderr."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201


def result(line: str) -> None:
    """One unwrapped line on stdout, for programs to read."""
    print(line)  # noqa: T201


def quiet() -> None:
    """Keep libraries from writing to the terminal; output that the terminal cannot show is replaced."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def clean(text: str) -> str:
    """Text without characters that would control a terminal; each becomes a space."""
    return _CONTROL.sub(" ", text)


def one_line(text: str) -> str:
    """Cleaned text without line breaks and with single spaces."""
    return " ".join(clean(text).split())


def clipped(text: str, length: int = 400) -> str:
    """At most ``length`` characters of a text."""
    return text if len(text) <= length else f"{text[:length].rstrip()} …"


def input_lines() -> Iterator[str]:
    """The lines of stdin, cleaned; bytes that are not UTF-8 are replaced."""
    for line in sys.stdin.buffer:
        yield clean(line.decode("utf-8", "replace").rstrip("\r\n"))


def program() -> str:
    """How the person at the terminal can call this program again."""
    from shutil import which

    called = sys.argv[0]
    is_on_path = which("groundrec") is not None or os.path.basename(called) != "groundrec"
    return "groundrec" if is_on_path else os.path.relpath(called)


def interactive() -> bool:
    """Whether a person types at one end and reads at the other."""
    return sys.stdin.isatty() and sys.stdout.isatty()
