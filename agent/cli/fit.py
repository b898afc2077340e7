"""``groundrec fit``: learn what can be learned from one's own logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import build, options
from agent.cli.terminal import notice, out, result
from agent.cli.working import Working

if TYPE_CHECKING:
    from agent.fitting import Fit

_COLUMNS = ("source", "weight", "alone", "without it")


def fit(
    conversations: Annotated[
        Path,
        typer.Argument(
            metavar="CONVERSATIONS",
            help="Past dialogues, a JSON object a line: id, turns, items.",
            show_default=False,
        ),
    ],
    *,
    to: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where to keep the profile.", show_default=False)
    ],
    catalog: options.CatalogSource = "movies",
    columns: options.Columns = "",
    split: options.Split = None,
    skip_bad_rows: options.SkipBadRows = False,
    as_json: options.AsJson = False,
) -> None:
    """Learn from past conversations; `--profile FOLDER` uses what was learned.

    The conversations are remembered, and the sources of candidates are weighed by how well they foretell
    what was recommended. The figures are recall@10 on turns that the weights were not fitted on.
    """
    from agent.dialogues import load_dialogues
    from agent.fitting import fit_ranker
    from agent.profile import Profile
    from agent.recommender import Recommender

    settings = build.make_settings()
    working = Working()
    with working.on("Fitting"):
        items = build.open_catalog(catalog, **build.catalog_options(columns, split, None, skip_bad_rows))
        dialogues = load_dialogues(conversations, items)
        recommender = Recommender(items, None, dialogues=dialogues, settings=settings, progress=working)
        fitted = fit_ranker(recommender, working)
        provenance = {**fitted.ranker.provenance, "conversations": conversations.name}
        Profile(dialogues, fitted.ranker, provenance).save(to)
    if as_json:
        report = {
            "turns": fitted.turns,
            "recall@10": dict(fitted.recall),
            "weights": dict(fitted.ranker.weights),
        }
        result(json.dumps(report, ensure_ascii=False, indent=2))
        return
    _show(fitted)
    notice(f"kept in {to}; use it with --profile {to}")


def _show(fitted: Fit) -> None:
    from agent.cli.tables import make_table

    recall = fitted.recall
    rows = [
        (name, f"{weight:.3f}", _figure(recall.get(name)), _figure(recall.get(f"without {name}")))
        for name, weight in sorted(fitted.ranker.weights.items(), key=lambda pair: -recall.get(pair[0], 0))
    ]
    out().print(make_table(_COLUMNS, rows, right=_COLUMNS[1:]))
    notice(f"recall@10 with all weights: {recall['fitted']:.3f}, over {fitted.turns:,} turns")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
