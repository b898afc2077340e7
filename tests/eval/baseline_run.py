"""The cell behind ``tests/data/eval/baseline.json``: retrieval alone on a sample of ``redial``.

``python tests/eval/baseline_run.py`` makes the file again, after a change that is meant to move it.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import WordEmbedder

from agent.settings import Settings
from eval.matrix import Matrix
from eval.results import RunResult
from eval.runner import run

BASELINE = Path(__file__).parents[1] / "data" / "eval" / "baseline.json"


def run_cell(folder: Path) -> RunResult:
    matrix = Matrix.of(
        {
            "datasets": {"name": "redial", "folds": 0, "sample": 40},
            "models": "none",
            "strategies": "fast,explain=none",
            "floors": ["random", "popularity", "bm25-neighbours"],
            "samples": 0,
        }
    )
    return run(matrix, folder / "run", settings=Settings(cache_dir=folder / "cache"), embedder=WordEmbedder())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        made = run_cell(Path(scratch))
    # Only what a comparison needs, so that a change of the file shows what moved.
    BASELINE.parent.mkdir(parents=True, exist_ok=True)
    replace(made, cells=tuple(replace(cell, slices=(), comparisons={}) for cell in made.cells)).save(BASELINE)
