"""What is left out of libraries of saved articles: fitted weights against every source alone.

python tests/benchmarks/saved_articles.py FOLDER

FOLDER holds ``articles.tsv.gz`` (article_id, title, abstract, tags) and ``libraries.tsv.gz`` (user_id,
article_id). Of every second user one save in five is held out and reported; nothing is fitted to those.
Options and weights are chosen on the other users, of whose saves the same share is hidden in turn.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from scipy import sparse

from agent import Catalog, Recommender
from agent.catalog import Interaction, Item
from agent.context import UserContext
from agent.history_fitting import Asked, Window, choices_of, ndcg_of, windows
from agent.ranking import LogLinearRanker, fit_log_linear, pool
from agent.recommendation import Candidate
from agent.retrieval import CandidateSource, Query, build_query
from agent.retrieval.cold_start import ColdStartSource
from agent.retrieval.collaborative import (
    AlsSource,
    EaseSource,
    ItemKnnSource,
    RecentSource,
    decayed_counts,
    user_groups,
)
from eval.statistics import mean_intervals

CUTOFF, DEPTH, CANDIDATES = 20, 20, 100

Make = Callable[[Catalog, sparse.csr_array], CandidateSource]


@dataclass
class FromLibrary:
    """A source that is asked for the titles of what the user saved, in the place of a wish."""

    source: CandidateSource
    catalog: Catalog
    name: str = "lexical"

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        return self.source.retrieve(self._worded(query), k, allowed)

    def score(self, query: Query, rows: np.ndarray) -> np.ndarray | None:
        return self.source.score(self._worded(query), rows)

    def _worded(self, query: Query) -> Query:
        return replace(query, text=" ".join(self.catalog.item(i).title for i in query.anchors))


def load(folder: Path) -> tuple[list[Item], list[Interaction]]:
    """The articles, their tags as categories, and who saved which."""
    items = [
        Item(
            row["article_id"],
            row["title"],
            description=row["abstract"] or None,
            categories=tuple(dict.fromkeys(tag for tag in row["tags"].split(",") if tag)),
        )
        for row in read(folder / "articles.tsv.gz")
    ]
    saves = [Interaction(r["user_id"], r["article_id"], "like") for r in read(folder / "libraries.tsv.gz")]
    return items, saves


def read(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def drawn(*parts: str) -> int:
    """A number that is the same in every run; parities of CRCs, which part users in fitting, are not free."""
    return int.from_bytes(hashlib.sha256(" ".join(parts).encode()).digest()[:4], "big")


def reported(user: str) -> bool:
    return drawn("report", user) % 2 == 1


def held_out(save: Interaction) -> bool:
    return reported(save.user_id) and drawn("held", save.user_id, save.item_id) % 5 == 0


def asked_of(catalog: Catalog, known: Sequence[Interaction], held: Sequence[Interaction]) -> list[Asked]:
    """The reported users with something known and something held out."""
    library: dict[str, list[Interaction]] = {}
    for save in known:
        library.setdefault(save.user_id, []).append(save)
    right: dict[str, list[int]] = {}
    for save in held:
        right.setdefault(save.user_id, []).append(catalog.row(save.item_id))
    found = []
    for user in sorted(right.keys() & library.keys()):
        context = UserContext(user_id=user, history=tuple(library[user]))
        allowed = np.ones(len(catalog), dtype=bool)
        allowed[[catalog.row(i) for i in context.known]] = False
        found.append(Asked(user, build_query(context), allowed, np.array(right[user])))
    return found


def choices() -> dict[str, dict[str, Make]]:
    """Models that learn from libraries, with the options that are tried."""
    return {
        "item_knn": {
            f"asymmetry {a}, shrinkage {s}, recency {r}": lambda c, g, a=a, s=s, r=r: ItemKnnSource(
                c, g, asymmetry=a, shrinkage=s, recency=r
            )
            for a, s, r in product((0.1, 0.3, 0.5), (5.0, 20.0, 50.0), (0.9, 1.0))
        },
        "ease": {
            f"regularisation {v}": lambda c, g, v=v: EaseSource.fit(
                c, g, regularisation=v, minimum=1, most=len(c), recency=1.0
            )
            for v in (5.0, 20.0, 100.0)
        },
        "als": {
            f"factors {f}, regularisation {v}, confidence {a}": lambda c, g, f=f, v=v, a=a: AlsSource.fit(
                c, g, factors=f, regularisation=v, confidence=a, recency=1.0
            )
            for f, v, a in (
                (32, 10.0, 20.0),
                (32, 30.0, 5.0),
                (64, 10.0, 20.0),
                (64, 10.0, 40.0),
                (64, 30.0, 40.0),
            )
        },
    }


def tune(catalog: Catalog, window: Window) -> dict[str, Make]:
    """The options with which each model alone has the highest recall."""
    groups = user_groups(catalog, window.before)
    best = {}
    for name, options in choices().items():
        found = {}
        for label, make in options.items():
            source = make(catalog, groups)
            found[label] = float(np.mean([recall(alone(source, a, catalog), a) for a in window.asked]))
        label = max(found, key=lambda key: found[key])
        print(f"{name}: {label} (recall@{CUTOFF} {found[label]:.3f} where chosen)", flush=True)
        best[name] = options[label]
    return best


def sources_of(
    items: Sequence[Item], known: Sequence[Interaction], tuned: Mapping[str, Make]
) -> tuple[Catalog, list[CandidateSource]]:
    """The sources, fitted to what is known, and the catalog they are over."""
    catalog = Catalog(items, name="saved-articles", kind="article", interactions=known)
    parts = Recommender(catalog, None).parts
    groups = user_groups(catalog, known)
    return catalog, [
        RecentSource(catalog, decayed_counts(catalog, known, None), name="popularity"),
        *(make(catalog, groups) for make in tuned.values()),
        ColdStartSource.fit(catalog, parts.vectors, groups),
        FromLibrary(parts.source("lexical"), catalog),
        *(parts.source(name) for name in ("similar", "profile", "graph")),
    ]


def alone(source: CandidateSource, asked: Asked, catalog: Catalog) -> np.ndarray:
    """Rows of a source's own list."""
    found = source.retrieve(asked.query, DEPTH, asked.allowed)
    return np.array([catalog.row(c.item_id) for c in found], dtype=np.int64)


def together(
    ranker: LogLinearRanker, sources: Sequence[CandidateSource], asked: Asked, catalog: Catalog
) -> np.ndarray:
    """Rows of the list by fitted weights."""
    lists = [source.retrieve(asked.query, CANDIDATES, asked.allowed) for source in sources]
    fused = pool(lists, ranker, sources, asked.query, catalog)[:DEPTH]
    return np.array([catalog.row(f.item_id) for f in fused], dtype=np.int64)


def recall(ranked: np.ndarray, asked: Asked) -> float:
    return float(np.isin(ranked[:CUTOFF], asked.right).sum()) / len(asked.right)


def ndcg(ranked: np.ndarray, asked: Asked) -> float:
    right = np.isin(ranked, asked.right)
    return ndcg_of(np.arange(len(right)), right, len(asked.right))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    items, saves = load(parser.parse_args().folder)
    known = [save for save in saves if not held_out(save)]
    catalog = Catalog(items, name="saved-articles", kind="article", interactions=known)
    chosen_on = [
        replace(w, asked=tuple(a for a in w.asked if not reported(a.user))) for w in windows(catalog, known)
    ]
    print("chosen on", [len(w.asked) for w in chosen_on], "users", flush=True)
    tuned = tune(catalog, chosen_on[0])
    learned = []
    for window in chosen_on:
        over, sources = sources_of(items, window.before, tuned)
        learned += choices_of(window, sources, over)
    names = [source.name for source in sources]
    # The last feature of a choice is what others did next, which is not known here.
    weights = fit_log_linear([replace(c, features=c.features[:, :-1]) for c in learned])
    ranker = LogLinearRanker(dict(zip(names, map(float, weights), strict=True)))
    print("weights", {name: round(w, 3) for name, w in ranker.weights.items()}, flush=True)
    over, sources = sources_of(items, known, tuned)
    asked = asked_of(over, known, [save for save in saves if held_out(save)])
    lists = {"fitted": [together(ranker, sources, a, over) for a in asked]}
    lists |= {source.name: [alone(source, a, over) for a in asked] for source in sources}
    report(lists, asked)


def report(lists: Mapping[str, Sequence[np.ndarray]], asked: Sequence[Asked]) -> None:
    """Both figures of all, with paired differences and the ratio to the best source alone."""
    users = [a.user for a in asked]
    for title, figure in ((f"recall@{CUTOFF}", recall), ("NDCG@10", ndcg)):
        values = {name: np.array(list(map(figure, ranked, asked))) for name, ranked in lists.items()}
        ours = values["fitted"]
        print(f"\n{title} ({len(asked)} users); fitted minus it")
        for name, theirs in sorted(values.items(), key=lambda pair: -pair[1].mean()):
            mean, more = mean_intervals(np.column_stack([theirs, ours - theirs]), users)
            ratio = ours.mean() / theirs.mean()
            print(
                f"  {name:12s} {mean.value:.4f} [{_shown(mean.low)}, {_shown(mean.high)}]  "
                f"{more.value:+.4f} [{_shown(more.low)}, {_shown(more.high)}]  x {ratio:.3f}"
            )


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    main()
