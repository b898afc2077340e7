"""The strings people see, in their language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

FALLBACK = "en"


@cache
def strings(locale: str) -> dict[str, str]:
    """All strings of a locale, keyed ``section.name``; English where the locale has none of its own.

    ``zh-CN`` and ``zh_TW`` read ``zh``; an unknown locale reads English.
    """
    language = locale.replace("_", "-").split("-")[0].lower()
    path = files("agent") / "locale" / f"{language}.toml"
    own = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    flat = {f"{section}.{name}": value for section, names in own.items() for name, value in names.items()}
    return flat if language == FALLBACK else {**strings(FALLBACK), **flat}


def text(key: str, locale: str = FALLBACK, **values: Any) -> str:
    """The string ``key`` with its ``{placeholders}`` filled.

    Raises:
        KeyError: no locale has the key, or a placeholder has no value (a mistake in our own code).
    """
    return strings(locale)[key].format(**values)
