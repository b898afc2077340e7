"""The options that several commands of the suite share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Limit = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Only the first N questions.", show_default=False)
]
Sample = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="N questions at random, the same every time.", show_default=False),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric", metavar="NAME", help="Such as recall@10; repeatable. All by default.", show_default=False
    ),
]
Protocol = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="How the data set is asked; its own way by default.", show_default=False
    ),
]
Run = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder of a run, or its results.json.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else to stdout.")]
