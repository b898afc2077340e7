"""How long a turn takes and how much memory it needs.

    python tests/benchmarks/turns.py [--catalog movies] [--conversations 10] [-n 10] [--strategy default]

Runs four-turn conversations with the default model; the first conversation warms up and is not counted.
Prints the seconds until the list (median, 90th percentile), the seconds from the list to the first word
of the streamed reply, milliseconds by stage, and the peak resident memory of the process.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import defaultdict
from statistics import median, quantiles

from agent.catalog import Catalog
from agent.recommendation import Recommendations
from agent.recommender import Recommender
from agent.session import Session

MOVIES = (
    (
        "I loved Alien and The Thing, what should I watch?",
        "something newer",
        "no horror please",
        "more like the second",
    ),
    ("A funny film for the whole family", "I have seen the first", "less romantic", "why the second?"),
    ("Looking for a crime drama like Heat", "nothing before 1990", "I hated Drive", "give me 5 more"),
    ("what's a good western?", "older ones", "I liked Unforgiven", "surprise me"),
    ("I enjoy slow, thoughtful science fiction", "I loved Moon", "not animation", "more like the first"),
)
ARTICLES = (
    (
        "papers on conversational recommender systems",
        "something newer",
        "only cs.IR",
        "more like the first",
    ),
    (
        "surveys on large language models for ranking",
        "no cs.CV please",
        "I have read the first",
        "why the second?",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalog", default="movies")
    parser.add_argument("--conversations", type=int, default=10)
    parser.add_argument("-n", type=int, default=10)
    parser.add_argument("--strategy", default="default")
    arguments = parser.parse_args()
    recommender = Recommender(Catalog.load(arguments.catalog), strategy=arguments.strategy)
    scripts = ARTICLES if arguments.catalog == "articles" else MOVIES
    to_list, to_word, stages = [], [], defaultdict(list)
    for number in range(arguments.conversations + 1):
        session = Session(recommender, n=arguments.n)
        for utterance in scripts[number % len(scripts)]:
            start, listed = time.perf_counter(), None
            for piece in session.stream(utterance):
                now = time.perf_counter()
                if isinstance(piece, Recommendations):
                    listed = now
                    if number:
                        to_list.append(now - start)
                        for stage in piece.trace.stages:
                            stages[stage.name].append(stage.milliseconds)
                elif isinstance(piece, str) and listed is not None:
                    if number:
                        to_word.append(now - listed)
                    listed = None
    print(f"{arguments.catalog}: {len(recommender.catalog)} items, {len(to_list)} lists of {arguments.n}")
    print(f"seconds to the list       median {median(to_list):.2f}, p90 {quantiles(to_list, n=10)[-1]:.2f}")
    print(f"list to first word        median {median(to_word):.2f}, p90 {quantiles(to_word, n=10)[-1]:.2f}")
    for name, milliseconds in stages.items():
        print(f"  {name:<12} median {median(milliseconds):7.1f} ms")
    print(f"peak resident memory      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
