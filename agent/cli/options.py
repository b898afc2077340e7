"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

CatalogSource = Annotated[
    str,
    typer.Option(
        "--catalog",
        "-c",
        metavar="SOURCE",
        help="movies, articles, a CSV, TSV, JSONL or Parquet file, a folder, or a data set's name.",
    ),
]
CatalogArgument = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="movies, articles, a file, a folder, or a data set's name.", show_default=False
    ),
]
Columns = Annotated[
    str,
    typer.Option(
        metavar="OURS=YOURS,...", help="Names of your columns: id=movie_id,title=name.", show_default=False
    ),
]
SkipBadRows = Annotated[bool, typer.Option("--skip-bad-rows", help="Leave bad rows out and say how many.")]
Split = Annotated[str | None, typer.Option(help="Which split of a data set.", show_default=False)]
Interactions = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Past events of your users.", show_default=False)
]
ProfileFolder = Annotated[
    Path | None,
    typer.Option(
        "--profile", metavar="FOLDER", help="What `groundrec fit` learned from your logs.", show_default=False
    ),
]
Memory = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Past conversations to learn from, a JSON object a line.", show_default=False
    ),
]
Library = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="FILE",
        help="What you have saved: BibTeX, a table, or an id, address or title a line.",
        show_default=False,
    ),
]
Triples = Annotated[
    Path | None,
    typer.Option(
        "--triples",
        metavar="FILE",
        help="More facts: a table with subject, predicate and object.",
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME",
        help="auto, none (retrieval only), a hub id, a folder, a GGUF file or a server's address.",
        show_default="auto",
    ),
]
AdapterFolder = Annotated[
    Path | None,
    typer.Option(
        "--adapter", metavar="FOLDER", help="What `groundrec tune` made of the model.", show_default=False
    ),
]
Quantization = Annotated[
    Literal["auto", "none", "nf4", "int8"] | None,
    typer.Option(help="How weights are held.", show_default="auto"),
]
Locale = Annotated[
    str | None,
    typer.Option(metavar="LANGUAGE", help="Language of prompts and replies: en or zh.", show_default="en"),
]
Count = Annotated[
    int | None, typer.Option("-n", min=1, max=100, metavar="N", help="Length of a list.", show_default=False)
]
StrategyText = Annotated[
    str,
    typer.Option(
        "--strategy",
        "-s",
        metavar="PRESET|NAME=VALUE,...",
        help="default, fast, free, constrained, diverse, or switches such as fast,diversity=0.4.",
    ),
]
Seed = Annotated[
    int | None, typer.Option(min=0, help="Makes sampling repeatable.", metavar="NUMBER", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else to stdout.")]
