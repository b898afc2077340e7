"""What is left out of libraries of saved articles: the pipeline against every source alone.

python tests/benchmarks/saved_articles.py FOLDER

FOLDER holds ``articles.tsv.gz`` (article_id, title, abstract, tags) and ``libraries.tsv.gz`` (user_id,
article_id). Of every second user one save in five is held out and reported; nothing is fitted to those.
Options and weights are chosen by ``fit_history`` on the other users, of whose saves it hides the same share.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent import Catalog, Recommender
from agent.catalog import Interaction, Item
from agent.context import UserContext
from agent.history_fitting import fit_history
from agent.history_rankers import ndcg_of
from agent.profile import LearnedHistory, Profile
from agent.retrieval import CandidateSource, HistoryModels, build_query
from agent.retrieval.habits import HabitsSource
from eval.statistics import mean_intervals

CUTOFF, DEPTH = 20, 20
STRATEGY = "fast,explain=none,diversity=0,newcomers=0"


@dataclass(frozen=True)
class Asked:
    """A user with what is known of them, and the rows of what was held out."""

    context: UserContext
    right: np.ndarray


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
    return [
        Asked(UserContext(user_id=user, history=tuple(library[user])), np.array(right[user]))
        for user in sorted(right.keys() & library.keys())
    ]


def learn(recommender: Recommender, folder: Path) -> tuple[Profile, HistoryModels]:
    """What ``groundrec fit --interactions`` learns, its weights from users who are not reported."""
    catalog = recommender.catalog
    fitted = fit_history(
        catalog, catalog.interactions, recommender.parts.vectors, asks=lambda user: not reported(user)
    )
    print(fitted.models.options)
    print("weights", {name: round(w, 3) for name, w in fitted.ranker.weights.items()})
    print("where chosen: NDCG@10", dict(fitted.ranker.provenance["ndcg@10"]))
    print("ranker", fitted.comparison.as_dict(), flush=True)
    fitted.models.save(folder, **fitted.ranker.provenance)
    return Profile(history=LearnedHistory(folder, fitted.ranker)), fitted.models


def alone(source: CandidateSource, asked: Asked, catalog: Catalog) -> np.ndarray:
    """Rows of a source's own list."""
    allowed = np.ones(len(catalog), dtype=bool)
    allowed[[catalog.row(i) for i in asked.context.known]] = False
    found = source.retrieve(build_query(asked.context), DEPTH, allowed)
    return np.array([catalog.row(c.item_id) for c in found], dtype=np.int64)


def together(recommender: Recommender, asked: Asked) -> np.ndarray:
    """Rows of the list that the user gets."""
    made = recommender.recommend(context=asked.context, n=DEPTH, strategy=STRATEGY)
    return np.array([recommender.catalog.row(i) for i in made.ids], dtype=np.int64)


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
    with tempfile.TemporaryDirectory() as scratch:
        profile, models = learn(Recommender(catalog, None), Path(scratch))
        recommender = Recommender(catalog, None, profile=profile)
        asked = asked_of(catalog, known, [save for save in saves if held_out(save)])
        lists = {"pipeline": [together(recommender, a) for a in asked]}
    parts = recommender.parts
    # Habits propose nothing of their own.
    learned = [source for name, source in models.sources.items() if name != HabitsSource.name]
    sources = [*learned, *(parts.source(name) for name in ("similar", "profile", "graph"))]
    for source in sources:
        lists[source.name] = [alone(source, a, catalog) for a in asked]
    report(lists, asked)


def report(lists: Mapping[str, Sequence[np.ndarray]], asked: Sequence[Asked]) -> None:
    """Both figures of all, with paired differences and the ratio to the best source alone."""
    users = [a.context.user_id or "" for a in asked]
    for title, figure in ((f"recall@{CUTOFF}", recall), ("NDCG@10", ndcg)):
        values = {name: np.array(list(map(figure, ranked, asked))) for name, ranked in lists.items()}
        ours = values["pipeline"]
        print(f"\n{title} ({len(asked)} users); pipeline minus it")
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
