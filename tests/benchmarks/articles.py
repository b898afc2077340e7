"""Is the paper found that a sentence of its abstract is about?

    python tests/benchmarks/articles.py [--papers 600] [--strategy fast,explain=none] [--seed 0] [--tune]

Known-item search over the embedded articles. Of each of some random papers one sentence is the request:
not the first, of 10 to 45 words, and with at most one content word of the title in it; what it shares
with the title is taken out of it, and the sentence out of the abstract that is embedded and indexed. Half
of the papers, by chance, is for choosing (``--tune`` prints a grid of weights on it); figures are of the
other half. Printed: recall@1, recall@10 and MRR@10 of every source alone and of the recommender, with 95%
intervals and the paired difference to the best source.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from agent import Catalog, Item, Recommender
from agent.retrieval import Query, reciprocal_rank_fusion
from agent.understanding.lexicon import common_words
from eval.statistics import compare, mean_intervals

ALONE = ("embedding", "lexical")
DEPTH = 100
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True)
class Sought:
    """A paper and the request that is about it."""

    item_id: str
    request: str


def sentences(item: Item, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Requests with the sentences of the abstract they are made of, in random order."""
    title = {word for word in _words(item.title) if word not in common_words()}
    found = _SENTENCE.split(item.description or "")[1:]
    rng.shuffle(found)
    for sentence in found:
        shared = [word for word in _words(sentence) if word in title]
        if 10 <= len(_words(sentence)) <= 45 and len(set(shared)) <= 1:
            request = _WORD.sub(lambda m: "" if m[0].lower() in title else m[0], sentence)
            yield " ".join(request.split()), sentence


def _words(text: str) -> list[str]:
    return [m[0].lower() for m in _WORD.finditer(text)]


def build(catalog: Catalog, papers: int, seed: int) -> tuple[Catalog, list[Sought]]:
    """The catalog without the sentences, and the requests."""
    rng = random.Random(seed)
    items, sought = list(catalog), []
    for row in rng.sample(range(len(items)), len(items)):
        if len(sought) == papers:
            break
        item = items[row]
        for request, sentence in sentences(item, rng):
            items[row] = replace(item, description=(item.description or "").replace(sentence, " "))
            sought.append(Sought(item.id, request))
            break
    return Catalog(items, name=catalog.name, kind=catalog.kind), sought


def ranks(sought: list[Sought], ranked: Callable[[Sought], tuple[str, ...]]) -> np.ndarray:
    """The rank of every paper, from 1; infinite where it is not found."""
    found = []
    for each in sought:
        ids = ranked(each)
        found.append(ids.index(each.item_id) + 1 if each.item_id in ids else np.inf)
    return np.array(found)


def measures(places: np.ndarray) -> dict[str, np.ndarray]:
    """Values a paper, by the name of the measure."""
    return {
        "recall@1": (places <= 1).astype(float),
        "recall@10": (places <= 10).astype(float),
        "MRR@10": np.where(places <= 10, 1 / places, 0.0),
    }


def source(recommender: Recommender, name: str) -> Callable[[Sought], tuple[str, ...]]:
    """A candidate source that is given the request as it is."""
    allowed = np.ones(len(recommender.catalog), dtype=bool)

    def ranked(each: Sought) -> tuple[str, ...]:
        return tuple(
            c.item_id for c in recommender.parts.sources[name].retrieve(Query(each.request), DEPTH, allowed)
        )

    return ranked


def tune(recommender: Recommender, sought: list[Sought]) -> None:
    """Recall@10 and MRR@10 of the two sources fused by ranks, for some weights of the lexical one."""
    allowed = np.ones(len(recommender.catalog), dtype=bool)
    lists = [
        [recommender.parts.sources[name].retrieve(Query(each.request), DEPTH, allowed) for name in ALONE]
        for each in sought
    ]
    for k in (2.0, 5.0, 10.0, 20.0, 60.0):
        for weight in (0.0, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0):
            fused = iter(
                [
                    tuple(f.item_id for f in reciprocal_rank_fusion(each, k=k, weights={"lexical": weight}))
                    for each in lists
                ]
            )
            found = measures(ranks(sought, lambda each, fused=fused: next(fused)))  # type: ignore[misc]
            values = "  ".join(f"{name} {v.mean():.3f}" for name, v in found.items())
            print(f"  k={k:g} lexical={weight:g}  {values}")


def report(systems: dict[str, np.ndarray], ours: str) -> None:
    """Print the measures with intervals, and ours against the best source alone."""
    for name in ("recall@1", "recall@10", "MRR@10"):
        table = {system: measures(places)[name] for system, places in systems.items()}
        clusters = np.arange(len(table[ours]))
        print(name)
        for system, values in table.items():
            (found,) = mean_intervals(values, clusters)
            print(f"  {system:14} {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]")
        best = max(ALONE, key=lambda system: table[system].mean())
        difference = compare({ours: table[ours], best: table[best]}, best, clusters)[ours].difference
        print(f"  {ours} - {best}: {difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--papers", type=int, default=600)
    parser.add_argument("--strategy", default="fast,explain=none")
    parser.add_argument("--model", default=None, help="a language model, such as auto; none by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tune", action="store_true")
    options = parser.parse_args()
    catalog, sought = build(Catalog.load("articles"), options.papers, options.seed)
    half = len(sought) // 2
    recommender = Recommender(catalog, options.model)
    if options.tune:
        print(f"fusion of {' and '.join(ALONE)} on {half} papers")
        tune(recommender, sought[:half])
        return
    systems = {name: ranks(sought[half:], source(recommender, name)) for name in ALONE}
    systems["recommender"] = ranks(
        sought[half:],
        lambda each: recommender.recommend(each.request, n=10, strategy=options.strategy).ids,
    )
    print(f"{len(sought) - half} papers")
    report(systems, "recommender")


if __name__ == "__main__":
    main()
