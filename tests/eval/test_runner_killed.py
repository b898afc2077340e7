"""A run that is killed at any moment loses nothing, does nothing twice, and ends with the same figures."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from killed_run import FLOORS, QUESTIONS, run_all, write_set

from eval.errors import StoreError

ALL = QUESTIONS * (1 + len(FLOORS))


def start(folder):
    paths = os.pathsep.join(filter(None, [*map(str, sys.path)]))
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("killed_run.py")), str(folder)],
        env={**os.environ, "PYTHONPATH": paths},
        stderr=subprocess.DEVNULL,
    )


def lines(folder):
    return [
        line
        for path in sorted((folder / "out" / "answers").glob("*"))
        for line in path.read_bytes().splitlines(True)
    ]


def wait_for(folder, count, process):
    deadline = time.monotonic() + 60
    while len(lines(folder)) < count:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_killed_several_times(tmp_path):
    write_set(tmp_path)
    chance = random.Random(1)
    kills = 2
    for kill in range(kills):
        process = start(tmp_path)
        wait_for(tmp_path, 40 + 60 * kill + chance.randrange(30), process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # What was whole when the process died is there for the next one.
        assert not (tmp_path / "out" / "results.json").exists()

    kept = sum(line.endswith(b"\n") for line in lines(tmp_path))
    seen = []
    watcher = type("Watcher", (), {})()
    watcher.begin = lambda cells, rows: seen.append(rows)
    watcher.cell = lambda label, there: seen.append(there)
    watcher.answered = lambda stored: seen.append(stored.key)
    result = run_all(tmp_path, "out", watcher)
    made = [each for each in seen if isinstance(each, str)]

    whole = [json.loads(line) for line in lines(tmp_path) if line.endswith(b"\n")]
    times = Counter(record["key"] for record in whole)
    assert set(times.values()) == {1}, "nothing is done twice"
    assert len(times) == ALL == kept + len(made), "nothing is lost"
    undisturbed = run_all(tmp_path, "other")
    ours, theirs = ([cell.rows for cell in each.cells] for each in (result, undisturbed))
    assert ours == theirs


def test_a_second_process_is_refused_while_the_first_writes(tmp_path):
    write_set(tmp_path)
    process = start(tmp_path)
    try:
        wait_for(tmp_path, 5, process)
        with pytest.raises(StoreError, match=f"another run is writing.*process {process.pid}"):
            run_all(tmp_path, "out")
    finally:
        process.kill()
        process.wait()
    assert len(run_all(tmp_path, "out").cells) == 1 + len(FLOORS)
