"""Build the embedded catalogs from their sources.

    python -m agent.demo.build --movietweetings DIR --arxiv FILE --redial FILE

``DIR`` holds ``movies.csv`` (movie_id, title, year, genres) and ``ratings.csv`` (user_id, movie_id,
rating, timestamp) of MovieTweetings, and ``redial_links.csv`` (redial_id, movie_id); the files are a
gzipped JSONL of arXiv metadata (id, title, abstract, categories, authors, date, url), and ReDial's
conversations without the ids of their people (``eval/datasets/data/redial/memory.jsonl.gz``). The same
input gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from agent.demo.tex import readable

FOLDER = Path(__file__).parent


def build_movies(source: Path, target: Path) -> None:
    """Write ``movies.csv.gz`` and ``movies_interactions.csv.gz``.

    ``popularity`` is the number of ratings. Users are numbered anew in the order of their first
    rating, so that their numbers fit no list of accounts.
    """
    ratings = sorted(_csv_rows(source / "ratings.csv"), key=lambda r: (int(r["timestamp"]), r["movie_id"]))
    given: defaultdict[str, list[int]] = defaultdict(list)
    users: dict[str, int] = {}
    for rating in ratings:
        given[rating["movie_id"]].append(int(rating["rating"]))
        users.setdefault(rating["user_id"], len(users) + 1)
    movies = (
        (
            movie["movie_id"],
            movie["title"],
            movie["year"],
            movie["genres"],
            len(given[movie["movie_id"]]),
            round(fmean(given[movie["movie_id"]]), 2),
            f"https://www.imdb.com/title/tt{movie['movie_id']}/",
        )
        for movie in _csv_rows(source / "movies.csv")
        if given[movie["movie_id"]]
    )
    events = ((users[r["user_id"]], r["movie_id"], "rate", r["rating"], r["timestamp"]) for r in ratings)
    _write_csv(
        target / "movies.csv.gz", ("id", "title", "year", "categories", "popularity", "rating", "url"), movies
    )
    _write_csv(
        target / "movies_interactions.csv.gz",
        ("user_id", "item_id", "event", "value", "timestamp"),
        events,
    )


def build_articles(source: Path, target: Path) -> None:
    """Write ``articles.jsonl.gz``, with the TeX of titles, abstracts and names made readable."""
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    text = "".join(f"{json.dumps(_article(a), ensure_ascii=False)}\n" for a in articles)
    _write(target / "articles.jsonl.gz", text)


def build_dialogues(source: Path, movietweetings: Path, target: Path) -> None:
    """Write ``movies_dialogues.jsonl.gz``: the conversations with the ids of the embedded movies.

    Movies that MovieTweetings lacks stay in the text and leave the items; a conversation without
    any other is left out.
    """
    links = {link["redial_id"]: link["movie_id"] for link in _csv_rows(movietweetings / "redial_links.csv")}
    rated = {rating["movie_id"] for rating in _csv_rows(movietweetings / "ratings.csv")}
    kept = []
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for dialogue in map(json.loads, lines):
            items = [{**item, "id": links.get(item["id"])} for item in dialogue["items"]]
            items = [item for item in items if item["id"] in rated]
            if items:
                kept.append({"id": f"redial-{dialogue['id']}", "turns": dialogue["turns"], "items": items})
    text = "".join(f"{json.dumps(dialogue, ensure_ascii=False)}\n" for dialogue in kept)
    _write(target / "movies_dialogues.jsonl.gz", text)


def _article(source: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": source["id"],
        "title": readable(source["title"]),
        "year": int(source["date"][:4]),
        "description": readable(source["abstract"]),
        "categories": source["categories"],
        "url": source["url"],
        "authors": [readable(name) for name in source["authors"]],
        "date": source["date"],
    }


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    _write(path, text.getvalue())


def _write(path: Path, text: str) -> None:
    # A time stamp in the header would make every build differ.
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def main(arguments: Sequence[str] | None = None) -> None:
    """Build all catalogs into a folder (this package's own, where none is given)."""
    parser = argparse.ArgumentParser(
        prog="python -m agent.demo.build", description="Build the embedded catalogs."
    )
    parser.add_argument("--movietweetings", type=Path, required=True, metavar="DIR")
    parser.add_argument("--arxiv", type=Path, required=True, metavar="FILE")
    parser.add_argument("--redial", type=Path, required=True, metavar="FILE")
    parser.add_argument("--output", type=Path, default=FOLDER, metavar="DIR")
    options = parser.parse_args(arguments)
    build_movies(options.movietweetings, options.output)
    build_articles(options.arxiv, options.output)
    build_dialogues(options.redial, options.movietweetings, options.output)


if __name__ == "__main__":
    main()
