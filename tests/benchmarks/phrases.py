"""Fit the reader of attitudes told in turns of phrase, and say what it is worth where it was not fitted.

    python tests/benchmarks/phrases.py          # figures only
    python tests/benchmarks/phrases.py --write  # and the shipped weights

Fitted on the mentions of the labelled sets ``dev``, ``train``, ``written_a``, ``written_b`` and on
``phrases.tsv``. The figures are accuracies of the sign of the attitude, by the rules alone and with the
reader: of each of these sets by a reader fitted on the others, and of ``written_c``.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parents[1] / "understanding"))

from understanding_scoring import DATA

from agent.grounding import Embedder, load_embedder
from agent.understanding.attitude import judge
from agent.understanding.judgements import Judgement
from agent.understanding.phrases import CLASSES, PhraseReader, features, inputs
from agent.understanding.text import Span, readable

FITTED = ("dev", "train", "written_a", "written_b")
CHECKED = ("written_c",)
STRENGTH = 2.0
"""Inverse of the L2 penalty; of 1, 2, 3, 5 and 8 the best on the half of ``written_c`` that was tuned on."""
TARGET = Path(__file__).parents[2] / "agent" / "understanding" / "phrases.npz"


@dataclass(frozen=True)
class Line:
    """An utterance with the things it names and the sign of the attitude to each."""

    text: str
    spans: list[Span]
    signs: list[int]


def labelled(name: str) -> list[Line]:
    """The lines of a set that name items by their titles."""
    lines = []
    for row in map(json.loads, (DATA / "understanding" / f"{name}.jsonl").read_text("utf-8").splitlines()):
        signs: dict[Span, int] = {}
        for mention in row["mentions"]:
            if not mention.get("rank") and not mention.get("optional"):
                signs.setdefault(Span(mention["start"], mention["end"]), int(np.sign(mention["attitude"])))
        spans = sorted(signs)
        if spans and readable(row["text"]) == row["text"]:
            lines.append(Line(row["text"], spans, [signs[s] for s in spans]))
    return lines


def phrases() -> list[Line]:
    """The phrases, each with its X as the thing named."""
    lines = []
    for row in (DATA / "understanding" / "phrases.tsv").read_text("utf-8").splitlines():
        sign, text = row.split("\t")
        place = text.index("X")
        lines.append(Line(text, [Span(place, place + 1)], [int(sign)]))
    return lines


def fit(lines: list[Line], embedder: Embedder) -> PhraseReader:
    """A reader fitted on lines."""
    pairs = [inputs(line.text, line.spans, i) for line in lines for i in range(len(line.spans))]
    signs = np.array([sign for line in lines for sign in line.signs])
    model = LogisticRegression(C=STRENGTH, max_iter=4000, class_weight="balanced")
    model.fit(features(embedder, pairs), signs)
    assert tuple(model.classes_) == CLASSES
    return PhraseReader(embedder, model.coef_.astype(np.float32), model.intercept_)


def right(lines: list[Line], reader: PhraseReader | None) -> list[bool]:
    """For each mention, whether the sign of its attitude is right."""
    found = []
    for line in lines:
        said: list[Judgement] = judge(line.text.lower(), line.spans)
        if reader:
            said = reader.read(line.text, line.spans, said)
        found += [int(np.sign(j.attitude)) == s for j, s in zip(said, line.signs, strict=True)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the weights in the package")
    options = parser.parse_args()
    embedder = load_embedder()
    sets = {name: labelled(name) for name in FITTED}
    told = phrases()
    for name in FITTED:
        others = [line for other in FITTED if other != name for line in sets[other]]
        report(name, sets[name], fit([*others, *told], embedder))
    reader = fit([*(line for lines in sets.values() for line in lines), *told], embedder)
    for name in CHECKED:
        lines = labelled(name)
        report(f"{name}, tuned on", lines[::2], reader)
        report(f"{name}, not tuned on", lines[1::2], reader)
    if options.write:
        np.savez_compressed(
            TARGET,
            embedder=embedder.name.partition("@")[0],
            weights=reader.weights.astype(np.float16),
            intercepts=reader.intercepts.astype(np.float32),
        )


def report(name: str, lines: list[Line], reader: PhraseReader) -> None:
    rules, both = right(lines, None), right(lines, reader)
    print(f"{name:24} {len(rules):4} mentions  rules {np.mean(rules):.3f}  with phrases {np.mean(both):.3f}")


if __name__ == "__main__":
    main()
