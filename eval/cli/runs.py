"""``groundrec eval list``, ``show`` and ``diff``: the runs that are kept, and how they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.terminal import notice, out
from eval.cli import options
from eval.cli.run import RUNS

if TYPE_CHECKING:
    from eval.results import RunResult


def list_runs(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where runs are kept.")] = RUNS,
    *,
    as_json: options.AsJson = False,
) -> None:
    """List the runs in a folder, the latest first."""
    from agent.cli.tables import make_table
    from eval.cli.output import print_json
    from eval.results import RESULTS_FILE, RunResult

    found = [
        (path.parent, RunResult.load(path))
        for path in (*folder.glob(RESULTS_FILE), *folder.glob(f"*/{RESULTS_FILE}"))
    ]
    found.sort(key=lambda pair: pair[1].created, reverse=True)
    if as_json:
        print_json([{"folder": str(path), **_stamps(run)} for path, run in found])
        return
    if not found:
        notice(f"there are no runs in {folder}")
        return
    rows = [
        (
            str(path),
            run.created[:16].replace("T", " "),
            sum(cell.kind != "floor" for cell in run.cells),
            f"{sum(stamp.rows for stamp in run.datasets.values()):,}",
            "yes" if run.complete else "no",
            ", ".join(run.datasets),
        )
        for path, run in found
    ]
    columns = ("folder", "begun", "systems", "rows", "complete", "data sets")
    out().print(make_table(columns, rows, right=("systems", "rows")))


def show(run: options.Run, *, as_json: options.AsJson = False) -> None:
    """Say what a run was made of and with: settings, data, prompts, weights, versions, machine."""
    from agent.cli.tables import make_table
    from eval.cli.output import print_json
    from eval.results import RunResult

    stamps = _stamps(RunResult.load(run))
    if as_json:
        print_json(stamps)
    else:
        out().print(make_table(("what", "value"), _flat(stamps), even=True))


def diff(
    run: options.Run,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="Another run.", show_default=False)],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Say in which settings, data, prompts, weights and versions two runs differ."""
    from agent.cli.tables import make_table
    from eval.cli.output import print_json
    from eval.results import RunResult

    ours, theirs = (dict(_flat(_stamps(RunResult.load(path)))) for path in (run, other))
    names = [name for name in dict.fromkeys((*ours, *theirs)) if ours.get(name) != theirs.get(name)]
    if as_json:
        print_json({name: [ours.get(name), theirs.get(name)] for name in names})
        return
    rows = [(name, ours.get(name, "-"), theirs.get(name, "-")) for name in names]
    out().print(make_table(("what", str(run), str(other)), rows, even=True))


def _stamps(run: RunResult) -> dict[str, Any]:
    """Everything that a run says of its making, JSON-ready."""
    record = run.to_json()
    return {
        "id": run.id,
        "created": run.created,
        "complete": run.complete,
        "machine": record["machine"],
        "datasets": record["datasets"],
        "cells": {cell["id"]: cell["settings"] for cell in record["cells"] if cell["kind"] != "floor"},
        "level": run.level,
        "resamples": run.resamples,
    }


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """``machine.packages.numpy``, ``2.1``: nested mappings as lines."""
    for name, each in value.items():
        if isinstance(each, Mapping) and each:
            yield from _flat(each, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", ", ".join(map(str, each)) if isinstance(each, list) else str(each)
