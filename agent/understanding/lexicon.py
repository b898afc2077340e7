"""The word lists of all languages, compiled. People mix languages, so they are read together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh")
_LATIN = "0-9a-z\u00df-\u024f"
_CJK = re.compile("[\u3040-\u9fff]")

NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that say something of items: its kind (see ``lexicon/en.toml``), value and pattern."""

    kind: str
    value: int
    pattern: re.Pattern[str]


@cache
def table(name: str) -> Mapping[str, Any]:
    """One data file of this package, such as ``"years"``."""
    return tomllib.loads((files("agent.understanding") / "lexicon" / f"{name}.toml").read_text("utf-8"))


@cache
def common_words() -> frozenset[str]:
    """English words that anybody may use without naming a title."""
    lines = (files("agent.understanding") / "lexicon" / "common_en.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def alternatives(phrases: Iterable[str]) -> str:
    """One expression for any of the phrases: the longest first, Latin letters only as whole words."""
    return "|".join(_bounded(phrase) for phrase in sorted(set(phrases), key=len, reverse=True))


def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """The phrases compiled; one that never matches where there are none."""
    text = alternatives(phrases)
    return re.compile(text) if text else NOTHING


def _bounded(phrase: str) -> str:
    if _CJK.search(phrase) or not re.search("[a-z]", re.sub(r"\\[a-vx-z]", "", phrase)):
        return f"(?:{phrase})"
    left = f"(?<![{_LATIN}])" if re.match(r"\w|\(|\[", phrase) else ""
    right = "" if re.search(r"(?:[^\w)*?\]+]|\\\+)$", phrase) else f"(?![{_LATIN}])"
    return f"{left}(?:{phrase}){right}"


def phrases(*path: str) -> tuple[str, ...]:
    """The entries under a path (``"intents", "greet"``) of all languages."""
    found: list[str] = []
    for language in LANGUAGES:
        node: Any = table(language)
        for name in path:
            node = node.get(name, {})
        found += list(node)
    return tuple(found)


def mapping(*path: str) -> dict[str, Any]:
    """The table under a path of all languages together; lists under the same name are joined."""
    merged: dict[str, Any] = {}
    for language in LANGUAGES:
        node: Any = table(language)
        for name in path:
            node = node.get(name, {})
        for name, value in node.items():
            merged[name] = merged[name] + value if isinstance(value, list) and name in merged else value
    return merged


@cache
def words(*path: str) -> re.Pattern[str]:
    """The entries under a path as one pattern over lower-case text."""
    return pattern(phrases(*path))


@cache
def tones() -> dict[str, int]:
    """Words that praise or blame by themselves, with their values."""
    return {
        word: int(value) for value, listed in table("en_tone")["words"].items() for word in listed.split()
    }


@cache
def cues() -> tuple[Cue, ...]:
    """All cues of attitude, of every kind and value."""
    found = []
    for kind, entries in mapping("cues").items():
        if isinstance(entries, dict):
            values = mapping("cues", kind)
            found += [Cue(kind, int(value), pattern(listed)) for value, listed in values.items()]
        else:
            found.append(Cue(kind, 0, pattern(entries)))
    found += [Cue("tone", int(value), pattern(p)) for value, p in table("en_tone")["phrases"].items()]
    return tuple(found)
