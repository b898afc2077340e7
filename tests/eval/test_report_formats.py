from __future__ import annotations

import io
from xml.etree import ElementTree as ET

from report_cases import HOSTILE, LONG, RTL, cell, run_of, simulated_run
from rich.console import Console

from eval.gates import Gate, judge
from eval.report import terminal_report, to_junit, to_markdown
from eval.report.markdown import escape

BASE = cell("base", 0.1)
BEST = cell("best", 0.2, comparison=(0.1, 0.01), failures={"Timeout": 2})
FLOOR = cell("popularity", 0.05, kind="floor", comparison=(-0.05, 0.3))
RUN = run_of(BASE, BEST, FLOOR, baseline="base", notes=("A note.",))


def shown(run, width: int = 100, **fields) -> str:
    console = Console(width=width, file=io.StringIO(), legacy_windows=False)
    console.print(terminal_report(run, **fields))
    return console.file.getvalue()


def test_the_terminal_table() -> None:
    lines = [line.split() for line in shown(RUN).splitlines()]
    assert lines[0] == ["toys:", "100", "rows", "in", "50", "dialogues", "or", "users,", "6,281", "items"]
    assert lines[1] == ["recall@10", "ms", "n", "failed", "detects"]
    assert lines[2] == ["best", ".200▲", ".180–.220", "–", "100", "2", ".030"]
    assert lines[3] == ["base", "base", ".100", ".080–.120", "–", "100", "0", "–"]
    assert lines[4] == ["popularity", "floor", ".050", ".030–.070", "–", "100", "0", ".030"]
    assert lines[-1] == ["A", "note."]


def test_a_hundred_columns_are_enough_and_more_show_more() -> None:
    run = simulated_run(rows=20, samples=0)
    narrow, wide = shown(run), shown(run, 140)
    assert "…" not in narrow
    assert max(map(len, narrow.splitlines())) <= 100
    assert "distance@10" in wide
    assert "distance@10" not in narrow
    assert "GPT-4 zero-shot (published)" in narrow


def test_the_terminal_is_not_steered() -> None:
    text = shown(run_of(cell("\x1b[2J\u202ename [red]x[/]", notes=("a\x07b\nc",))))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[red]x[/]" in text


def test_the_markdown_table() -> None:
    text = to_markdown(RUN)
    assert text.splitlines()[:9] == [
        "# run 1",
        "",
        "> A note.",
        "",
        "## toys\\: 100 rows in 50 dialogues or users, 6,281 items",
        "",
        "| system | recall\\@10 | Δ recall\\@10 | detects | ms | n | failed |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| **best** | .200 ▲ (.180–.220) | +.100 | .030 | – | 100 | 2 |",
    ]
    assert "| *popularity* (floor) | .050 (.030–.070) | −.050 | .030 | – | 100 | 0 |" in text
    assert "revision abc1234, 2026-01-02T03\\:04\\:05Z" in text


def test_markdown_without_a_baseline_compares_nothing() -> None:
    assert "Δ" not in to_markdown(run_of(BASE))


def test_nothing_is_markdown_that_is_text() -> None:
    assert escape("a|b\n*c* [d](e) @f #1 <g>") == "a\\|b \\*c\\* \\[d\\](e) \\@f \\#1 \\<g\\>"
    row = next(line for line in to_markdown(run_of(cell("a|b\nc"))).splitlines() if "a\\|b c" in line)
    assert row.replace("\\|", "").count("|") == 6


def test_a_test_case_for_each_cell_and_gate() -> None:
    dead = cell("dead", 0.0, n=3, failures={"Timeout": 2, "ServerError": 1})
    gates = (Gate("under", "recall@10", 0.15), Gate("over", "recall@10", 0.9))
    run = run_of(BASE, dead)
    root = ET.fromstring(to_junit(run, judge(run, gates, cell="base")).encode())
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    cells, judged = root
    assert (cells.get("name"), cells.get("failures"), judged.get("failures")) == ("toys", "1", "1")
    properties = {p.get("name"): p.get("value") for p in cells[0].iter("property")}
    assert properties == {"n": "100", "failed": "0", "recall@10": "0.1"}
    assert cells[0].find("system-out").text == "recall@10 .100"
    assert cells[1].find("failure").get("message") == "no row has an answer: 3 failures in 3 rows"
    assert cells[1].find("failure").text == "2 × Timeout\n1 × ServerError"
    assert [case.get("name") for case in judged] == ["recall@10 >= 0.15", "recall@10 <= 0.9"]
    assert judged[0].find("failure").get("message") == "recall@10 >= 0.15: 0.1000"
    assert judged[1].find("failure") is None


def test_hostile_names_leave_the_xml_whole() -> None:
    label = f"{HOSTILE}\x00\x1b]]>{LONG}{RTL}"
    root = ET.fromstring(to_junit(run_of(cell(label))).encode())
    name = root[0][0].get("name")
    assert name.startswith(HOSTILE)
    assert "]]>" in name
    assert "\x1b" not in name


def test_the_same_run_gives_the_same_bytes() -> None:
    one, two = simulated_run(rows=20, samples=1), simulated_run(rows=20, samples=1)
    assert to_markdown(one) == to_markdown(two)
    assert to_junit(one) == to_junit(two)
    assert shown(one) == shown(two)
