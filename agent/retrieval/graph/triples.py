"""Facts from a file: ``subject,predicate,object``, a triple a row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.catalog.problems import Problems, bad_rows
from agent.catalog.rows import column_names
from agent.catalog.tables import open_table
from agent.catalog.text import one_line

COLUMNS = ("subject", "predicate", "object")


@dataclass(frozen=True, slots=True)
class Triple:
    """One fact: ``subject`` and ``object`` are ids of items, or names of anything else."""

    subject: str
    predicate: str
    object: str


def load_triples(path: Path) -> tuple[Triple, ...]:
    """Read the columns ``subject``, ``predicate`` and ``object`` of a CSV, TSV, JSONL or Parquet file.

    Raises:
        CatalogError: the file or any of its rows cannot be read; ``problems`` holds all, by file and row.
    """
    problems = Problems(str(path))
    found = []
    with open_table(path, problems) as table:
        names = column_names(table.columns, {}, COLUMNS, COLUMNS, problems.file)
        for number, values in table.rows:
            row = {names.get(column, column): _text(value) for column, value in values.items()}
            for column in COLUMNS:
                if not row.get(column):
                    problems.add("missing", number, column)
            if not problems.has(number):
                found.append(Triple(*(row[column] for column in COLUMNS)))
    if problems:
        raise bad_rows(path.name, problems.lines)
    return tuple(dict.fromkeys(found))


def _text(value: Any) -> str:
    return "" if value is None else one_line(str(value))
