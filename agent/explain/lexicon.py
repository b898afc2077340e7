"""The closed vocabulary of explanations, and the light stemming that compares words with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CJK = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[^\W\d_\u3400-\u9fff]+(?:['’][^\W\d_\u3400-\u9fff]+)?")
_SUFFIXES = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ied", "y"), ("ed", ""), ("es", ""), ("s", ""))


@dataclass(frozen=True)
class Lexicon:
    """The words of one language that may stand in a reason without being evidence.

    ``classes`` maps a word to the classes it is in; ``kinds`` the kind of a catalog to its names, the
    usual one first;
    ``fields`` an attribute to the words that speak of it; ``categories`` a category to its name here.
    """

    language: str
    classes: Mapping[str, frozenset[str]]
    kinds: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, frozenset[str]]
    numbers: Mapping[str, int]
    categories: Mapping[str, str]

    def of_class(self, word: str) -> frozenset[str]:
        """The classes of a word in lower case; none where it is unknown."""
        return self.classes.get(word, frozenset())

    def shown(self, value: str) -> str:
        """A category or other value as readers of this language know it."""
        return self.categories.get(value, value)


@cache
def lexicon(locale: str) -> Lexicon:
    """The vocabulary of a locale; English where it has none."""
    language = locale.replace("_", "-").split("-")[0].lower()
    folder = files("agent.explain") / "lexicon"
    path = folder / f"{language}.toml"
    if not path.is_file():
        return lexicon("en")
    data = tomllib.loads(path.read_text("utf-8"))
    classes: dict[str, set[str]] = {}
    for name, words in data["classes"].items():
        for word in words.split():
            classes.setdefault(word, set()).add(name)
    return Lexicon(
        language,
        {word: frozenset(names) for word, names in classes.items()},
        {kind: tuple(words.split()) for kind, words in data["kinds"].items()},
        {field: frozenset(words.split()) for field, words in data["fields"].items()},
        data["numbers"],
        data["categories"],
    )


def stem(word: str) -> str:
    """A word in lower case without plural and verb endings, as ``thrillers`` and ``Thriller`` share."""
    word = word.lower().removesuffix("'s").removesuffix("’s")
    for suffix, replacement in _SUFFIXES:
        base = word.removesuffix(suffix)
        if base != word and len(base) >= 3 and not (suffix == "s" and base.endswith(("s", "u", "i"))):
            word = base + replacement
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def cut(run: str, vocabulary: Collection[str]) -> Iterator[str]:
    """Cut unspaced text into words of a vocabulary, longest first, and whatever lies between them."""
    longest = max(map(len, vocabulary), default=0)
    start = end = 0
    while end < len(run):
        sizes = range(min(longest, len(run) - end), 0, -1)
        size = next((n for n in sizes if run[end : end + n] in vocabulary), 0)
        if size:
            if start < end:
                yield run[start:end]
            yield run[end : end + size]
            start = end + size
        end += size or 1
    if start < end:
        yield run[start:end]
