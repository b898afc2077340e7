"""ReDial conversations as a folder of an evaluation set, without the ids of the people in them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from eval.datasets.packaging import read_csv, write_csv, write_lines
from eval.datasets.partition import partition

FOLDS = 5

_MARK = re.compile(r"@(\d+)")
_YEAR = re.compile(r"\s*\((\d{4})\)\s*$")
_LIKED = {0: -1, 1: 1}
"""ReDial's answers to "did you like it"; 2 means that the person did not say."""

Movie = tuple[str, str, str, str]
"""Id, title, year or nothing, categories joined by ``|``."""


def build_redial(source: Path, movietweetings: Path, target: Path) -> None:
    """Write ``catalog.csv.gz`` and ``memory.jsonl.gz`` with every conversation and its groups.

    A conversation whose people are in two groups has both; see :func:`eval.datasets.partition.partition`.
    """
    movies = {movie[0]: movie for movie in read_movies(source / "movies.csv", _genres(movietweetings))}
    with gzip.open(source / "raw_valid_data.jsonl.gz", "rt", encoding="utf-8") as lines:
        raw = [json.loads(line) for line in lines]
    group = partition([people(conversation) for conversation in raw], FOLDS)
    dialogues = [
        read_conversation(one, movies) | {"groups": sorted({group[person] for person in people(one)})}
        for one in raw
    ]
    write_csv(target / "catalog.csv.gz", ("id", "title", "year", "categories"), movies.values())
    write_lines(target / "memory.jsonl.gz", dialogues)


def people(conversation: Mapping[str, Any]) -> tuple[int, int]:
    """Worker ids of the one who seeks and the one who recommends."""
    return conversation["initiatorWorkerId"], conversation["respondentWorkerId"]


def read_movies(path: Path, genres: Mapping[str, str]) -> Iterator[Movie]:
    """The movies with their years apart, and the genres where they are known."""
    for row in read_csv(path):
        name = " ".join(row["movieName"].split())
        year = _YEAR.search(name)
        title = _YEAR.sub("", name) if year else name
        yield row["movieId"], title, year[1] if year else "", genres.get(row["movieId"], "")


def read_conversation(raw: Mapping[str, Any], movies: Mapping[str, Movie]) -> dict[str, Any]:
    """A line of ``memory.jsonl``: the seeker is the user, messages in a row of one person are one turn."""
    seeker = raw["initiatorWorkerId"]
    turns, items = [], []
    for number, (is_user, some) in enumerate(
        groupby(raw["messages"], key=lambda message: message["senderWorkerId"] == seeker)
    ):
        text = "\n".join(" ".join(message["text"].split()) for message in some)
        by = "user" if is_user else "assistant"
        turns.append({"role": by, "content": _MARK.sub(lambda mark: _name(mark[1], movies), text)})
        named = dict.fromkeys(found for found in _MARK.findall(text) if found in movies)
        items += [{"id": i, "turn": number, "by": by, "attitude": attitude(raw, i)} for i in named]
    return {"id": raw["conversationId"], "turns": turns, "items": items}


def attitude(raw: Mapping[str, Any], item_id: str) -> int | None:
    """1 where the seeker says to like the movie, -1 where not, None where neither person knows.

    The answers of the one who recommends stand in where the seeker gave none.
    """
    for answers in (raw["initiatorQuestions"], raw["respondentQuestions"]):
        # Where nobody answered, the source has an empty list in the place of the mapping.
        answer = answers.get(item_id) if answers else None
        if answer is not None:
            return _LIKED.get(answer["liked"])
    return None


def _name(item_id: str, movies: Mapping[str, Movie]) -> str:
    """The name in the text; a mark that is no movie stays as it is."""
    if item_id not in movies:
        return f"@{item_id}"
    _, title, year, _ = movies[item_id]
    return f"{title} ({year})" if year else title


def _genres(movietweetings: Path) -> dict[str, str]:
    by_movie = {row["movie_id"]: row["genres"] for row in read_csv(movietweetings / "movies.csv")}
    links: Sequence[Mapping[str, str]] = read_csv(movietweetings / "redial_links.csv")
    return {link["redial_id"]: by_movie[link["movie_id"]] for link in links if link["movie_id"] in by_movie}
