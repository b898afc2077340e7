from __future__ import annotations

from report_cases import cell, run_of

from eval.report.board import boards
from eval.report.names import short_names
from eval.report.notes import board_notes


def test_what_all_labels_share_is_left_out() -> None:
    names, shared = short_names(
        [
            "recommend/zero_shot + auto + fast",
            "recommend/diverse + auto + fast",
            "auto + quick",
            "popularity",
            "lm-alone: recommend/diverse + auto + fast",
        ]
    )
    assert list(names.values()) == [
        "zero_shot + fast",
        "diverse + fast",
        "quick",
        "popularity",
        "lm-alone: diverse + fast",
    ]
    assert shared == ("auto",)


def test_folders_stay_where_they_differ() -> None:
    names, _ = short_names(["mine/a + m", "recommend/a + m"])
    assert list(names.values()) == ["mine/a", "recommend/a"]


def test_labels_stay_where_nothing_is_shared_or_names_would_be_ambiguous() -> None:
    for labels in (["a + m"], ["a", "b"], ["x + y", "x + y + z", "z"], ["a + m", "b + m", "a"]):
        assert short_names(labels) == ({label: label for label in labels}, ())


def test_tables_say_what_was_left_out() -> None:
    board = boards(run_of(cell("a + m"), cell("b + m")))[0]
    assert [line.name for line in board.lines] == ["a", "b"]
    assert "Left out of the names, because all share it: m." in board_notes(board)
