"""``groundrec calibrate``: fit the thresholds of grounding on one's own pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import build, options
from agent.cli.terminal import notice, out, result
from agent.cli.working import Working

if TYPE_CHECKING:
    from agent.grounding.calibration_report import KindReport

_COLUMNS = ("kind", "pairs", "right %", "namesake %", "wrong %", "rejected %", "false %")


def calibrate(
    pairs: Annotated[
        Path,
        typer.Argument(
            metavar="PAIRS", help="A TSV file: item id, title, variant, kind of variant.", show_default=False
        ),
    ],
    *,
    to: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to keep the thresholds.", show_default=False),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Fit when a title is linked or rejected.

    Fits on half of the items and reports on the other half, with the true items in the catalog and
    without them.
    """
    from agent.grounding.calibrate import calibrate as fit

    working = Working()
    with working.on("Calibrating"):
        report = fit(pairs, settings=build.make_settings(), progress=working)
    if to is not None:
        report.thresholds.save(to)
        notice(f"thresholds kept in {to}; use them with GROUNDREC_THRESHOLDS={to}")
    if as_json:
        result(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
        return
    from agent.cli.tables import make_table

    out().print(make_table(_COLUMNS, map(_cells, report.kinds), right=_COLUMNS[1:]))
    notice("false: linked, with the true item removed from the catalog, to another that is no namesake")


def _cells(kind: KindReport) -> tuple[str, ...]:
    counts = (kind.right, kind.namesake, kind.wrong, kind.rejected, kind.false_other)
    return (kind.kind, f"{kind.total:,}", *(f"{100 * count / max(kind.total, 1):.2f}" for count in counts))
