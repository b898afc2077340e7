"""The library of prompts: ours, and those a folder of your own adds or overrides."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from prompts.errors import PromptError, PromptFormatError, UnknownPromptError
from prompts.front_matter import Task
from prompts.prompt import Prompt

SHIPPED = Path(__file__).parent
FALLBACK = "en"

_FILE = re.compile(
    r"(?P<name>[a-z][a-z0-9_]*)(?:\.(?P<locale>[a-z]{2,3}(?:-[a-z0-9]+)*))?\.jinja", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PromptInfo:
    """A prompt as it is listed; ``source`` and ``hash`` are those of the first locale, English if there."""

    name: str
    version: int
    task: str
    description: str
    locales: tuple[str, ...]
    source: Path
    hash: str


class PromptLibrary:
    """Finds prompts by name and locale.

    Args:
        override: A folder laid out like ours, ``<task>/<name>[.<locale>].jinja``. Its files replace
            ours of the same name and locale, or add prompts.

    Raises:
        PromptError: the folder is not there.
        PromptFormatError: a ``.jinja`` file in it does not lie where a prompt is looked for.
    """

    def __init__(self, override: Path | None = None) -> None:
        self._files = _find(SHIPPED)
        if override is not None:
            if not override.is_dir():
                raise PromptError(
                    "there is no such folder of prompts", where=str(override), hint="check prompts_dir"
                )
            self._files |= _find(override)
        self._read: dict[tuple[str, str], Prompt] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all prompts, sorted."""
        return tuple(sorted({name for name, _ in self._files}))

    def get(self, name: str, locale: str = FALLBACK) -> Prompt:
        """The prompt in the nearest locale: ``zh-CN``, then ``zh``, then English.

        Raises:
            UnknownPromptError: no prompt is called so, or it has no version in a locale that would do.
            PromptFormatError: its file is broken; names file and line.
        """
        for candidate in _fallbacks(locale):
            if (name, candidate) in self._files:
                return self._load(name, candidate)
        if name in self.names:
            raise UnknownPromptError(
                f"prompt {name!r} is not there in locale {locale!r} nor in English",
                hint=f"it is there in {', '.join(self._locales(name))}",
            )
        raise UnknownPromptError(f"unknown prompt {name!r}", hint=self._suggestion(name))

    def list(self) -> list[PromptInfo]:
        """All prompts, sorted by name.

        Raises:
            PromptFormatError: one of the files is broken; names file and line.
        """
        return [self._info(name) for name in self.names]

    def _info(self, name: str) -> PromptInfo:
        locales = self._locales(name)
        loaded = [self._load(name, locale) for locale in locales]
        first = loaded[0]
        return PromptInfo(
            name, first.version, first.task, first.description, locales, first.source, first.hash
        )

    def _locales(self, name: str) -> tuple[str, ...]:
        found = (locale for known, locale in self._files if known == name)
        return tuple(sorted(found, key=lambda locale: (locale != FALLBACK, locale)))

    def _load(self, name: str, locale: str) -> Prompt:
        key = (name, locale)
        if key not in self._read:
            task = name.partition("/")[0]
            self._read[key] = Prompt.read(self._files[key], locale, (SHIPPED / task,))
        return self._read[key]

    def _suggestion(self, name: str) -> str:
        same_ending = [known for known in self.names if known.rpartition("/")[2] == name.rpartition("/")[2]]
        close = same_ending or difflib.get_close_matches(name, self.names, n=1)
        return f"did you mean {close[0]!r}?" if close else f"prompts are {', '.join(self.names)}"


def _find(folder: Path) -> dict[tuple[str, str], Path]:
    files = {}
    for path in sorted(folder.rglob("*.jinja")):
        place = path.relative_to(folder)
        match = _FILE.fullmatch(path.name)
        if any(part.startswith(".") for part in place.parts):
            continue
        if match is None or len(place.parts) != 2 or place.parts[0] not in get_args(Task):
            raise PromptFormatError(
                "a prompt must lie at <task>/<name>.jinja or <task>/<name>.<locale>.jinja",
                where=str(path),
                hint=f"tasks are {', '.join(get_args(Task))}",
            )
        locale = (match["locale"] or FALLBACK).lower()
        files[f"{place.parts[0]}/{match['name']}", locale] = path
    return files


def _fallbacks(locale: str) -> list[str]:
    parts = locale.replace("_", "-").lower().split("-")
    return [*("-".join(parts[:count]) for count in range(len(parts), 0, -1)), FALLBACK]
