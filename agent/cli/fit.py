"""``groundrec fit``: learn what can be learned from one's own logs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli import build, options
from agent.cli.terminal import notice, out, result
from agent.cli.working import Working

if TYPE_CHECKING:
    from agent.catalog import Catalog
    from agent.fitting import Fit
    from agent.history_fitting import HistoryFit
    from agent.history_rankers import Comparison
    from agent.recommender import Recommender

_COLUMNS = ("source", "weight", "alone", "without it")


def fit(
    conversations: Annotated[
        Path | None,
        typer.Argument(
            metavar="CONVERSATIONS",
            help="Past dialogues, a JSON object a line: id, turns, items.",
            show_default=False,
        ),
    ] = None,
    *,
    to: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where to keep the profile.", show_default=False)
    ],
    catalog: options.CatalogSource = "movies",
    interactions: options.Interactions = None,
    columns: options.Columns = "",
    split: options.Split = None,
    skip_bad_rows: options.SkipBadRows = False,
    as_json: options.AsJson = False,
) -> None:
    """Learn from past conversations, interactions, or both; `--profile FOLDER` uses what was learned.

    Conversations are remembered, and the sources of candidates are weighed by how well they foretell what was
    recommended. From interactions (those of the catalog where no file is named) models of who uses what are
    fitted and weighed. All figures are of turns and users that the weights were not fitted on.
    """
    from agent.dialogues import load_dialogues
    from agent.errors import FittingError
    from agent.profile import LearnedHistory, Profile, check_free
    from agent.recommender import Recommender

    check_free(to)
    settings = build.make_settings()
    working = Working()
    with tempfile.TemporaryDirectory() as scratch, working.on("Fitting"):
        loading = build.catalog_options(columns, split, interactions, skip_bad_rows)
        items = build.open_catalog(catalog, **loading)
        dialogues = () if conversations is None else load_dialogues(conversations, items)
        if conversations is None and not items.interactions:
            raise FittingError(
                "there is nothing to learn from",
                hint="name a file of conversations, or one of interactions with --interactions",
            )
        recommender = Recommender(items, None, dialogues=dialogues, settings=settings, progress=working)
        turns = None if conversations is None else _from_turns(recommender, working)
        users = None
        if items.interactions:
            try:
                users = _from_users(items, recommender, working)
            except FittingError as error:
                # Few interactions that merely came with the catalog are no reason to lose the conversations.
                if turns is None or interactions is not None:
                    raise
                notice(f"not learned from interactions: {error}")
        history = None
        if users is not None:
            users.models.save(Path(scratch) / "history", **users.ranker.provenance)
            history = LearnedHistory(Path(scratch) / "history", users.ranker)
        provenance = _provenance(turns, users, items, conversations)
        Profile(dialogues, None if turns is None else turns.ranker, provenance, history).save(to)
    if as_json:
        result(json.dumps(_report(turns, users), ensure_ascii=False, indent=2))
        return
    if turns is not None:
        _show(turns.ranker.weights, turns.recall)
        notice(f"recall@10 with all weights: {turns.recall['fitted']:.3f}, over {turns.turns:,} turns")
    if users is not None:
        _show(users.ranker.weights, users.ndcg)
        notice(
            f"NDCG@10 with all weights: {users.ndcg['fitted']:.3f}, over {users.users:,} users; "
            f"of the most used items: {users.ndcg['popularity']:.3f}"
        )
        notice(_choice(users.comparison))
    notice(f"kept in {to}; use it with --profile {to}")


def _from_turns(recommender: Recommender, working: Working) -> Fit:
    from agent.fitting import fit_ranker

    return fit_ranker(recommender, working)


def _from_users(items: Catalog, recommender: Recommender, working: Working) -> HistoryFit:
    from agent.history_fitting import fit_history

    return fit_history(items, items.interactions, recommender.parts.vectors, working)


def _provenance(
    turns: Fit | None, users: HistoryFit | None, items: Catalog, conversations: Path | None
) -> dict[str, Any]:
    found: dict[str, Any] = {} if turns is None else dict(turns.ranker.provenance)
    if conversations is not None:
        found["conversations"] = conversations.name
    if users is not None:
        found["history"] = {**users.ranker.provenance, "rows_left_out": len(items.skipped)}
    return found


def _report(turns: Fit | None, users: HistoryFit | None) -> dict[str, Any]:
    report: dict[str, Any] = {}
    if turns is not None:
        report = {
            "turns": turns.turns,
            "recall@10": dict(turns.recall),
            "weights": dict(turns.ranker.weights),
        }
    if users is not None:
        report["history"] = {
            "users": users.users,
            "ndcg@10": dict(users.ndcg),
            "weights": dict(users.ranker.weights),
            "provenance": dict(users.ranker.provenance),
        }
    return report


def _show(weights: Mapping[str, float], figures: Mapping[str, float]) -> None:
    from agent.cli.tables import make_table

    rows = [
        (name, f"{weight:.3f}", _figure(figures.get(name)), _figure(figures.get(f"without {name}")))
        for name, weight in sorted(weights.items(), key=lambda pair: -figures.get(pair[0], 0))
    ]
    out().print(make_table(_COLUMNS, rows, right=_COLUMNS[1:]))
    better = beaten_by(figures)
    if better is not None:
        notice(
            f"warning: {better} alone does better than all with weights on what was held out; "
            "more data may help, or --strategy with other sources"
        )


def _choice(found: Comparison) -> str:
    """Which ranker was chosen, and why."""
    figures = (
        f"NDCG@10 {found.boosted:.3f} with boosted trees, {found.log_linear:.3f} with weights alone, over "
        f"{found.lists:,} lists that neither was fitted on"
    )
    if found.chosen == "boosted":
        return f"boosted trees join the weights: {figures}; the table is of weights alone"
    return (
        f"weights alone are kept: {figures}; the difference is not above its standard error {found.error:.4f}"
    )


def beaten_by(figures: Mapping[str, float]) -> str | None:
    """The best source that alone is better than the fitted weights; None where none is."""
    alone = {name: value for name, value in figures.items() if not name.startswith("without ")}
    best = max(alone, key=lambda name: alone[name])
    return best if alone[best] > alone["fitted"] else None


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
