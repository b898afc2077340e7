"""``groundrec eval score``: score what was kept, by us or by anybody, without a model."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.cli import options

if TYPE_CHECKING:
    from eval.results import RunResult


def score(
    run: Annotated[
        Path | None,
        typer.Argument(metavar="[RUN]", help="The folder of a run.", show_default=False),
    ] = None,
    *,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The data set that the outputs answer.", show_default=False),
    ] = None,
    outputs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help='A system\'s lists: {"id", "titles"} or {"id", "items"} a line.',
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="LABEL", help="What tables call that system.", show_default="the file's name"),
    ] = None,
    protocol: options.Protocol = None,
    limit: options.Limit = None,
    sample: options.Sample = None,
    metric: options.Metrics = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to keep the scored outputs.", show_default=False),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Score a run's answers again, or the stored outputs of any system. No language model is loaded.

    [dim]groundrec eval score --dataset redial --outputs gpt4.jsonl[/dim]
    """
    from eval.cli.display import RunDisplay
    from eval.cli.output import print_json, print_table, run_json
    from eval.runner import rescore

    if (run is None) == (outputs is None):
        raise typer.BadParameter("name the folder of a run or stored outputs (--outputs), and not both")
    if outputs is not None and dataset is None:
        raise typer.BadParameter("name the data set that the outputs answer", param_hint="--dataset")
    with RunDisplay() as display:
        if run is not None:
            made = rescore(run, metrics=metric, progress=display)
        else:
            values = {
                "datasets": [{"name": dataset, "protocol": protocol}],
                "models": [],
                "outputs": [{"name": name or outputs.stem, "file": str(outputs)}] if outputs else [],
                "limit": limit,
                "sample": sample,
                "metrics": metric,
            }
            made = _score_outputs(values, out, display)
    if as_json:
        print_json(run_json(made))
    else:
        print_table(made, metric)


def _score_outputs(values: dict[str, object], out: Path | None, display: object) -> RunResult:
    from eval.matrix import Matrix
    from eval.runner import run as make_run

    matrix = Matrix.of(values, where="options")
    if out is not None:
        return make_run(matrix, out, watcher=display, progress=display)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="groundrec-eval-") as folder:
        return make_run(matrix, Path(folder), watcher=display, progress=display)  # type: ignore[arg-type]
