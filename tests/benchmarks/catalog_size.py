"""Memory and seconds of a large catalog, part by part, without a language model.

    python tests/benchmarks/catalog_size.py --rows 100000

Items have made-up titles, two of thirty categories and thirty words of description. Their vectors are random,
of 384 numbers each, since embedding them is another matter. Prints the resident memory after each part, and
the milliseconds of a list by stage.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agent.catalog import Catalog, Item
from agent.recommender import Recommender
from agent.settings import Settings

WORDS = [a + b for a in ("ka", "lo", "mi", "su", "te", "vo", "ra", "ne", "pi", "do") for b in
         ("ran", "let", "mos", "tik", "val", "dor", "sen", "bur", "gil", "pan")]  # fmt: skip


class RandomEmbedder:
    """A direction for each text, the same every time."""

    name, dimension = "random", 384

    def encode(self, texts: Sequence[str], *, progress: object = None) -> np.ndarray:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = np.random.default_rng(zlib.crc32(text.encode())).normal(size=self.dimension)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def catalog(rows: int) -> Catalog:
    random = np.random.default_rng(0)
    drawn = random.integers(len(WORDS), size=(rows, 34))
    return Catalog(
        [
            Item(
                str(row),
                " ".join(WORDS[w] for w in words[:4]).title() + f" {row}",
                1950 + int(words[5]) % 70,
                " ".join(WORDS[w] for w in words[4:]),
                categories=(f"Kind {words[6] % 30}", f"Kind {words[7] % 30}"),
                popularity=float(random.pareto(1) * 10),
            )
            for row, words in enumerate(drawn)
        ],
        name=f"made-up-{rows}",
        kind="item",
    )


def resident() -> float:
    """Memory of this process in MiB, and of files that it has mapped and read."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as cache:
        before, start = resident(), time.perf_counter()

        def tell(what: str) -> None:
            nonlocal start
            print(
                f"{what:<24} {resident() - before:8.0f} MiB {time.perf_counter() - start:7.1f} s", flush=True
            )
            start = time.perf_counter()

        items = catalog(rows)
        tell("items")
        recommender = Recommender(
            items, None, embedder=RandomEmbedder(), strategy="fast", settings=Settings(cache_dir=Path(cache))
        )
        parts = recommender.parts
        _ = parts.vectors
        tell("vectors (mapped)")
        _ = parts.sources
        tell("sources")
        _ = parts.rules
        tell("reading utterances")
        recommender.recommend("a kind 3 story of lomos", n=10)
        tell("first list")
        took = []
        for word in WORDS[:20]:
            begun = time.perf_counter()
            made = recommender.recommend(f"something with {word} in it", n=10)
            took.append(1000 * (time.perf_counter() - begun))
        tell("twenty lists")
        print(f"a list: median {np.median(took):.0f} ms; the last one by stage:")
        for stage in made.trace.stages:
            print(f"  {stage.name:<12} {stage.milliseconds:7.1f} ms")


if __name__ == "__main__":
    main()
