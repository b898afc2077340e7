"""Files of rows: CSV, TSV, JSON Lines and Parquet, plain or gzipped, read one row at a time."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from agent.catalog.problems import Problems, clipped, unreadable

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")
"""Formats by the end of the file name; ``.gz`` may follow."""

_FOREIGN = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"PAR1": "a Parquet file",
}
_PEEKED_ROWS = 100
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with their numbers, read once.

    ``typed`` tells whether values have types of their own; in CSV and TSV all are text. Rows that
    cannot be read are among the problems and not among ``rows``.
    """

    columns: tuple[str, ...]
    rows: Iterator[tuple[int, Mapping[str, Any]]]
    typed: bool


def suffix_of(path: Path) -> str:
    """The suffix that tells the format, in lower case and without ``.gz``."""
    return Path(path.name.lower().removesuffix(".gz")).suffix


@contextmanager
def open_table(path: Path, problems: Problems) -> Iterator[Table]:
    """Open a file by its suffix.

    Raises:
        CatalogError: it cannot be opened, is empty, or is of another format.
    """
    suffix = suffix_of(path)
    try:
        with _open_bytes(path) as stream:
            if suffix == ".parquet":
                from agent.catalog.arrow import parquet_table

                yield parquet_table(stream, problems.file)
                return
            _refuse_foreign(stream, problems.file)
            lines = _Lines(stream, problems)
            if suffix == ".jsonl":
                yield _json_table(lines, problems)
            else:
                yield _csv_table(lines, problems, tabs=suffix == ".tsv")
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(problems.file, f"cannot be read: {error}") from None


def _open_bytes(path: Path) -> io.BufferedReader | gzip.GzipFile:
    stream = path.open("rb")
    if stream.peek(2)[:2] == b"\x1f\x8b":
        stream.close()
        return gzip.open(path, "rb")
    return stream


def _refuse_foreign(stream: Any, file: str) -> None:
    start = stream.peek(4)[:4]
    if not start:
        raise unreadable(file, "the file is empty")
    for magic, what in _FOREIGN.items():
        if start.startswith(magic):
            raise unreadable(file, f"this is {what}", "save it as UTF-8 CSV, or name it by its format")


class _Lines:
    """Lines of a UTF-8 file; those that are not UTF-8 become problems, and the reading goes on."""

    def __init__(self, stream: Any, problems: Problems) -> None:
        self._offset = 3 if stream.peek(3)[:3] == b"\xef\xbb\xbf" else 0
        self._problems = problems
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self.number = 0
        self.bad: set[int] = set()

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.number += 1
            raw = line.encode(errors="surrogateescape")
            if not line.isascii() and (error := _undecoded(line)):
                before = len(line[: error.start].encode())
                self._problems.add(
                    f"not UTF-8: byte 0x{raw[before]:02x} at offset {self._offset + before:,} of the file",
                    self.number,
                )
                self.bad.add(self.number)
                line = raw.decode(errors="replace")  # noqa: PLW2901
            self._offset += len(raw)
            yield line


def _undecoded(line: str) -> UnicodeEncodeError | None:
    """Where a line holds bytes that are not UTF-8."""
    try:
        line.encode()
    except UnicodeEncodeError as error:
        return error
    return None


def _csv_table(lines: _Lines, problems: Problems, *, tabs: bool) -> Table:
    text = iter(lines)
    header = next((line for line in text if line.strip()), "")
    delimiter = "\t" if tabs else _delimiter(header)
    before = lines.number - 1
    reader = csv.reader(chain([header], text), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise unreadable(problems.file, f"the header cannot be read: {error}") from None
    if not any(columns):
        raise unreadable(problems.file, "the file is empty")
    named = tuple(name for name in columns if name)
    for name in named:
        if named.count(name) > 1:
            raise unreadable(problems.file, f"column {name!r} is there {named.count(name)} times")
    return Table(named, _csv_rows(reader, before, columns, lines.bad, problems), typed=False)


def _delimiter(header: str) -> str:
    """The separator of a header: a comma, or what a spreadsheet of another country writes."""
    return max(",;\t", key=header.count)


def _csv_rows(
    reader: Any, before: int, columns: list[str], undecoded: set[int], problems: Problems
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with the line they begin on; ``before`` lines of the file came before the reader's first."""
    width = len(columns)
    while True:
        number = reader.line_num + before + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add(f"broken CSV: {error}; is a quote never closed?", number)
            continue
        if not cells or (undecoded and undecoded.intersection(range(number, reader.line_num + before + 1))):
            continue
        if len(cells) > width and not any(cells[width:]):
            del cells[width:]
        if len(cells) != width:
            problems.add(f"{_fields(len(cells))} where the header has {width}", number)
            continue
        row = dict(zip(columns, cells, strict=True))
        row.pop("", None)
        yield number, row


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _json_table(lines: _Lines, problems: Problems) -> Table:
    rows = _json_rows(lines, problems)
    peeked = list(islice(rows, _PEEKED_ROWS))
    columns = tuple(dict.fromkeys(name for _, row in peeked for name in row))
    if not lines.number:
        raise unreadable(problems.file, "the file is empty")
    return Table(columns, chain(peeked, rows), typed=True)


def _json_rows(lines: _Lines, problems: Problems) -> Iterator[tuple[int, dict[str, Any]]]:
    for line in lines:
        number = lines.number
        if number in lines.bad or not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.add(f"not JSON: {error}", number)
            continue
        if not isinstance(row, dict):
            problems.add(f"not a JSON object: {clipped(row)}", number)
        elif _HALF_PAIR.search(line) and not _is_unicode(row):
            problems.add("half of a surrogate pair in a \\u escape", number)
        else:
            yield number, row


def _is_unicode(row: dict[str, Any]) -> bool:
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
