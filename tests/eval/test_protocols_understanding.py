import json

import pytest

from agent.understanding import Understanding
from eval.errors import DatasetError
from eval.protocols.understanding import Count, load_labels, scores, total

LINES = [
    {"id": "1", "catalog": "c", "text": "hello", "intents": ["greet"]},
    {"id": "2", "catalog": "c", "text": "boom", "intents": ["thank"], "n": 3},
]


def test_an_utterance_that_breaks_the_understander_is_a_row_without_anything(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in LINES), "utf-8")

    def reader(text, last):
        if text == "boom":
            raise ValueError("it broke")
        return Understanding(text, intents=("greet",))

    found = list(scores(load_labels(path), lambda name: reader))
    assert [line.error for line in found] == [None, "ValueError: it broke"]
    assert total(found, "intents") == Count(1, 2, 2)
    assert total(found, "n") == Count(0, 0, 1)


def test_labels_that_break_the_format_are_named(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({**LINES[0], "locale": "fr"}), "utf-8")
    with pytest.raises(DatasetError, match=r"labels\.jsonl:1:locale: input should be 'en' or 'zh', not 'fr'"):
        load_labels(path)
