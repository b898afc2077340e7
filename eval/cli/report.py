"""``groundrec eval report``: a finished run as a table, a page, markdown or JUnit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.terminal import notice
from eval.cli import options

_File = Annotated[Path | None, typer.Option(metavar="FILE", show_default=False)]


def report(
    run: options.Run,
    *,
    html: _File = None,
    markdown: _File = None,
    junit: _File = None,
    metric: options.Metrics = None,
) -> None:
    """Show a run; with files named, write it there instead.

    [dim]groundrec eval report runs/prompts --html report.html[/dim]
    """
    from eval.cli.output import print_table
    from eval.files import write_whole
    from eval.report import to_html, to_junit, to_markdown
    from eval.results import RunResult

    made = RunResult.load(run)
    wanted: tuple[tuple[Path | None, Callable[[], str]], ...] = (
        (html, lambda: to_html(made, metrics=metric)),
        (markdown, lambda: to_markdown(made, metrics=metric)),
        (junit, lambda: to_junit(made)),
    )
    written = [(path, render()) for path, render in wanted if path is not None]
    if not written:
        print_table(made, metric)
    for path, text in written:
        write_whole(path, text)
        notice(f"wrote {path}")
