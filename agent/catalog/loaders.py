"""Catalogs from files, folders, Hugging Face data sets and the package itself."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from agent.catalog.interactions import load_interactions, read_interactions
from agent.catalog.items import FIELDS, Catalog, Interaction, Item
from agent.catalog.problems import Problems, bad_rows, clipped, did_you_mean, unreadable
from agent.catalog.rows import REQUIRED, column_names, read_items
from agent.catalog.tables import SUFFIXES, Table, open_table, suffix_of
from agent.errors import CatalogError

_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class _Embedded:
    items: str
    kind: str
    interactions: str | None = None
    dialogues: str | None = None


EMBEDDED = {
    "movies": _Embedded("movies.csv.gz", "movie", "movies_interactions.csv.gz", "movies_dialogues.jsonl.gz"),
    "articles": _Embedded("articles.jsonl.gz", "article"),
}
"""The catalogs that come with the package."""

_SKIP_HINT = "`groundrec catalog check` lists all; skip_bad_rows (--skip-bad-rows) leaves these rows out"


def load_catalog(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    split: str | None = None,
    interactions: str | os.PathLike[str] | None = None,
    name: str | None = None,
    kind: str | None = None,
    skip_bad_rows: bool = False,
) -> Catalog:
    """Load and check a catalog.

    Args:
        source: ``"movies"`` or ``"articles"`` (``"./movies"`` is a folder); a ``.csv``, ``.tsv``,
            ``.jsonl`` or ``.parquet`` file, which may be gzipped; a folder with ``catalog.csv`` (or another
            of these formats) and perhaps ``interactions.csv``; the name or the folder of a Hugging Face
            data set; or a ``datasets.Dataset``.
        columns: Our column name to yours, such as ``{"title": "name"}``.
        split: Which split of a data set.
        interactions: A file of interactions; it replaces the one of a folder. Where the catalog itself
            says nothing of popularity, that is the number of an item's events other than dislikes.
        name: What to call the catalog; by default the name of its file, folder or data set.
        kind: What one item is called, in the singular.
        skip_bad_rows: Leave bad rows out, and tell of them in ``Catalog.skipped``.

    Raises:
        CatalogError: the source is not there or has no rows, or some rows are bad; ``problems`` then
            holds every one, those of the interactions included.
    """
    if isinstance(source, str) and source in EMBEDDED:
        return _embedded(source, name=name, kind=kind)
    path = _items_path(source)
    log = Path(interactions) if interactions is not None else _interactions_beside(source, path)
    label, default_name = _names(source, path)
    name = name or default_name
    bad_items = Problems(label)
    with _open(source, path, split, bad_items) as table:
        ours = column_names(table.columns, columns or {}, FIELDS, REQUIRED, label)
        items, rows = read_items(table, ours, bad_items)
    # Where bad rows are refused anyway, an event with one of their items is no problem of its own.
    known = {item.id for item in items} if skip_bad_rows else rows
    events, bad_events = _events(log, known, bad_items)
    problems = [*bad_items.lines, *bad_events.lines]
    if problems and not (skip_bad_rows and items):
        raise bad_rows(name, problems, None if skip_bad_rows else _SKIP_HINT)
    if not items:
        raise unreadable(label, "no items", "the file has columns but no rows")
    skipped = (*bad_items.rows(), *bad_events.rows())
    if events and not any(item.popularity for item in items):
        items = _with_popularity(items, events)
    return Catalog(items, name=name, kind=kind or "item", interactions=events, skipped=skipped)


def _events(
    log: Path | None, known: Container[str], bad_items: Problems
) -> tuple[list[Interaction], Problems]:
    """The interactions of a file, if there is one, and what is wrong with its rows."""
    problems = Problems(str(log))
    if log is None:
        return [], problems
    try:
        return read_interactions(_existing(log), known, problems), problems
    except CatalogError as error:
        raise bad_rows(str(log), [*bad_items.lines, *error.problems], error.hint) from None


def _with_popularity(items: list[Item], events: list[Interaction]) -> list[Item]:
    counts = Counter(event.item_id for event in events if event.event != "dislike")
    return [replace(item, popularity=float(counts[item.id])) for item in items]


def _embedded(source: str, *, name: str | None, kind: str | None) -> Catalog:
    embedded = EMBEDDED[source]
    folder = Path(str(files("agent") / "demo"))
    path = folder / embedded.items
    problems = Problems(path.name)
    with open_table(path, problems) as table:
        items, rows = read_items(table, {}, problems)
    if problems:
        raise bad_rows(source, problems.lines, "the package is damaged: install it again")
    log = folder / embedded.interactions if embedded.interactions else None
    return Catalog(
        items,
        name=name or source,
        kind=kind or embedded.kind,
        interactions=partial(load_interactions, log, rows) if log else (),
        dialogues=folder / embedded.dialogues if embedded.dialogues else None,
    )


def _items_path(source: Any) -> Path | None:
    """The file of items; None where the source is a data set.

    Raises:
        CatalogError: there is no such file.
    """
    if not isinstance(source, (str, os.PathLike)):
        return None
    path = Path(source)
    try:
        if path.is_dir():
            return _in_folder(path, "catalog")
        is_file = path.exists()
    except OSError as error:
        raise unreadable(clipped(source), f"cannot be read: {error.strerror}") from None
    if is_file or suffix_of(path) in SUFFIXES or not _HUB_NAME.fullmatch(str(source)):
        path = _existing(path)
        if suffix_of(path) not in SUFFIXES:
            raise unreadable(str(path), "unknown format", f"known: {', '.join(SUFFIXES)}, each also with .gz")
        return path
    guess = did_you_mean(str(source), EMBEDDED)
    if guess:
        raise unreadable(str(source), "no such catalog", f"did you mean {guess!r}?")
    return None


def _in_folder(folder: Path, stem: str) -> Path | None:
    candidates = (folder / f"{stem}{suffix}{gz}" for suffix in SUFFIXES for gz in ("", ".gz"))
    return next((path for path in candidates if path.is_file()), None)


def _interactions_beside(source: Any, path: Path | None) -> Path | None:
    """The interactions of a folder; a file on its own has none."""
    return _in_folder(path.parent, "interactions") if path and Path(source).is_dir() else None


def _existing(path: Path) -> Path:
    if path.is_file():
        return path
    others = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    guess = did_you_mean(path.name, others)
    raise unreadable(
        str(path),
        "no such file",
        f"did you mean {str(path.with_name(guess))!r}?"
        if guess
        else f"give {' or '.join(map(repr, EMBEDDED))}, a file, a folder or the name of a data set",
    )


def _names(source: Any, path: Path | None) -> tuple[str, str]:
    """What problems and people call the source."""
    if path is None:
        name = str(source) if isinstance(source, (str, os.PathLike)) else "data set"
        return name, Path(name).name
    named = path if not Path(source).is_dir() else Path(source).resolve()
    return str(path), named.name.removesuffix(".gz").removesuffix(suffix_of(path)) or named.name


@contextmanager
def _open(source: Any, path: Path | None, split: str | None, problems: Problems) -> Iterator[Table]:
    if path is not None:
        if split is not None:
            raise unreadable(str(path), f"a file has no split {split!r}", "leave split out")
        with open_table(path, problems) as table:
            yield table
        return
    from agent.catalog.arrow import dataset_table, open_dataset

    yield dataset_table(open_dataset(source, split))
