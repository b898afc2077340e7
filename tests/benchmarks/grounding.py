"""Measure grounding: ``python tests/benchmarks/grounding.py PAIRS``.

Prints the calibration report of a pairs file (see ``groundrec calibrate``), how often links of each
confidence are right, the share of any method's ceiling without context, and the time for 10,000 titles.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np

from agent.grounding.calibrate import calibrate
from agent.grounding.calibration_data import read_pairs
from agent.grounding.embedder import load_embedder
from agent.grounding.grounder import Grounder
from agent.grounding.normalise import key


def reliability(grounder: Grounder, variants, bins=(0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)):
    """Rows of (from, to, links, mean confidence, share right); titles count once present and once absent."""
    texts = [v.text for v in variants]
    links = []
    for without in (None, [v.item_id for v in variants]):
        for variant, found in zip(variants, grounder.ground(texts, without=without), strict=True):
            if found.item_id is not None:
                links.append((found.confidence, without is None and found.item_id == variant.item_id))
    confidence, right = np.array([c for c, _ in links]), np.array([r for _, r in links])
    rows = []
    for low, high in pairwise(bins):
        inside = (confidence >= low) & (confidence < high)
        if inside.any():
            rows.append((low, high, int(inside.sum()), confidence[inside].mean(), right[inside].mean()))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    path = parser.parse_args().pairs
    embedder = load_embedder()
    report = calibrate(path, embedder=embedder)
    print(report)

    data = read_pairs(path)
    held_out = [v for v in data.report if not v.is_made]
    bearers = Counter(key(v.text) for v in {(v.item_id, key(v.text)): v for v in held_out}.values())
    ceiling = sum(1 / bearers[key(v.text)] for v in held_out) / len(held_out)
    print(f"\nceiling without context (one of the namesakes in this half is right): {100 * ceiling:.2f} %")

    grounder = Grounder(data.catalog, embedder, report.thresholds)
    print("\nconfidence     links   mean   right")
    for low, high, links, mean, right in reliability(grounder, list(data.report)):
        print(f"{low:.2f}-{min(high, 1.0):.2f} {links:10} {mean:6.3f} {right:7.3f}")

    for what, titles in (
        ("found", [i.title for i in data.catalog]),
        ("misspelt", [i.title[:3] + i.title[4:] for i in data.catalog]),
        ("unknown", [i.title[::-1] for i in data.catalog]),
    ):
        many = (titles * 2)[:10_000]
        start = time.perf_counter()
        grounder.ground(many)
        print(f"10,000 {what} titles: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
