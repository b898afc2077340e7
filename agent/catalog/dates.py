"""Dates as catalogs write them: ISO 8601 text, to the day (2026-03-18) or to the month (2026-03)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from agent.catalog.items import Catalog

_ISO = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:[T ]\d{2}:\d{2}.*)?)?", re.DOTALL)
_SHARE = 0.9


def is_date(value: Any) -> bool:
    """Whether a value is text that begins with a date to the month or finer."""
    return isinstance(value, str) and bool(_ISO.fullmatch(value))


@lru_cache(maxsize=8)
def date_column(catalog: Catalog) -> str | None:
    """The first column that is filled with dates for most items; None where there is none."""
    for name in catalog.attribute_names:
        held = [value for item in catalog if (value := item.get(name)) not in (None, "")]
        if len(held) >= _SHARE * len(catalog) and all(map(is_date, held)):
            return name
    return None


@lru_cache(maxsize=8)
def newest_dates(catalog: Catalog, share: float = 0.25) -> str | None:
    """The date from which on the newest ``share`` of the items are; None in a catalog without dates."""
    column = date_column(catalog)
    if column is None:
        return None
    dates = sorted(value for item in catalog if is_date(value := item.get(column)))
    return str(dates[min(int(len(dates) * (1 - share)), len(dates) - 1)])


def at_precision(one: str, other: str) -> tuple[str, str]:
    """Two dates cut to what both tell: an item dated to the month is compared by its month."""
    length = min(len(one), len(other), 10)
    return one[:length], other[:length]
