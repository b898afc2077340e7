"""``groundrec eval run``: make answers and score them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli import options as shared
from eval.cli import options

if TYPE_CHECKING:
    from eval.matrix import Matrix

RUNS = Path("runs")
"""Where runs are kept unless another folder is named."""


def run(
    matrix: Annotated[
        Path | None,
        typer.Argument(metavar="MATRIX.YAML", help="Several cells at once.", show_default=False),
    ] = None,
    *,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A data set, a folder or a hub name; repeatable.", show_default=False
        ),
    ] = None,
    protocol: options.Protocol = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A prompt of `groundrec prompts list`; repeatable.", show_default=False
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="As for `groundrec recommend`; none is retrieval only; repeatable.",
            show_default="auto",
        ),
    ] = None,
    strategy: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy",
            "-s",
            metavar="PRESET|NAME=VALUE,...",
            help="As for `groundrec recommend`; repeatable.",
            show_default="default",
        ),
    ] = None,
    limit: options.Limit = None,
    sample: options.Sample = None,
    seed: shared.Seed = None,
    repeats: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Lists a row, where sampling.", show_default=False)
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(metavar="LABEL", help="The row that others are compared with.", show_default=False),
    ] = None,
    metric: options.Metrics = None,
    quantization: shared.Quantization = None,
    locale: shared.Locale = None,
    workers: Annotated[
        int, typer.Option(min=1, metavar="N", help="Requests to a model server at the same time.")
    ] = 4,
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Go on with the run that is in the folder.")
    ] = True,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Ask again what failed.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the run is kept; in runs/ by default.", show_default=False
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Ask every question, keep the answers, and score them.

    Killed at any moment, the same command goes on where it stopped.

    [dim]groundrec eval run --dataset redial --prompt recommend/zero_shot --sample 100[/dim]
    """
    from agent.cli.build import make_settings
    from eval.cli.display import RunDisplay
    from eval.cli.output import print_json, print_table, run_json
    from eval.runner import run as make_run

    changes = {
        "prompts": prompt,
        "models": model,
        "strategies": strategy,
        "limit": limit,
        "sample": sample,
        "seeds": seed,
        "repeats": repeats,
        "baseline": baseline,
        "metrics": metric,
        "locale": locale,
    }
    asked = _matrix(matrix, dataset, protocol, changes)
    settings = make_settings(quantization=quantization)
    folder = out or RUNS / (matrix.stem if matrix is not None else _name(asked))
    with RunDisplay() as display:
        made = make_run(
            asked,
            folder,
            settings=settings,
            resume=resume,
            retry_failed=retry_failed,
            workers=workers,
            watcher=display,
            progress=display,
        )
    if as_json:
        print_json(run_json(made))
        return
    print_table(made, metric)
    typer.echo(
        f"kept in {folder}; `groundrec eval report {folder} --html report.html` shows it all", err=True
    )


def _matrix(
    file: Path | None, datasets: list[str] | None, protocol: str | None, changes: dict[str, Any]
) -> Matrix:
    """The matrix of a file or of the options; options replace what the file says."""
    from eval.matrix import Matrix

    if (file is None) == (not datasets):
        raise typer.BadParameter("name a matrix file or a data set (--dataset), and not both")
    if file is not None:
        if protocol is not None:
            raise typer.BadParameter(
                "with a matrix file, name it there: {name: redial, protocol: ...}", param_hint="--protocol"
            )
        return Matrix.load(file, **changes)
    given = {name: value for name, value in changes.items() if value is not None}
    return Matrix.of(
        {"datasets": [{"name": d, "protocol": protocol} for d in datasets or ()], **given}, where="options"
    )


def _name(matrix: Matrix) -> str:
    """The folder of a run without a file: what it is of, as far as a file name can say."""
    from eval.cells import cells

    found = cells(matrix)
    sample = f" {matrix.sample}" if matrix.sample else ""
    words = " ".join(cell.id for cell in found[:2]) + ("" if len(found) < 3 else f" {len(found)}") + sample
    return re.sub(r"[^A-Za-z0-9_.]+", "-", words).strip("-.")[:100] or "run"
