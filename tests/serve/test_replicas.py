"""Several servers behind one store: a conversation may go to another one with every request."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from stores import new_schema, postgres_server
from support import FILMS

pytestmark = pytest.mark.model

SAID = (
    ("turns", {"text": "I loved Heat and want something like it", "n": 5}),
    ("feedback", {"item": 1, "kind": "dislike"}),
    ("turns", {"text": "something older"}),
    ("feedback", {"item": 2, "kind": "seen"}),
    ("turns", {"text": "any year is fine, but no crime", "n": 4}),
    ("undo", {}),
    ("turns", {"text": "more like the first one"}),
)


@contextmanager
def server(store: str, catalog: Path) -> Iterator[Callable[[], str]]:
    """A ``groundrec serve`` process over a catalog; calling it waits for its address."""
    command = [sys.executable, "-m", "agent.cli", "serve", "--port", "0", "--model", "none"]
    process = subprocess.Popen(
        [*command, "--store", store, "--catalog", str(catalog)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        text=True,
    )
    timer = threading.Timer(180, process.kill)
    timer.start()

    def address() -> str:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert words, "the server did not start"
        return words[-1]

    try:
        yield address
    finally:
        timer.cancel()
        process.terminate()
        process.wait(30)


def ask(url: str, user: str, path: str, body: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json", "X-Groundrec-User": user}
    request = Request(f"{url}/v1/{path}", json.dumps(body).encode(), headers)
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def lists(urls: Sequence[str], user: str) -> list[list[str]]:
    """The lists of one conversation that goes from server to server, each asked in turn."""
    session = ask(urls[0], user, "sessions", {})["id"]
    shown = []
    for place, (what, body) in enumerate(SAID, start=1):
        answer = ask(urls[place % len(urls)], user, f"sessions/{session}/{what}", body)
        made = answer["list"] if what == "turns" else answer["shown"]
        shown.append([r["item"]["id"] for r in made["items"]])
    return shown


def test_two_servers_on_one_store_answer_as_one_does(tmp_path: Path) -> None:
    catalog = tmp_path / "films.csv"
    columns = ("id", "title", "year", "categories", "popularity")
    with catalog.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows([f.id, f.title, f.year, "|".join(f.categories), f.popularity] for f in FILMS)
    with ExitStack() as running:
        store = new_schema(running.enter_context(postgres_server()))
        started = [running.enter_context(server(store, catalog)) for _ in range(2)]
        replicas = [address() for address in started]
        alternating = lists(replicas, "ann")
        alone = lists(replicas[:1], "bob")
    assert alternating == alone
    assert len({tuple(made) for made in alone}) > 3
