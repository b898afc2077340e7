"""Past events of users with items."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from agent.catalog.items import Event, Interaction
from agent.catalog.problems import Problems, bad_rows, clipped
from agent.catalog.rows import column_names, number_of
from agent.catalog.tables import Table, open_table

COLUMNS = ("user_id", "item_id", "event", "value", "timestamp")
REQUIRED = COLUMNS[:3]
EVENTS: tuple[str, ...] = get_args(Event)

_LATEST = 1e11
"""Seconds; a later time (year 5138) is one in milliseconds."""


def load_interactions(path: Path, item_ids: Container[str]) -> list[Interaction]:
    """Read a file of interactions.

    Raises:
        CatalogError: the file or any of its rows cannot be read; ``problems`` holds all.
    """
    problems = Problems(str(path))
    interactions = read_interactions(path, item_ids, problems)
    if problems:
        raise bad_rows(path.name, problems.lines)
    return interactions


def read_interactions(path: Path, item_ids: Container[str], problems: Problems) -> list[Interaction]:
    """The good rows of a file, oldest first; those without a time come before all others.

    Raises:
        CatalogError: the file cannot be read or lacks a column.
    """
    with open_table(path, problems) as table:
        interactions = _rows(table, item_ids, problems)
    interactions.sort(key=lambda i: -1.0 if i.timestamp is None else i.timestamp)
    return interactions


def _rows(table: Table, item_ids: Container[str], problems: Problems) -> list[Interaction]:
    names = column_names(table.columns, {}, COLUMNS, REQUIRED, problems.file)
    interactions = []
    for number, values in table.rows:
        row = {names.get(column, column): value for column, value in values.items()}
        before = len(problems)
        user_id, item_id, event = (_text(row.get(name)) for name in REQUIRED)
        value, timestamp = _value(row, number, problems), _timestamp(row, number, problems)
        if not user_id:
            problems.add("missing", number, "user_id")
        if not item_id:
            problems.add("missing", number, "item_id")
        elif item_id not in item_ids:
            problems.add(f"no item with id {clipped(item_id)} in the catalog", number, "item_id")
        if event not in EVENTS:
            problems.add(f"{clipped(event)} is none of {', '.join(EVENTS)}", number, "event")
        elif event == "rate" and value is None and len(problems) == before:
            problems.add("missing, and a rate event needs it", number, "value")
        if len(problems) == before:
            interactions.append(Interaction(user_id, item_id, event, value, timestamp))  # type: ignore[arg-type]
    return interactions


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _value(row: dict[str | None, Any], number: int, problems: Problems) -> float | None:
    value = row.get("value")
    try:
        return None if value is None else number_of(value)
    except ValueError as error:
        problems.add(str(error), number, "value")
        return None


def _timestamp(row: dict[str | None, Any], number: int, problems: Problems) -> float | None:
    """Unix seconds from seconds or ISO 8601; a time without a zone is taken as UTC."""
    value = row.get("timestamp")
    text = _text(value)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            problems.add(
                f"{clipped(value)} is neither Unix seconds nor an ISO 8601 time", number, "timestamp"
            )
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not 0 <= seconds < _LATEST:
        problems.add(f"{clipped(value)} is not in Unix seconds", number, "timestamp")
        return None
    return seconds
