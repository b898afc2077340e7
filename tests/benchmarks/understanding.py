"""How well an understander reads the labelled utterances.

    python tests/benchmarks/understanding.py --set dev --understander rules

prints F1 (accuracy for intents) with 95% bootstrap intervals over utterances, for all lines and for slices.
``--errors`` lists the lines that are not all right; it is refused for ``heldout`` and ``blind``, which must
stay unseen.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "understanding"))

from understanding_scoring import (
    MEASURES,
    LineScore,
    Understand,
    evaluate,
    interval,
    load_catalog,
    load_set,
    total,
)

from agent.grounding import Embedder, load_embedder
from agent.understanding import PhraseReader, RuleUnderstander

SETS = ("train", "dev", "written_a", "written_b", "written_c", "heldout", "blind")
UNSEEN = ("heldout", "blind")


def rules(name: str) -> Understand:
    """The rules over one catalog, with the embedder's reading of phrases."""
    return RuleUnderstander(load_catalog(name), phrases=PhraseReader.shipped(embedder())).understand


@cache
def embedder() -> Embedder:
    """The bundled sentence embedder, loaded once."""
    return load_embedder()


def lm(model: str) -> Callable[[str], Understand]:
    """A language model over one catalog."""
    from agent.lm import load_model
    from agent.understanding import LmUnderstander
    from prompts import PromptLibrary

    engine = load_model(model)
    return lambda name: LmUnderstander(engine, PromptLibrary(), load_catalog(name)).understand


def slices(scores: Sequence[LineScore]) -> dict[str, list[LineScore]]:
    """All lines, then those of each source, catalog and language."""
    found = {"all": list(scores)}
    for score in scores:
        for name in (score.source, score.catalog, score.locale):
            found.setdefault(name, []).append(score)
    return found


def report(scores: Sequence[LineScore]) -> None:
    """Print one table a slice."""
    for name, some in slices(scores).items():
        print(f"\n{name} ({len(some)} utterances)")
        for measure in MEASURES:
            count = total(some, measure)
            if not count.labelled and not count.predicted:
                continue
            low, high = interval(some, measure)
            print(
                f"  {measure:12} {count.f1:.3f} [{low:.3f}, {high:.3f}]  "
                f"right {count.right}, found {count.predicted}, labelled {count.labelled}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", choices=SETS, default="dev")
    parser.add_argument("--understander", choices=("rules", "lm"), default="rules")
    parser.add_argument("--model", default="auto", help="model of --understander lm")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    if options.errors and options.set in UNSEEN:
        parser.error(f"the lines of {options.set} stay unseen")
    lines = load_set(options.set)
    start = time.perf_counter()
    scores = evaluate(lines, rules if options.understander == "rules" else lm(options.model))
    seconds = time.perf_counter() - start
    print(f"{options.set}, {options.understander}: {len(lines)} utterances in {seconds:.1f} s")
    report(scores)
    if options.errors:
        readers = {name: rules(name) for name in {line["catalog"] for line in lines}}
        for line, score in zip(lines, scores, strict=True):
            wrong = [m for m, c in score.counts.items() if not c.right == c.predicted == c.labelled]
            if wrong:
                print(f"\n{line['id']} {line['text']!r} wrong: {', '.join(wrong)}")
                print("  ", readers[line["catalog"]](line["text"], line["last"]))


if __name__ == "__main__":
    main()
