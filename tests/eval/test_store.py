"""The store keeps every answer once, whatever happens to the process that writes it."""

import errno
import json
import os
import signal
import subprocess
import sys

import pytest

from agent.lm import Usage
from eval.errors import StoreError
from eval.metrics import WrittenTitle
from eval.store import Answer, Store, answer_key, writing

FULL = Answer(
    "k1",
    "q1",
    3,
    ("alien", "up"),
    (WrittenTitle("Alien", "alien"), WrittenTitle("Dune", None)),
    ("Heat",),
    (True, False),
    2,
    True,
    Usage(10, 5, 2),
    12.5,
    300.0,
    None,
    {"recommend/zero_shot": "abc"},
)
TRACE = ({"stage": "generate", "outputs": {"text": "1. Alien\n2. Dune\u2028\ud800"}},)


def reopened(folder):
    return Store(folder)


def without_place(answer):
    return Answer.from_json(answer.to_json())


@pytest.mark.parametrize(
    "answer",
    [FULL, Answer("k2", "q2", 0), Answer("k3", "q3", 0, titles=()), Answer("k4", "q4", 0, error="no prompt")],
)
def test_answers_come_back_as_they_were(tmp_path, answer):
    store = Store(tmp_path)
    store.add(answer, TRACE)
    store.close()
    found = reopened(tmp_path)[answer.key]
    assert without_place(found) == answer
    assert reopened(tmp_path).detail(found)[0]["stage"] == "generate"


def test_no_titles_and_no_text_differ(tmp_path):
    assert without_place(Answer("k", "q", 0, titles=())).titles == ()
    assert without_place(Answer("k", "q", 0)).titles is None


def test_the_first_answer_stays(tmp_path):
    store = Store(tmp_path)
    store.add(Answer("k", "q", 0, ("a",)))
    assert store.add(Answer("k", "q", 0, ("b",))).ranked == ("a",)
    store.close()
    assert reopened(tmp_path)["k"].ranked == ("a",)
    assert len((tmp_path / "answers" / "000001.jsonl").read_text().splitlines()) == 1


def test_each_writer_has_a_segment_of_its_own(tmp_path):
    for number in range(3):
        store = Store(tmp_path)
        store.add(Answer(f"k{number}", "q", 0))
        store.close()
    assert sorted(p.name for p in (tmp_path / "answers").iterdir()) == [
        "000001.jsonl",
        "000002.jsonl",
        "000003.jsonl",
    ]
    assert len(reopened(tmp_path)) == 3


def test_nothing_is_written_before_the_first_answer(tmp_path):
    Store(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_a_line_that_was_cut_off_is_made_again(tmp_path, cut):
    store = Store(tmp_path)
    store.add(Answer("k1", "q1", 0, ("a",)))
    store.add(Answer("k2", "q2", 0, ("b",)))
    store.close()
    segment = tmp_path / "answers" / "000001.jsonl"
    segment.write_bytes(segment.read_bytes()[:-cut])
    store = reopened(tmp_path)
    assert ("k1" in store, "k2" in store) == (True, False)
    store.add(Answer("k2", "q2", 0, ("b",)))
    store.close()
    assert reopened(tmp_path)["k2"].ranked == ("b",)


def test_a_damaged_line_is_named(tmp_path):
    store = Store(tmp_path)
    store.add(Answer("k1", "q1", 0))
    store.add(Answer("k2", "q2", 0))
    store.close()
    segment = tmp_path / "answers" / "000001.jsonl"
    segment.write_bytes(b"xx" + segment.read_bytes())
    with pytest.raises(StoreError, match=r"000001\.jsonl:1"):
        reopened(tmp_path)


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    """The disk takes half a line and then no more: what is whole stays, the rest is made again."""
    store = Store(tmp_path)
    store.add(Answer("k1", "q1", 0))
    write, calls = os.write, []

    def full(descriptor, data):
        calls.append(data)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError, match="disk is full"):
        store.add(Answer("k2", "q2", 0))
    monkeypatch.undo()
    store.add(Answer("k2", "q2", 0))
    store.close()
    assert sorted(reopened(tmp_path)._answers) == ["k1", "k2"]


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
        "import sys; from pathlib import Path; from eval.store import Answer, Store\n"
        "store = Store(Path(sys.argv[1])); trace = [{'text': 'x' * 20000}]\n"
        "for i in range(10**6):\n"
        "    store.add(Answer(f'k{i}', 'q', 0), trace); print(i, flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        for _ in range(50):
            other.stdout.readline()
        other.send_signal(signal.SIGKILL)
        said = other.stdout.read().splitlines()
    told = int(said[-1]) if said and said[-1].isdecimal() else 49
    store = reopened(tmp_path)
    assert all(f"k{i}" in store for i in range(told))
    assert len(store) <= told + 2


def test_lines_are_plain_json(tmp_path):
    store = Store(tmp_path)
    store.add(FULL, TRACE)
    store.close()
    record = json.loads((tmp_path / "answers" / "000001.jsonl").read_text())
    assert record["answer"]["ranked"] == ["alien", "up"]
