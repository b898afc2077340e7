"""A run over many questions, started as a process of its own and killed: ``python killed_run.py FOLDER``."""

import json
import sys
from pathlib import Path

from film_set import write_films
from support import WordEmbedder

from agent.settings import Settings
from eval.matrix import Matrix
from eval.runner import run

QUESTIONS = 150
FLOORS = ("random", "popularity", "item-text")


def write_set(folder: Path) -> None:
    write_films(folder / "films")
    lines = [
        {"id": f"q{i:03}", "dialogue": f"d{i // 3}", "context": f"film number {i}", "targets": ["up"]}
        for i in range(QUESTIONS)
    ]
    (folder / "films" / "conversations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def run_all(folder: Path, out: str, watcher: object = None):
    matrix = Matrix.of(
        {"datasets": str(folder / "films"), "models": "none", "strategies": "fast", "floors": FLOORS}
    )
    settings = Settings(cache_dir=folder / "cache")
    return run(matrix, folder / out, settings=settings, embedder=WordEmbedder(), watcher=watcher)


if __name__ == "__main__":
    run_all(Path(sys.argv[1]), "out")
