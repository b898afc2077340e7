from __future__ import annotations

import pytest
from report_cases import cell, interval, run_of

from eval.errors import ResultsError
from eval.report.board import boards
from eval.report.notes import board_notes, difference, standings, value_with_interval

BASE = cell("base", 0.1)
UP = cell("up", 0.2, comparison=(0.1, 0.01))
DOWN = cell("down", 0.05, comparison=(-0.05, 0.05))
OPEN = cell("open", 0.12, comparison=(0.02, 0.051))
FLOOR = cell("popularity", 0.15, kind="floor", comparison=(0.05, 0.2))


def board(*cells, **fields):
    return boards(run_of(*cells, **fields))[0]


def test_best_first_floors_among_them_and_cells_without_a_value_last() -> None:
    found = board(cell("none", None), BASE, UP, FLOOR, DOWN)
    assert [line.cell.label for line in found.lines] == ["up", "popularity", "base", "down", "none"]
    assert found.best(found.systems).cell is UP
    assert found.best(found.floors).cell is FLOOR


def test_a_metric_that_is_better_when_lower_puts_the_lowest_first() -> None:
    cells = [
        cell(name, measurements={"turns_to_success": interval(value)}, comparisons={})
        for name, value in (("slow", 4.0), ("quick", 2.0))
    ]
    assert [line.cell.label for line in board(*cells).lines] == ["quick", "slow"]


def test_a_mark_only_where_the_corrected_test_decides() -> None:
    found = board(BASE, UP, DOWN, OPEN, baseline="base")
    marks = {line.cell.label: (line.figures[0].standing, line.figures[0].mark) for line in found.lines}
    assert marks == {
        "up": ("better", "▲"),
        "open": ("undecided", ""),
        "base": ("baseline", ""),
        "down": ("worse", "▼"),
    }
    assert standings(found) == {"better": 1, "undecided": 1, "worse": 1}


def test_lower_is_better_turns_the_marks_round() -> None:
    worse = cell("slow", comparison=None)
    comparison = UP.comparisons["recall@10"]
    measured = {"turns_to_success": interval(3.0)}
    slow = cell("slow", measurements=measured, comparisons={"turns_to_success": comparison})
    assert board(slow).lines[0].figures[0].standing == "worse"
    neither = cell("far", measurements={"novelty@10": interval(9.0)}, comparisons={"novelty@10": comparison})
    assert board(neither).lines[0].figures[0].mark == "≠"
    assert board(worse).lines[0].figures[0].standing == "untested"


def test_columns_are_the_measures_of_accuracy_then_diversity() -> None:
    names = ("embedding_distance@10", "recall@50", "ndcg@10", "recall@10", "recall@1", "mrr@10")
    found = board(cell("a", measurements={name: interval(0.1) for name in names}))
    assert found.metrics == ("recall@10", "ndcg@10", "recall@1", "embedding_distance@10")
    odd = board(cell("a", measurements={"prompt_tokens": interval(7), "list_length": interval(3)}))
    assert odd.metrics == ("prompt_tokens", "list_length")


def test_columns_of_choices_are_theirs_alone() -> None:
    measured = {name: interval(0.5) for name in ("recall@10", "auc", "accuracy", "embedding_distance@10")}
    assert board(cell("a", measurements=measured)).metrics == ("accuracy", "auc")


def test_metrics_that_were_asked_for() -> None:
    run = run_of(BASE, UP)
    assert boards(run, ["recall@10", "ndcg@10"])[0].metrics == ("recall@10",)
    with pytest.raises(ResultsError, match=r"'toys': no cell has measured ndcg@10\. There are: recall@10"):
        boards(run, ["ndcg@10"])
    with pytest.raises(ResultsError, match="the run has no cells"):
        boards(run_of())


def test_one_board_a_data_set() -> None:
    run = run_of(cell("a", dataset="one"), cell("b", dataset="two"), baseline="b")
    one, two = boards(run)
    assert (one.dataset.name, one.baseline, two.baseline.name) == ("one", None, "b")


def test_sentences() -> None:
    found = board(BASE, UP, cell("late", 0.1, failures={"Timeout": 2}, notes=("slow",)), baseline="base")
    assert value_with_interval(found, found.lines[0]) == ".200 (95% interval .180 to .220)"
    assert difference(found.lines[0]) == "+.100 (+.080 to +.120), p = .010"
    assert difference(found.lines[1]) == ""
    assert board_notes(found) == [
        "Intervals hold 95%, by bootstrap over dialogues or users.",
        "▲ better, ▼ worse than base: paired randomisation test, p ≤ .05 after Holm. No mark: not decided.",
        "Detects: the smallest difference in recall@10 that 80% of such runs find, .030.",
        "Failed, counted as 0: 2 × Timeout.",
        "late: slow",
    ]
