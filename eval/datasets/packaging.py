"""Reading sources and writing package data for the build."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, or of a TSV file without quotes; plain or gzipped."""
    tabs = ".tsv" in path.suffixes
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        if tabs:
            return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        return list(csv.DictReader(lines))


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a gzipped CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    _write(path, text.getvalue())


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write a gzipped JSON Lines file."""
    _write(
        path, "".join(f"{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n" for line in lines)
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A time stamp in the header would make every build differ.
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
