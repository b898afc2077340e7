"""The store keeps every answer once, whatever happens to the process that writes it."""

import errno
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from agent.lm import Usage
from eval.errors import StoreError
from eval.metrics import WrittenTitle
from eval.protocols.answers import Answer
from eval.store import Store, Stored, answer_key, writing

TRACE = ({"stage": "generate", "outputs": {"text": "1. Alien\n2. Dune\u2028\ud800"}},)
FULL = Answer(
    "q1",
    ("alien", "up"),
    titles=(WrittenTitle("Alien", "alien"), WrittenTitle("Dune", None)),
    examples=("Heat",),
    faithful=(True, False),
    turns=2,
    succeeded=True,
    usage=Usage(10, 5, 2),
    milliseconds=12.5,
)


def stored(key, *ranked, **fields):
    return Stored(key, 3, Answer("q", ranked, **fields), {"recommend/zero_shot": "abc"}, "0.1.0", 300.0)


@pytest.mark.parametrize(
    "answer", [FULL, Answer("q2"), Answer("q3", titles=()), Answer("q4", error="no prompt")]
)
def test_answers_come_back_as_they_were(tmp_path, answer):
    store = Store(tmp_path)
    store.add(Stored("k", 3, replace(answer, trace=TRACE), {"p": "h"}, "0.1.0", 300.0))
    store.close()
    again = Store(tmp_path)
    found = again["k"]
    assert (found.answer, found.seed, found.prompts, found.code) == (answer, 3, {"p": "h"}, "0.1.0")
    assert again.trace(found)[0]["stage"] == store.trace(store["k"])[0]["stage"] == "generate"


def test_a_failure_may_be_asked_again_but_an_answer_stays(tmp_path):
    store = Store(tmp_path)
    store.add(stored("k", error="no server"))
    store.add(stored("k", "a"))
    store.add(stored("k", "b"))
    store.close()
    assert store["k"].answer.ranked == Store(tmp_path)["k"].answer.ranked == ("a",)


def test_the_first_answer_stays(tmp_path):
    store = Store(tmp_path)
    store.add(stored("k", "a"))
    assert store.add(stored("k", "b")).answer.ranked == ("a",)
    store.close()
    assert Store(tmp_path)["k"].answer.ranked == ("a",)
    assert len((tmp_path / "answers" / "000001.jsonl").read_text().splitlines()) == 1


def test_each_writer_has_a_segment_of_its_own(tmp_path):
    for number in range(3):
        store = Store(tmp_path)
        store.add(stored(f"k{number}"))
        store.close()
    assert sorted(p.name for p in (tmp_path / "answers").iterdir()) == [
        "000001.jsonl",
        "000002.jsonl",
        "000003.jsonl",
    ]
    assert len(Store(tmp_path)) == 3


def test_nothing_is_written_before_the_first_answer(tmp_path):
    Store(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_a_line_that_was_cut_off_is_made_again(tmp_path, cut):
    store = Store(tmp_path)
    store.add(stored("k1", "a"))
    store.add(stored("k2", "b"))
    store.close()
    segment = tmp_path / "answers" / "000001.jsonl"
    segment.write_bytes(segment.read_bytes()[:-cut])
    store = Store(tmp_path)
    assert ("k1" in store, "k2" in store) == (True, False)
    store.add(stored("k2", "b"))
    store.close()
    assert Store(tmp_path)["k2"].answer.ranked == ("b",)


def test_a_damaged_line_is_named(tmp_path):
    store = Store(tmp_path)
    store.add(stored("k1"))
    store.add(stored("k2"))
    store.close()
    segment = tmp_path / "answers" / "000001.jsonl"
    segment.write_bytes(b"xx" + segment.read_bytes())
    with pytest.raises(StoreError, match=r"000001\.jsonl:1"):
        Store(tmp_path)


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    """The disk takes half a line and then no more: what is whole stays, the rest is made again."""
    store = Store(tmp_path)
    store.add(stored("k1"))
    write, calls = os.write, []

    def full(descriptor, data):
        calls.append(data)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError, match="disk is full"):
        store.add(stored("k2"))
    monkeypatch.undo()
    store.add(stored("k2"))
    store.close()
    assert sorted(Store(tmp_path)._answers) == ["k1", "k2"]


def test_the_key_changes_with_every_part():
    parts = ["checksum", "question", "model@rev:nf4", "hash", {"n": 5, "shots": 2}, 0]
    keys = {answer_key(*parts)}
    for place, other in enumerate(["c2", "q2", "m2", "h2", {"n": 6, "shots": 2}, 1]):
        keys.add(answer_key(*parts[:place], other, *parts[place + 1 :]))
    assert len(keys) == 7
    assert answer_key(*parts[:4], {"shots": 2, "n": 5}, 0) == answer_key(*parts)


def test_two_writers_are_refused(tmp_path):
    code = (
        "import sys; from pathlib import Path; from eval.store import writing\n"
        "with writing(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "in\n"
        with pytest.raises(StoreError, match=f"process {other.pid}.*--out"), writing(tmp_path):
            pass
        other.send_signal(signal.SIGKILL)
    with writing(tmp_path):
        pass


def test_killed_while_writing(tmp_path):
    """A process that only writes is killed in the middle; every line but the last is whole, none is lost."""
    code = (
        "import sys; from pathlib import Path\n"
        "from eval.protocols.answers import Answer; from eval.store import Store, Stored\n"
        "store = Store(Path(sys.argv[1])); answer = Answer('q', trace=[{'text': 'x' * 20000}])\n"
        "for i in range(10**6): store.add(Stored(f'k{i}', 0, answer)); print(i, flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        for _ in range(50):
            other.stdout.readline()
        other.send_signal(signal.SIGKILL)
        said = other.stdout.read().splitlines()
    told = int(said[-1]) if said and said[-1].isdecimal() else 49
    store = Store(tmp_path)
    assert all(f"k{i}" in store for i in range(told))
    assert len(store) <= told + 2


def test_lines_are_plain_json(tmp_path):
    store = Store(tmp_path)
    store.add(Stored("k", 3, FULL))
    store.close()
    record = json.loads((tmp_path / "answers" / "000001.jsonl").read_text())
    assert record["answer"]["ranked"] == ["alien", "up"]
