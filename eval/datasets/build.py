"""Build the shipped evaluation sets from their sources.

    python -m eval.datasets.build --redial DIR --movietweetings DIR --debian DIR --recipes DIR

The folders hold: ReDial's ``movies.csv`` and ``raw_valid_data.jsonl.gz``; MovieTweetings' ``movies.csv`` and
``redial_links.csv`` (ReDial id to MovieTweetings id); ``catalog.tsv.gz`` and ``lists_dev.tsv.gz`` of
Debian's packages and metapackages; Recipe-MPR's ``dev.json``. ``movies-history`` needs no file of its own: it
is cut from the embedded catalog ``movies``. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.datasets.build_recipes import build_recipes
from eval.datasets.build_redial import build_redial
from eval.datasets.build_tools import build_tools
from eval.datasets.folder import checksum
from eval.datasets.shipped import FOLDER


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the sets whose sources are named, into this package's own folder where no other is given."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.datasets.build", description="Build the shipped evaluation sets."
    )
    for name in ("redial", "movietweetings", "debian", "recipes"):
        parser.add_argument(f"--{name}", type=Path, metavar="DIR")
    parser.add_argument("--output", type=Path, default=FOLDER, metavar="DIR")
    options = parser.parse_args(arguments)
    if (options.redial is None) != (options.movietweetings is None):
        parser.error("redial needs --redial and --movietweetings")
    built = []
    if options.redial:
        build_redial(options.redial, options.movietweetings, options.output / "redial")
        built.append("redial")
    if options.debian:
        build_tools(options.debian, options.output / "tools")
        built.append("tools")
    if options.recipes:
        build_recipes(options.recipes, options.output / "recipes")
        built.append("recipes")
    for name in built:
        sys.stdout.write(f"{name}: checksum {checksum(options.output / name)}\n")


if __name__ == "__main__":
    main()
