"""The record of a run goes to JSON and back unchanged."""

import json

import pytest
from run_records import cell, run

from eval.errors import ResultsError
from eval.results import RunResult


def test_round_trip(tmp_path):
    made = run(cell(), cell("films: random", kind="floor"))
    made.save(tmp_path / "results.json")
    assert RunResult.load(tmp_path) == made
    assert RunResult.load(tmp_path / "results.json") == made
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_cells_by_id_and_label():
    made = run(cell(), cell("films: random", kind="floor"))
    assert made.cell("random") is made.cell("films: random") is made.cells[1]
    with pytest.raises(ResultsError, match="'films: none \\+ fast', 'films: random'"):
        made.cell("best")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "no record of a run"),
        ('{"a": 1}', "no record of a run"),
        ('{"cells": [], "format": 99}', "format 99"),
        ('{"cells": 7, "format": 1}', "results.json"),
    ],
)
def test_broken_records(tmp_path, text, said):
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(ResultsError, match=said):
        RunResult.load(path)


def test_a_missing_record_says_how_to_make_it(tmp_path):
    with pytest.raises(ResultsError, match="groundrec eval"):
        RunResult.load(tmp_path)


def test_json_is_json():
    assert json.loads(json.dumps(run(cell()).to_json()))["cells"][0]["rows"]["values"]["recall@10"] == [
        1,
        0,
        0,
        1,
    ]
