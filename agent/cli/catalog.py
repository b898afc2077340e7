"""``groundrec catalog``: check, describe and index a catalog."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import typer

from agent.cli import build, options
from agent.cli.failures import FAILED
from agent.cli.terminal import clean, notice, out, result
from agent.cli.working import Working

if TYPE_CHECKING:
    from agent.catalog.report import CatalogInfo, FieldInfo

app = typer.Typer(no_args_is_help=True, help="Check, describe and index a catalog.")

_EXAMPLES = 6


@app.command()
def check(
    source: options.CatalogArgument,
    *,
    columns: options.Columns = "",
    split: options.Split = None,
    interactions: options.Interactions = None,
    as_json: options.AsJson = False,
) -> None:
    """Print every problem with file, row and column; exit with 1 where there are any."""
    from agent.catalog.report import check_catalog

    with Working().on("Reading"):
        outcome = check_catalog(source, **build.catalog_options(columns, split, interactions))
    if as_json:
        result(json.dumps(outcome.to_json(), ensure_ascii=False, indent=2))
    else:
        for problem in outcome.problems:
            result(clean(problem))
        if outcome.info is not None and outcome.sound:
            result(f"{clean(outcome.info.name)}: {outcome.info.items:,} items, no problems")
    if not outcome.sound:
        count = len(outcome.problems)
        notice(f"{count:,} problem{'s' if count > 1 else ''}; --skip-bad-rows leaves bad rows out")
        raise typer.Exit(FAILED)


@app.command()
def info(
    source: options.CatalogArgument,
    *,
    columns: options.Columns = "",
    split: options.Split = None,
    interactions: options.Interactions = None,
    skip_bad_rows: options.SkipBadRows = False,
    as_json: options.AsJson = False,
) -> None:
    """Say what a catalog holds: its fields, categories, attributes and interactions."""
    from agent.catalog.report import catalog_info

    loading = build.catalog_options(columns, split, interactions, skip_bad_rows)
    with Working().on("Reading"):
        facts = catalog_info(build.open_catalog(source, **loading))
    if as_json:
        result(json.dumps(facts.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(facts)


@app.command()
def index(
    source: options.CatalogArgument,
    *,
    columns: options.Columns = "",
    split: options.Split = None,
    interactions: options.Interactions = None,
    skip_bad_rows: options.SkipBadRows = False,
) -> None:
    """Embed a catalog, so that the first recommendation need not wait for it."""
    loading = build.catalog_options(columns, split, interactions, skip_bad_rows)
    settings = build.make_settings(model=build.NO_MODEL)
    working = Working(told=True)
    start = time.perf_counter()
    with working.on("Embedding"):
        catalog = build.open_catalog(source, **loading)
        rows, dimensions = build.embed(build.make_recommender(catalog, working, settings=settings), working)
    result(f"{clean(catalog.name)}: {rows:,} embeddings of {dimensions} dimensions")
    notice(f"{time.perf_counter() - start:.1f} s; kept in {settings.cache_dir}")


def _show(facts: CatalogInfo) -> None:
    from rich.text import Text

    from agent.cli.tables import make_table

    console = out()
    size, hash_ = f"  {facts.items:,} items", (f"  {facts.fingerprint}", "dim")
    console.print(Text.assemble((clean(facts.name), "bold"), size, hash_))
    console.print()
    rows = ((f.name, f.type, f"{f.fill:.0%}", _values(f)) for f in (*facts.fields, *facts.attributes))
    console.print(make_table(("field", "type", "filled", "values"), rows, right=("filled",)))
    console.print()
    for line in _remarks(facts):
        console.print(line)


def _values(field: FieldInfo) -> str:
    if field.low is not None and field.high is not None:
        return f"{field.low:g} to {field.high:g}"
    odd = f"not a number: {field.odd!r}" if field.odd else ""
    return odd or ", ".join(field.examples[:_EXAMPLES])


def _remarks(facts: CatalogInfo) -> list[str]:
    lines = []
    if facts.categories:
        top = ", ".join(f"{clean(name)} {count:,}" for name, count in facts.top_categories[:_EXAMPLES])
        lines.append(f"{facts.categories:,} categories: {top}")
    if facts.duplicate_titles:
        lines.append(
            f"{facts.duplicate_titles:,} titles are shared by several items, "
            f"{facts.same_title_and_year:,} of them with the same year"
        )
    if events := facts.interactions:
        span = f", {events.first} to {events.last}" if events.first else ""
        kinds = ", ".join(f"{count:,} {name}" for name, count in events.by_event.items())
        lines.append(
            f"{events.events:,} interactions ({kinds}) of {events.users:,} users "
            f"with {events.items:,} items{span}"
        )
    if facts.skipped:
        lines.append(f"{facts.skipped:,} bad rows left out")
    return lines
