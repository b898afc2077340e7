"""Results on stdout: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.cli.terminal import out, result

if TYPE_CHECKING:
    from eval.results import CellResult, RunResult
    from eval.statistics import Interval


def print_table(run: RunResult, metrics: Sequence[str] | None = None) -> None:
    """The leader tables of a run."""
    from eval.report import terminal_report

    out().print(terminal_report(run, metrics=metrics))


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Indented JSON, and nothing else."""
    result(json.dumps(value, ensure_ascii=False, indent=2))


def run_json(run: RunResult) -> dict[str, Any]:
    """A run in short: figures by name. Where there is one system, its figures stand at the top as well.

    ``metrics`` and ``slices`` hold ``{"recall@10": {"value", "low", "high"}}``; what differs from run to
    run (time, memory) stands under ``cost``.
    """
    from dataclasses import asdict

    cells = [cell_json(cell) for cell in run.cells]
    systems = [cell for cell in cells if cell["kind"] != "floor"]
    return {
        "run": run.id,
        "complete": run.complete,
        **(systems[0] if len(systems) == 1 else {}),
        "baselines": dict(run.baselines),
        "datasets": {name: asdict(stamp) for name, stamp in run.datasets.items()},
        "cells": cells,
        "notes": list(run.notes),
    }


def cell_json(cell: CellResult) -> dict[str, Any]:
    """One row of the table in short."""
    from dataclasses import asdict

    return {
        "cell": cell.id,
        "kind": cell.kind,
        "n": cell.n,
        "failures": cell.failed,
        "failure_reasons": dict(cell.failures),
        "metrics": _figures(cell.measurements),
        "slices": {part.name: {"n": part.n, "metrics": _figures(part.measurements)} for part in cell.slices},
        "comparisons": {
            name: {**_figure(found.difference), "p": found.p, "adjusted_p": found.adjusted_p}
            for name, found in cell.comparisons.items()
        },
        "spreads": {
            kind: {name: asdict(found) for name, found in by_metric.items()}
            for kind, by_metric in cell.spreads.items()
        },
        "cost": asdict(cell.cost),
        "settings": asdict(cell.settings),
        "notes": list(cell.notes),
    }


def _figures(measurements: Mapping[str, Interval]) -> dict[str, Any]:
    return {
        name: _figure(found) for name, found in measurements.items() if not name.startswith("milliseconds_")
    }


def _figure(interval: Interval) -> dict[str, float | None]:
    return {"value": interval.value, "low": interval.low, "high": interval.high}
