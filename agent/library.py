"""A library of saved articles, books, ...: read from a file, and found in a catalog as far as it holds them.

BibTeX, a table (CSV, TSV, JSONL, Parquet; also what reference managers export), or one id, address or title
a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.catalog import Catalog, Interaction
from agent.catalog.problems import Problems, bad_rows
from agent.catalog.tables import SUFFIXES, open_table, suffix_of
from agent.catalog.text import one_line
from agent.context import UserContext
from agent.errors import CatalogError
from agent.grounding.grounder import Grounder
from agent.understanding.identifiers import IdentifierFinder
from agent.understanding.passage import Passage

_NAMES = ("id", "item_id", "key", "eprint", "arxiv", "arxiv_id", "doi", "pmid", "isbn", "url", "link", "item")
_TITLES = ("title", "name", "article_title")
_TEXTS = ("abstract", "abstract_note", "description", "summary")
_YEARS = ("year", "publication_year", "date")
_YEAR = re.compile(r"(?:18|19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a library: ``names`` may be ids and addresses; ``text`` is what it is about."""

    title: str = ""
    names: tuple[str, ...] = ()
    text: str = ""
    year: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or next(iter(self.names), "")


@dataclass(frozen=True, slots=True)
class Library:
    """What of a library is in a catalog.

    Attributes:
        found: Ids of the items, in the order of the library.
        missing: The entries that the catalog does not hold.
    """

    found: tuple[str, ...]
    missing: tuple[Entry, ...]

    def context(self, **fields: Any) -> UserContext:
        """A user who likes all of it: what the catalog lacks counts by its text."""
        texts = (". ".join(filter(None, (entry.title, entry.text))) for entry in self.missing)
        return UserContext(
            history=tuple(Interaction("", item_id, "like") for item_id in self.found),
            examples=tuple(text for text in texts if text),
            **fields,
        )


def read_library(path: Path) -> tuple[Entry, ...]:
    """Read the entries of a file.

    Raises:
        CatalogError: it cannot be read or holds no entry.
    """
    suffix = suffix_of(path)
    if suffix in (".bib", ".bibtex"):
        entries = tuple(_entry(fields) for fields in _bibtex(path))
    elif suffix in SUFFIXES:
        entries = tuple(_entry(row) for row in _rows(path))
    else:
        lines = map(one_line, _text(path).splitlines())
        entries = tuple(Entry(title=line) for line in lines if line and not line.startswith("#"))
    entries = tuple(dict.fromkeys(entry for entry in entries if entry.label))
    if not entries:
        raise CatalogError(
            "holds no entry with an id or a title",
            where=str(path),
            hint="a library is a .bib file, a table with a column id or title, or one of these a line",
        )
    return entries


def find_library(entries: Sequence[Entry], catalog: Catalog, grounder: Grounder) -> Library:
    """Look every entry up: by ids and addresses, else by its title."""
    identifiers = IdentifierFinder(catalog)
    found: dict[int, str] = {}
    titled = []
    for place, entry in enumerate(entries):
        item_id = _by_name(entry, catalog, identifiers)
        if item_id is not None:
            found[place] = item_id
        elif entry.title:
            titled.append(place)
    for place, grounding in zip(titled, grounder.ground([_dated(entries[p]) for p in titled]), strict=True):
        if grounding.item_id is not None:
            found[place] = grounding.item_id
    missing = tuple(entry for place, entry in enumerate(entries) if place not in found)
    return Library(tuple(dict.fromkeys(found[place] for place in sorted(found))), missing)


def _by_name(entry: Entry, catalog: Catalog, identifiers: IdentifierFinder) -> str | None:
    for name in (*entry.names, entry.title):
        if name in catalog:
            return name
        known, _ = identifiers.find(Passage(name))
        if known:
            return catalog[known[0].rows[0]].id
    return None


def _dated(entry: Entry) -> str:
    return f"{entry.title} ({entry.year})" if entry.year else entry.title


def _entry(fields: Mapping[str, Any]) -> Entry:
    held = {re.sub(r"\W+", "_", name.strip().lower()): _flat(value) for name, value in fields.items()}
    year = _YEAR.search(next((held[n] for n in _YEARS if held.get(n)), ""))
    return Entry(
        title=next((held[n] for n in _TITLES if held.get(n)), ""),
        names=tuple(held[n] for n in _NAMES if held.get(n)),
        text=next((held[n] for n in _TEXTS if held.get(n)), ""),
        year=year[0] if year else "",
    )


def _flat(value: Any) -> str:
    return "" if value is None else one_line(str(value))


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    problems = Problems(str(path))
    with open_table(path, problems) as table:
        rows = [row for _, row in table.rows]
    if problems:
        raise bad_rows(path.name, problems.lines)
    yield from rows


def _bibtex(path: Path) -> Iterator[Mapping[str, Any]]:
    import logging

    from bibtexparser import parse_string
    from bibtexparser.middlewares import LatexDecodingMiddleware

    logging.getLogger("bibtexparser").setLevel(logging.ERROR)
    library = parse_string(_text(path), append_middleware=[LatexDecodingMiddleware()])
    if library.failed_blocks:
        first = library.failed_blocks[0]
        line = (first.start_line or 0) + 1
        raise CatalogError(
            f"{len(library.failed_blocks)} entries cannot be read, the first in line {line}", where=str(path)
        )
    for entry in library.entries:
        yield {name: field.value for name, field in entry.fields_dict.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise CatalogError("is not UTF-8 text", where=str(path)) from None
