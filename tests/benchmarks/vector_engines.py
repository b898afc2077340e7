"""Vector engines side by side: filling, memory, latency, and how much of the exact answer they find.

Each engine runs in a process of its own. Vectors are random directions around 200 centres, so that there is
something to be near to; queries are drawn likewise. ::

    python tests/benchmarks/vector_engines.py --rows 100000 --engine numpy faiss postgres postgres_hnsw milvus
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers import Milvus
from stores import postgres_server

from agent.grounding.index import NumpyIndex, open_index
from agent.settings import Settings

ENGINES = ("numpy", "faiss", "postgres", "postgres_hnsw", "milvus", "milvus_hnsw")
DIMENSION, K, QUERIES = 384, 100, 200


def cloud(rows: int, seed: int) -> np.ndarray:
    centres = np.random.default_rng(0).normal(size=(200, DIMENSION)).astype(np.float32)
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(rows, DIMENSION)).astype(np.float32)
    vectors += centres[random.integers(200, size=rows)]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def resident() -> float:
    """Memory of this process in MiB."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def size(folder: Path) -> float:
    """Bytes on disk in MiB."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink()) / 2**20


def measure(engine: str, rows: int) -> dict[str, object]:
    vectors, queries = cloud(rows, 1), cloud(QUERIES, 2)
    masks = {"": None, "_half": np.random.default_rng(3).random(rows) < 0.5}
    with ExitStack() as running:
        address, folder = engine, Path(running.enter_context(tempfile.TemporaryDirectory()))
        if engine.startswith("postgres"):
            address = running.enter_context(postgres_server(folder))
        elif engine.startswith("milvus"):
            server = Milvus(folder)
            running.callback(server.close)
            server.start()
            address = server.url
        if engine.endswith("hnsw"):
            address += f"{'&' if '?' in address else '?'}index=hnsw"
        empty, before, start = size(folder), resident(), time.perf_counter()
        index = open_index(vectors, Settings(vectors=address, vectors_timeout=60))
        index.search(queries[:1], K)
        found: dict[str, object] = {
            "engine": engine,
            "rows": rows,
            "fill_s": round(time.perf_counter() - start, 1),
            "memory_here_mib": round(resident() - before),
            "disk_mib": round(size(folder) - empty),
        }
        for name, allowed in masks.items():
            took, answers = [], []
            for query in queries:
                start = time.perf_counter()
                answers.append(index.search(query[None], K, allowed)[0][0])
                took.append(1000 * (time.perf_counter() - start))
            exact = NumpyIndex(vectors).search(queries, K, allowed)[0]
            shared = [len(set(a) & set(b)) / K for a, b in zip(answers, exact, strict=True)]
            found |= {
                f"median_ms{name}": round(float(np.median(took)), 1),
                f"p95_ms{name}": round(float(np.percentile(took, 95)), 1),
                f"recall{name}": round(float(np.mean(shared)), 4),
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=list(ENGINES))
    options = parser.parse_args()
    if len(options.engine) == 1:
        print(json.dumps(measure(options.engine[0], options.rows)), flush=True)
        return
    for engine in options.engine:
        subprocess.run(
            [sys.executable, __file__, "--rows", str(options.rows), "--engine", engine], check=True
        )


if __name__ == "__main__":
    main()
