"""Do constrained lists keep their promises? Random contexts over both embedded catalogs.

    python tests/benchmarks/guarantees.py [--contexts 300] [--seed 0] [--strategy constrained]

Every list must hold catalog items only, all distinct, none of them seen, rejected or already rated, all
meeting every constraint, and exactly n of them whenever the filters leave n. So must what the language
model wrote, before retrieval has added anything.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence

from agent.catalog import Catalog
from agent.context import Constraint, PreferenceState, UserContext
from agent.recommendation import Recommendations
from agent.recommender import Recommender
from agent.understanding import Understanding

REQUESTS = (
    "Something {word} please",
    "I want {word}, but not the usual things",
    "My friends keep talking about {title}. What else is there?",
    "Surprise me with {word}",
    "{word}",
)


def random_context(catalog: Catalog, rng: random.Random) -> UserContext:
    """Attitudes, seen and rejected items and up to three constraints, drawn at random."""
    ids = rng.sample([item.id for item in catalog], 40)
    attitudes = {i: rng.choice((-2, -1, 1, 2)) for i in ids[: rng.randint(0, 6)]}
    state = PreferenceState(
        attitudes=attitudes,
        seen=frozenset(ids[10 : 10 + rng.randint(0, 15)]),
        rejected=frozenset(ids[25 : 25 + rng.randint(0, 15)]),
    )
    years = sorted(item.year for item in catalog if item.year)
    pool = [
        Constraint("year", rng.choice((">=", "<=", ">", "<")), rng.choice(years)),
        Constraint("categories", "not in", (rng.choice(catalog.categories),)),
        Constraint("categories", "in", tuple(rng.sample(catalog.categories, 2))),
    ]
    return UserContext(state=state, constraints=tuple(rng.sample(pool, rng.randint(0, 3))))


def broken_promises(ids: Sequence[str], wanted: int, allowed: set[str], catalog: Catalog) -> list[str]:
    """Which promises a list of ids breaks."""
    broken = []
    if any(i not in catalog for i in ids):
        broken.append("outside the catalog")
    if len(set(ids)) != len(ids):
        broken.append("repeated")
    if any(i in catalog and i not in allowed for i in ids):
        broken.append("seen, rejected or excluded")
    if len(ids) != min(wanted, len(allowed)):
        broken.append("not exactly n")
    return broken


def check(recommender: Recommender, contexts: int, seed: int, strategy: str) -> Counter[str]:
    """Counts of lists, of empty filters and of every broken promise."""
    catalog, rng = recommender.catalog, random.Random(seed)
    counts: Counter[str] = Counter()
    for number in range(contexts):
        context, n = random_context(catalog, rng), rng.randint(1, 10)
        word, title = rng.choice(catalog.categories), rng.choice(catalog).title
        request = rng.choice(REQUESTS).format(word=word, title=title)
        said = Understanding(request, intents=("recommend",), wish=request)
        made: Recommendations = recommender.recommend(said, context, n=n, strategy=strategy, seed=number)
        known = context.state.known
        allowed = {
            i.id for i in catalog if i.id not in known and all(c.allows(i) for c in context.constraints)
        }
        counts["lists"] += 1
        counts["empty filter"] += not allowed
        for promise in broken_promises(made.ids, n, allowed, catalog):
            counts[f"list: {promise}"] += 1
        if allowed:
            generated = made.trace["generate"].outputs["items"]
            counts["generated lists"] += 1
            for promise in broken_promises(generated, n, allowed, catalog):
                counts[f"generated: {promise}"] += 1
        if sys.stderr.isatty():
            print(f"\r{catalog.name}: {number + 1}/{contexts}", end="", file=sys.stderr)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contexts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strategy", default="constrained")
    arguments = parser.parse_args()
    failed = 0
    for name in ("movies", "articles"):
        recommender = Recommender(Catalog.load(name))
        counts = check(recommender, arguments.contexts, arguments.seed, arguments.strategy)
        broken = {what: count for what, count in counts.items() if ":" in what}
        failed += sum(broken.values())
        print(f"{name}: {dict(counts)}")
    print(f"broken promises: {failed}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
