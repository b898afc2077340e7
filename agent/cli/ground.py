"""``groundrec ground`` and ``groundrec calibrate``: titles to items, and the thresholds for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from agent.cli import build, options
from agent.cli.terminal import clipped, input_lines, notice, out, result
from agent.cli.working import Working

if TYPE_CHECKING:
    from agent.catalog import Catalog
    from agent.grounding import Grounding

_BATCH = 256
_TITLE = 30


def ground(
    *,
    catalog: options.CatalogSource = "movies",
    columns: options.Columns = "",
    split: options.Split = None,
    skip_bad_rows: options.SkipBadRows = False,
    as_json: options.AsJson = False,
) -> None:
    """Link titles to items, or reject them.

    Reads titles from stdin, one a line.

    [dim]groundrec ground --catalog movies --json < titles.txt[/dim]
    """
    loading = build.catalog_options(columns, split, skip_bad_rows=skip_bad_rows)
    working = Working()
    with working.on("Loading"):
        items = build.open_catalog(catalog, **loading)
        grounder = build.make_recommender(items, working, settings=build.make_settings()).parts.grounder
    if is_typed := sys.stdin.isatty():
        notice("reading titles, one a line; end with Ctrl-D")
    found = (
        grounding
        for titles in _batches(input_lines(), 1 if is_typed else _BATCH)
        for grounding in grounder.ground(titles)
    )
    if as_json:
        for grounding in found:
            result(json.dumps(_record(grounding, items), ensure_ascii=False))
    else:
        _show(found, items)


def _batches(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(lines)
    while batch := list(islice(rest, size)):
        yield batch


def _record(grounding: Grounding, catalog: Catalog) -> dict[str, Any]:
    found = grounding.item_id
    return {
        "text": grounding.text,
        "id": found,
        "title": catalog.label(catalog.item(found)) if found else None,
        "method": grounding.method,
        "confidence": round(grounding.confidence, 4),
        "reason": grounding.reason,
        "nearest": [
            {"id": item_id, "title": catalog.label(catalog.item(item_id)), "score": round(score, 4)}
            for item_id, score in grounding.nearest
        ],
    }


def _show(found: Iterable[Grounding], catalog: Catalog) -> None:
    """A table, printed as soon as all titles are linked; what was rejected says why."""
    from agent.cli.tables import make_table

    rows = [
        (
            g.item_id or "-",
            f"{g.method} {g.confidence:.2f}",
            clipped(g.text, _TITLE),
            catalog.label(catalog.item(g.item_id)) if g.item_id else g.reason,
        )
        for g in found
    ]
    out().print(make_table(("id", "how, and how sure", "title", "item, or why not"), rows, wrap=True))
