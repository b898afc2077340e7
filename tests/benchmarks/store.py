"""What keeping a conversation costs, and whether it survives being killed.

    python tests/benchmarks/store.py [--turns 100] [--kills 20] [--engines sqlite postgresql]

Makes the same utterances and feedback in a session in memory and through a service on each engine, over
``movies`` and without a language model, and prints milliseconds a step by the clock (median, 90th percentile)
and of the processor (without a database server's) for the first, middle and last third of the conversation,
and bytes a step. Then kills a service that answers requests, as often as told, and says whether any answered
request is lost, doubled or half done (tests/serve/test_killed.py).
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parents[1]))

from stores import new_schema, postgres_server

from agent.catalog import Catalog
from agent.recommender import Recommender
from agent.serve.service import Service
from agent.serve.settings import ServiceSettings
from agent.session import Session
from agent.store import Store

UTTERANCES = (
    "I loved Alien and The Thing, what should I watch?", "something newer", "no horror please",
    "more like the second", "any year is fine", "A funny film for the whole family", "less romantic",
    "nothing before 1990",
)  # fmt: skip
KINDS = ("like", "seen", "dislike")
Times = tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    recommender = Recommender(Catalog.load("movies"), None, strategy="fast")
    session = Session(recommender)
    walk(session.say, session.feedback, len(UTTERANCES))  # warms up what both use
    session = Session(recommender)
    report("in memory", *walk(session.say, session.feedback, arguments.turns))
    for engine in arguments.engines:
        with place(engine) as (address, size):
            serve(engine, Service(recommender, Store.open(address), ServiceSettings()), size, arguments.turns)
    if arguments.kills:
        for engine in arguments.engines:
            killed(engine, arguments.kills)


def serve(engine: str, service: Service, size: Callable[[], int], turns: int) -> None:
    """What a conversation takes through a service."""
    name = service.open_session("ann").id
    before = size()
    times = walk(
        lambda text: [*service.say("ann", name, text)],
        lambda item, kind: service.feedback("ann", name, item, kind),
        turns,
    )
    report(engine, *times)
    print(f"  {(size() - before) / (2 * turns) / 1024:.1f} KiB a step")
    start = time.perf_counter()
    for _ in range(20):
        Service(service.recommender, service.store, ServiceSettings()).beliefs("ann", name)
    print(f"  {(time.perf_counter() - start) / 20 * 1000:.0f} ms to read the whole conversation anew")


def walk(say: Callable, feedback: Callable, turns: int) -> tuple[list[Times], list[Times]]:
    """What each utterance and each feedback took."""
    said, told = [], []
    for turn in range(turns):
        said.append(timed(say, UTTERANCES[turn % len(UTTERANCES)]))
        told.append(timed(feedback, 1, KINDS[turn % len(KINDS)]))
    return said, told


def timed(work: Callable, *arguments: object) -> Times:
    """Milliseconds by the clock and of this process."""
    clock, own = time.perf_counter(), time.process_time()
    work(*arguments)
    return (time.perf_counter() - clock) * 1000, (time.process_time() - own) * 1000


def report(what: str, said: list[Times], told: list[Times]) -> None:
    """Print the medians of each third of a conversation."""
    print(what)
    for name, times in (("utterance", said), ("feedback", told)):
        third = len(times) // 3
        parts = [times[:third], times[third : 2 * third], times[2 * third :]]
        clock = [
            f"{median(c for c, _ in p):.1f} ({quantiles([c for c, _ in p], n=10)[-1]:.1f})" for p in parts
        ]
        own = [f"{median(o for _, o in p):.1f}" for p in parts]
        print(f"  {name}: {' / '.join(clock)} ms by the clock, {' / '.join(own)} ms of the processor")


@contextmanager
def place(engine: str) -> Iterator[tuple[str, Callable[[], int]]]:
    """The address of an empty store, and what tells its bytes."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            file = Path(folder) / "store.db"

            def in_file() -> int:
                with closing(sqlite3.connect(file)) as connection:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return file.stat().st_size

            yield f"sqlite:///{file}", in_file
            return
        import sqlalchemy

        with postgres_server() as server:
            counter = sqlalchemy.create_engine(server)

            def size() -> int:
                with counter.connect() as connection:
                    wanted = sqlalchemy.text("SELECT pg_database_size(current_database())")
                    return int(connection.execute(wanted).scalar_one())

            yield new_schema(server), size
            counter.dispose()


def killed(engine: str, kills: int) -> None:
    """Run the test of kills with as many of them."""
    test = Path(__file__).parents[1] / "serve" / "test_killed.py"
    chosen = f"nothing_that_was_answered and {engine}"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", str(test), "-k", chosen],
        env={**os.environ, "GROUNDREC_TEST_KILLS": str(kills)},
        capture_output=True,
        text=True,
        check=False,
    )
    outcome = ran.stdout if ran.returncode else "nothing lost, doubled or half done"
    print(f"{engine}: killed {kills} times: {outcome}")


if __name__ == "__main__":
    main()
