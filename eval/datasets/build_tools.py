"""Debian's package lists as an evaluation set: a list's description asks for its packages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.datasets.packaging import read_csv, write_csv, write_lines
from eval.datasets.partition import pack

FOLDS = 5
LEAST = 5
"""Packages that a list must have left."""

_LISTS = frozenset({"metapackages", "tasks"})
_LIBRARIES = frozenset({"libs", "oldlibs"})


def build_tools(source: Path, target: Path) -> None:
    """Write ``catalog.csv.gz`` and ``memory.jsonl.gz`` with every list as a dialogue of two turns.

    Packages that are lists themselves are no items: their descriptions repeat the requests. Shared
    libraries are no targets: a list holds them because its programs need them. Lists of one source
    package resemble each other, so they share a fold.
    """
    packages = {row["package"]: row for row in read_csv(source / "catalog.tsv.gz")}
    rows = read_csv(source / "lists_dev.tsv.gz")
    lists = {row["metapackage"] for row in rows} | {n for n, p in packages.items() if p["section"] in _LISTS}
    items = {name: package for name, package in packages.items() if name not in lists}
    members: defaultdict[str, list[str]] = defaultdict(list)
    requests = {}
    for row in rows:
        name = row["package"]
        requests[row["metapackage"]] = row["meta_description"]
        if name in items and items[name]["section"] not in _LIBRARIES:
            members[row["metapackage"]].append(name)
    kept = sorted(name for name, some in members.items() if len(some) >= LEAST)
    sources = {name: packages[name]["source"] if name in packages else name for name in kept}
    fold = pack(Counter(sources.values()), FOLDS)
    write_csv(
        target / "catalog.csv.gz",
        ("id", "title", "description", "categories", "url"),
        (_item(name, package) for name, package in sorted(items.items())),
    )
    lines = (_dialogue(name, requests[name], members[name], fold[sources[name]]) for name in kept)
    write_lines(target / "memory.jsonl.gz", lines)


def _item(name: str, package: Mapping[str, str]) -> tuple[str, ...]:
    tags = [tag.strip() for tag in package["tags"].split(",") if tag.strip()]
    categories = "|".join((package["section"], *tags))
    return name, name, package["short_description"], categories, package["homepage"]


def _dialogue(name: str, request: str, members: list[str], fold: int) -> dict[str, Any]:
    return {
        "id": name,
        "turns": [
            {"role": "user", "content": request},
            {"role": "assistant", "content": ", ".join(members)},
        ],
        "items": [{"id": member, "turn": 1, "by": "assistant", "attitude": None} for member in members],
        "groups": [fold],
    }
