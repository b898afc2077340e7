"""``groundrec eval compare``: a run against a baseline, and gates for programs to act on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.terminal import out
from eval.cli import options

if TYPE_CHECKING:
    from eval.gates import Verdict

_Gates = Annotated[list[str] | None, typer.Option(metavar="METRIC=NUMBER", show_default=False)]
_Cell = Annotated[str | None, typer.Option(metavar="LABEL", show_default=False)]


def compare(
    run: options.Run,
    baseline: Annotated[
        Path | None,
        typer.Argument(
            metavar="[BASELINE]",
            help="The run to compare with: a folder or a results.json.",
            show_default=False,
        ),
    ] = None,
    *,
    fail_under: _Gates = None,
    fail_over: _Gates = None,
    max_drop: _Gates = None,
    cell: _Cell = None,
    against: _Cell = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", show_default=False)] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare a run with a baseline; exit with 100 where a gate fails.

    Rows are compared in pairs where both runs have the same ones. Without gates the main metrics are
    compared and nothing fails.

    [dim]groundrec eval compare runs/new runs/old --fail-under recall@10=.10 --max-drop ndcg@10=.005[/dim]
    """
    from eval.cli.output import print_json
    from eval.files import write_whole
    from eval.gates import FAILED_GATE, Gate, judge, main_differences
    from eval.report import to_junit
    from eval.results import RunResult

    now = RunResult.load(run)
    before = None if baseline is None else RunResult.load(baseline)
    asked: tuple[tuple[str, Sequence[str] | None], ...] = (
        ("under", fail_under),
        ("over", fail_over),
        ("drop", max_drop),
    )
    gates = [Gate.parse(kind, text) for kind, texts in asked for text in texts or ()]  # type: ignore[arg-type]
    if not gates and before is None:
        raise typer.BadParameter("name a baseline, or a gate such as --fail-under recall@10=.10")
    gates = gates or main_differences(now)
    verdicts = judge(now, gates, before, cell=cell, against=against)
    if junit is not None:
        write_whole(junit, to_junit(now, verdicts))
    if as_json:
        print_json([_to_json(verdict) for verdict in verdicts])
    else:
        _show(verdicts)
    if not all(verdict.passed for verdict in verdicts):
        raise typer.Exit(FAILED_GATE)


def _to_json(verdict: Verdict) -> dict[str, Any]:
    gate, compared = verdict.gate, verdict.comparison
    return {
        "cell": verdict.cell,
        "metric": gate.metric,
        "gate": gate.kind if math.isfinite(gate.limit) else None,
        "limit": gate.limit if math.isfinite(gate.limit) else None,
        "passed": verdict.passed,
        "value": verdict.value,
        "baseline": verdict.baseline,
        "comparison": None if compared is None else asdict(compared),
        "text": str(verdict),
    }


def _show(verdicts: Sequence[Verdict]) -> None:
    from agent.cli.tables import make_table

    columns = ("", "metric", "gate", "before", "now", "difference", "p")
    for cell in dict.fromkeys(verdict.cell for verdict in verdicts):
        out().print(cell, style="bold")
        rows = [_row(verdict) for verdict in verdicts if verdict.cell == cell]
        out().print(make_table(columns, rows, right=("before", "now")))


def _row(verdict: Verdict) -> tuple[str, ...]:
    gate, compared = verdict.gate, verdict.comparison
    sign = {"under": ">=", "over": "<=", "drop": "drop <="}[gate.kind]
    difference = "" if verdict.baseline is None else f"{verdict.value - verdict.baseline:+.3f}"
    if compared is not None and compared.difference.low is not None:
        difference += f" ({compared.difference.low:+.3f} to {compared.difference.high:+.3f})"
    return (
        "ok" if verdict.passed else "FAILED",
        gate.metric,
        f"{sign} {gate.limit:g}" if math.isfinite(gate.limit) else "",
        "" if verdict.baseline is None else f"{verdict.baseline:.3f}",
        f"{verdict.value:.3f}",
        difference,
        "" if compared is None or compared.p is None else f"{compared.p:.3f}",
    )
