"""What do tags add to what texts say? The knowledge graph beside item similarity, on saved articles.

    python tests/benchmarks/graph.py articles.tsv.gz libraries.tsv.gz [--liked 5] [--people 400]

``articles``: article_id, title, abstract, tags (joined by commas); ``libraries``: user_id, article_id. Of
each of some random people with enough articles, a few random ones are what they like, the others are to
be found. Nobody else's library is used: this is the graph of attributes alone. Half of the people is for
choosing the weight of the graph in a fusion by ranks, the figures are of the other half: recall@20 with
95% intervals, and the paired difference of the fusion to the best source alone.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from agent import Catalog, Item, Recommender
from agent.retrieval import Query, reciprocal_rank_fusion
from eval.statistics import compare, mean_intervals

NAMES = ("similar", "profile", "graph")
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
CUT = 20


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a gzipped table."""
    csv.field_size_limit(10**7)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def load(path: Path) -> Catalog:
    """The articles with their tags as an attribute."""
    items = [
        Item(
            row["article_id"],
            row["title"],
            description=row["abstract"],
            attributes={"tags": tuple(filter(None, (tag.strip() for tag in row["tags"].split(","))))},
        )
        for row in rows(path)
    ]
    return Catalog(items, name="saved-articles", kind="article")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("articles", type=Path)
    parser.add_argument("libraries", type=Path)
    parser.add_argument("--liked", type=int, default=5)
    parser.add_argument("--people", type=int, default=400)
    options = parser.parse_args()
    catalog = load(options.articles)
    libraries = defaultdict(list)
    for row in rows(options.libraries):
        libraries[row["user_id"]].append(row["article_id"])
    rng = random.Random(0)
    people = [user for user, saved in sorted(libraries.items()) if len(saved) >= 2 * options.liked]
    people = rng.sample(people, min(options.people, len(people)))
    recommender = Recommender(catalog, None)
    lists, wanted = [], []
    for user in people:
        saved = rng.sample(libraries[user], len(libraries[user]))
        query = Query(items=dict.fromkeys(saved[: options.liked], 1))
        allowed = np.ones(len(catalog), dtype=bool)
        allowed[[catalog.row(i) for i in query.items]] = False
        lists.append([recommender.parts.sources[n].retrieve(query, 100, allowed) for n in NAMES])
        wanted.append(set(saved[options.liked :]))

    def recall(weights: dict[str, float]) -> np.ndarray:
        found = []
        for each, right in zip(lists, wanted, strict=True):
            top = [f.item_id for f in reciprocal_rank_fusion(each, weights=weights)[:CUT]]
            found.append(len(right.intersection(top)) / min(CUT, len(right)))
        return np.array(found)

    half = len(people) // 2
    alone = {n: recall({**dict.fromkeys(NAMES, 0.0), n: 1.0}) for n in NAMES}
    fused = {w: recall({"similar": 1.0, "profile": 0.0, "graph": w}) for w in WEIGHTS}
    for weight, values in fused.items():
        print(f"  chosen on: graph={weight:g}  {values[:half].mean():.4f}")
    best = max(fused, key=lambda w: fused[w][:half].mean())
    systems = {n: values[half:] for n, values in alone.items()} | {"fused": fused[best][half:]}
    clusters = np.arange(len(people) - half)
    print(f"recall@{CUT} of {len(clusters)} people, graph={best:g}")
    for name, values in systems.items():
        (found,) = mean_intervals(values, clusters)
        print(f"  {name:8} {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]")
    base = max(NAMES, key=lambda n: systems[n].mean())
    difference = compare({"fused": systems["fused"], base: systems[base]}, base, clusters)["fused"].difference
    print(f"  fused - {base}: {difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]")


if __name__ == "__main__":
    main()
