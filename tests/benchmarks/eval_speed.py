"""How long the evaluation suite takes where nothing is asked: ``python tests/benchmarks/eval_speed.py``.

Makes two runs over redial, of random stored lists and of all floors: one of about 1,000 rows and one of about
10,000, a row being an answer of one system. Prints the seconds, from the start of the process, that
``groundrec eval run`` takes to resume the finished run and ``groundrec eval score`` to measure its rows anew
with all metrics. Making the runs takes some minutes the first time, when the turns of redial are embedded.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eval.matrix import Matrix
from eval.results import RunResult
from eval.runner import open_data

LENGTH = 20
SYSTEMS = 8


def write_lists(file: Path) -> None:
    """A list of random items for each question."""
    (asked,) = open_data(Matrix.of({"datasets": "redial"}))
    ids = [item.id for item in asked.data.catalog]
    chance = random.Random(0)
    lines = ({"id": question.id, "items": chance.sample(ids, LENGTH)} for _, question in asked)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def seconds(*words: str) -> float:
    """How long a command of the suite takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "agent.cli", "eval", *words], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="the fastest counts: the machine may be busy")
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory(prefix="groundrec-eval-") as name:
        folder = Path(name)
        write_lists(folder / "lists.jsonl")
        for rows in (1000, 10_000):
            matrix = folder / f"{rows}.json"
            dataset = {"name": "redial", "sample": rows // SYSTEMS}
            outputs = str(folder / "lists.jsonl")
            matrix.write_text(json.dumps({"datasets": [dataset], "models": [], "outputs": [outputs]}))
            run = str(folder / f"run-{rows}")
            command = ("run", str(matrix), "--out", run)
            made = seconds(*command)
            answers = sum(cell.n for cell in RunResult.load(Path(run)).cells)
            resumed = min(seconds(*command) for _ in range(repeats))
            scored = min(seconds("score", run) for _ in range(repeats))
            print(f"{answers:,} rows: made in {made:.1f} s, resumed in {resumed:.2f}, scored in {scored:.2f}")


if __name__ == "__main__":
    main()
