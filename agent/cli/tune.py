"""``groundrec tune``: teach a language model one's own catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import build, options
from agent.cli.terminal import notice, out, result
from agent.cli.working import Working

if TYPE_CHECKING:
    from agent.tuning import Tuned


def tune(
    *,
    to: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where to keep the adapter.", show_default=False),
    ] = None,
    go_on: Annotated[
        Path | None,
        typer.Option(
            "--continue",
            metavar="FOLDER",
            help="Tune an adapter further, on new data and a part of the old.",
            show_default=False,
        ),
    ] = None,
    roll_back: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION", help="Make an earlier version in --out the current one.", show_default=False
        ),
    ] = None,
    catalog: options.CatalogSource = "movies",
    conversations: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Past dialogues, a JSON object a line.", show_default=False),
    ] = None,
    interactions: options.Interactions = None,
    model: options.Model = None,
    quantization: options.Quantization = None,
    epochs: Annotated[float, typer.Option(min=0.01, help="How often each row is seen.")] = 2.0,
    rank: Annotated[int, typer.Option(min=1, help="Of the matrices that are learned.")] = 32,
    learning_rate: Annotated[float, typer.Option(min=0, help="At its height.")] = 4e-4,
    prompt_tokens: Annotated[int, typer.Option(min=64, help="The most tokens of a prompt.")] = 512,
    users: Annotated[int, typer.Option(min=0, help="The most users that are learned from.")] = 1000,
    items: Annotated[
        int, typer.Option(min=0, help="The most items whose texts are learned; new ones first.")
    ] = 600,
    weights: Annotated[
        str,
        typer.Option(
            metavar="TASK=NUMBER,...",
            help="What the tasks count (next, history, list, item, liking, reply); 0: not learned.",
            show_default=False,
        ),
    ] = "",
    debias: Annotated[
        float, typer.Option(min=0, max=1, help="How much less rows with a frequent answer count.")
    ] = 0.2,
    tolerance: Annotated[
        float, typer.Option(min=0, help="How much the loss on earlier data may rise with --continue.")
    ] = 0.02,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Stop after so many minutes.", show_default=False)
    ] = None,
    licence: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Of your data, for the card.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Repeats it.", metavar="NUMBER")] = 0,
    columns: options.Columns = "",
    split: options.Split = None,
    skip_bad_rows: options.SkipBadRows = False,
    as_json: options.AsJson = False,
) -> None:
    """Tune a language model on a catalog, conversations and interactions; `--adapter FOLDER` uses it.

    Where no files are named, those that come with the catalog are learned from. A run that was stopped goes
    on from its last checkpoint when the same command is given again.

    [dim]groundrec tune --catalog items.csv --conversations talks.jsonl --out tuned[/dim]
    [dim]groundrec tune --catalog items.csv --conversations new.jsonl --continue tuned[/dim]
    [dim]groundrec tune --roll-back v1 --out tuned[/dim]
    """
    if (to is None) == (go_on is None):
        raise typer.BadParameter("name a folder with --out or --continue, and not both")
    folder = to or go_on
    assert folder is not None
    from agent.dialogues import dialogues_of, load_dialogues
    from agent.tuning import AdapterFolder, LoraOptions, RowOptions, task_weights
    from agent.tuning import tune as run

    if roll_back is not None:
        AdapterFolder(folder).roll_back(roll_back)
        notice(f"{folder}: {roll_back} is the current version")
        return
    settings = build.make_settings(model=model, quantization=quantization)
    working = Working()
    with working.on("Tuning"):
        loading = build.catalog_options(columns, split, interactions, skip_bad_rows)
        known = build.open_catalog(catalog, **loading)
        talks = dialogues_of(known) if conversations is None else load_dialogues(conversations, known)
        tuned = run(
            known,
            folder,
            model=settings.model,
            dialogues=talks,
            interactions=known.interactions,
            files=[path for path in (conversations, interactions) if path is not None],
            go_on=go_on is not None,
            licence=licence,
            rows=RowOptions(
                prompt_tokens=prompt_tokens,
                users=users,
                items=items,
                weights=task_weights(weights),
                debias=debias,
                tolerance=tolerance,
            ),
            lora=LoraOptions(
                rank=rank,
                alpha=2 * rank,
                learning_rate=learning_rate,
                epochs=epochs,
                minutes=minutes,
                seed=seed,
            ),
            settings=settings,
            progress=working,
        )
    if as_json:
        result(json.dumps(dict(tuned.card), ensure_ascii=False, indent=2))
    else:
        _show(tuned)
        notice(f"kept in {tuned.folder} as {tuned.version}; use it with --adapter {tuned.folder}")


def _show(tuned: Tuned) -> None:
    from agent.cli.tables import make_table

    figures = tuned.card["figures"]
    rows = [
        (name, f"{figures['before'].get(name, float('nan')):.3f}", f"{after:.3f}")
        for name, after in figures["after"].items()
    ]
    columns = ("figure", "before", "after")
    out().print(make_table(columns, rows, right=columns[1:]))
