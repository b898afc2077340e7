from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from report_cases import cell, interval, run_of, simulated_run

from eval.report.answers import questions, stages
from eval.report.board import boards
from eval.report.figures import figure_tables
from eval.report.labels import place_labels, spread_out
from eval.report.panels import by_prompt, by_slice, leaders
from eval.report.scale import Scale, linear, logarithmic
from eval.report.tradeoff import HEIGHT, front, trade_offs
from eval.results import Cost, NamedItem, Sample, Slice
from eval.statistics import Spread


def test_places_on_a_linear_axis() -> None:
    scale = Scale(0.0, 0.2)
    assert [scale.at(v) for v in (0.0, 0.05, 0.2, -1.0, 9.0)] == [0, 25, 100, 0, 100]
    assert Scale(0.0, 0.4).ticks() == (0, 0.1, 0.2, 0.3, 0.4)
    assert Scale(-0.1, 0.31).ticks(3) == (0, 0.2)
    assert Scale(0.42, 0.58).ticks() == (0.45, 0.5, 0.55)


def test_an_axis_starts_at_zero_where_the_values_come_near_it() -> None:
    assert linear([0.02, 0.2], pad=0).low == 0
    assert linear([0.5, 0.6], pad=0).low == 0.5
    assert linear([0.5, 0.6], zero=True, pad=0).low == 0
    assert linear([-0.1, 0.1], pad=0.5) == Scale(-0.2, 0.2)
    assert linear([]).ticks() == (0, 0.2, 0.4, 0.6, 0.8, 1.0)


def test_places_on_a_logarithmic_axis() -> None:
    scale = Scale(1.0, 1000.0, log=True)
    assert [scale.at(v) for v in (1, 10, 1000)] == [0, 33.33, 100]
    assert scale.ticks() == (1, 10, 100, 1000)
    assert Scale(200.0, 700.0, log=True).ticks() == (200, 500)
    narrow = logarithmic([0.0, 20.0, 21.0])
    assert narrow.low < 20
    assert narrow.high > 21
    assert len(narrow.ticks()) == 2


@example([5e-324])
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_every_value_is_on_its_axis_and_ticks_too(values: list[float]) -> None:
    scale = linear(values)
    assert all(scale.low <= value <= scale.high for value in values)
    assert all(0 <= scale.at(tick) <= 100 for tick in scale.ticks())
    assert 1 <= len(scale.ticks()) <= 7


def test_a_front_is_what_nothing_beats_in_both() -> None:
    pairs = [(1, 5), (2, 4), (2, 3), (3, 1), (0, 5), (3, 1)]
    assert [pairs[i] for i in front(pairs)] == [(3, 1), (2, 4), (1, 5)]
    assert front([]) == ()


def test_places_are_spread_no_more_than_they_must() -> None:
    assert spread_out([10, 50], gap=10, low=0, high=100) == [10, 50]
    assert spread_out([50, 52], gap=10, low=0, high=100) == [46, 56]
    assert spread_out([1, 2, 3], gap=10, low=0, high=100) == [0, 10, 20]
    assert spread_out([99, 99], gap=10, low=0, high=100) == [90, 100]
    assert spread_out([5, 5, 5], gap=10, low=0, high=10) == [0, 5, 10]
    assert spread_out([], gap=10, low=0, high=10) == []


@given(st.lists(st.floats(0, 340), max_size=15).map(sorted))
def test_spread_places_keep_their_order_and_distance(wanted: list[float]) -> None:
    places = spread_out(wanted, gap=15, low=8, high=332)
    assert all(b - a >= 15 - 1e-6 for a, b in itertools.pairwise(places))
    assert all(8 - 1e-6 <= place <= 332 + 1e-6 for place in places)


def test_names_stand_right_of_their_points_where_there_is_room() -> None:
    (label,) = place_labels([(50.0, 100.0, "here")], width=400, height=340)
    assert (label.x, label.dx, label.anchor, label.text) == (50, 8, "start", "here")
    (label,) = place_labels([(98.0, 100.0, "here")], width=400, height=340)
    assert label.anchor == "end"
    (label,) = place_labels([(50.0, 100.0, "here")], [(52.0, 100.0)], width=400, height=340)
    assert label.anchor == "end"


def test_a_name_without_room_is_left_out_and_a_long_one_is_cut() -> None:
    crowd = [(50.0, 100.0, f"a name of some length {i}") for i in range(30)]
    assert 0 < len(place_labels(crowd, width=400, height=340)) < 30
    (label,) = place_labels([(0.0, 50.0, "0123456789")], width=400, height=340, limit=5)
    assert label.text == "0123…"


def test_leader_marks_are_on_one_axis_with_the_floors_as_lines() -> None:
    base, best = cell("base", 0.1), cell("best", 0.3, comparison=(0.2, 0.01))
    floors = [cell("popularity", 0.05, kind="floor"), cell("kNN", 0.2, kind="floor")]
    panels = leaders(boards(run_of(base, best, *floors, baseline="base"))[0])
    (column,) = panels.columns
    rows = {row.line.cell.label: row.marks[0] for row in panels.groups[0].rows}
    assert [(line.kind, line.name) for line in column.references] == [
        ("best-floor", "kNN"),
        ("floor", "popularity"),
        ("baseline", "baseline base"),
    ]
    assert rows["kNN"].at == column.references[0].at
    assert rows["base"].at == column.references[2].at
    best_mark = rows["best"]
    assert (best_mark.text, best_mark.sign, best_mark.ends) == (".300", "▲", ".280 to .320")
    # From 0 to .32 and 4% of room beyond: .3 / .3328.
    assert best_mark.at == 90.14


def test_prompts_group_the_systems_with_their_differences() -> None:
    run = simulated_run(rows=20, samples=0)
    board = boards(run)[0]
    panels = by_prompt(board)
    assert {group.name: len(group.rows) for group in panels.groups} == {
        "zero-shot": 3,
        "few-shot": 3,
        "persona": 2,
        "stored outputs": 1,
    }
    assert [column.name for column in panels.columns] == [
        "recall@10",
        "difference from zero-shot · constrained",
    ]
    zero = panels.columns[1].references[0]
    marks = {row.line.cell.label: row.marks[1] for group in panels.groups for row in group.rows}
    assert zero.kind == "zero"
    assert marks["zero-shot · constrained"].text == "baseline"
    assert marks["zero-shot · constrained"].at is None
    assert marks["GPT-4 zero-shot (published)"].at > zero.at
    assert by_prompt(boards(run_of(cell("popularity", kind="floor")))[0]) is None


def test_slices_share_one_axis_and_have_floors_of_their_own() -> None:
    parts = tuple(
        Slice(name, n, {"recall@10": interval(v, 0.0)})
        for name, n, v in (("cold", 7, 0.4), ("empty", 0, 0.0), ("everything", 100, 0.1))
    )
    own = tuple(
        Slice(name, n, {"recall@10": interval(v, 0.0)})
        for name, n, v in (("cold", 7, 0.2), ("empty", 0, 0.0))
    )
    run = run_of(cell("a", 0.1, slices=parts), cell("popularity", 0.05, kind="floor", slices=own))
    panels = by_slice(boards(run)[0])
    assert [(c.name, c.note) for c in panels.columns] == [("all rows", "100 rows"), ("cold", "7 rows")]
    assert [row.marks[1].text for row in panels.groups[0].rows] == [".400", ".200"]
    whole, cold = (column.references[0] for column in panels.columns)
    assert cold.at == pytest.approx(4 * whole.at, abs=0.05)
    assert by_slice(boards(run_of(cell("a")))[0]) is None


def test_trade_offs_against_diversity_and_time() -> None:
    def measured(recall: float | None, distance: float, ms: float):
        values = {"recall@10": recall, "embedding_distance@10": distance, "milliseconds_p50": ms}
        return {name: interval(value) for name, value in values.items()}

    cells = [
        cell("quick", measurements=measured(0.1, 0.8, 10.0)),
        cell("good", measurements=measured(0.3, 0.5, 1000.0)),
        cell("beaten", measurements=measured(0.05, 0.4, 2000.0)),
        cell("nothing", measurements=measured(None, 0.4, 2000.0)),
        cell("popularity", measurements=measured(0.2, 0.6, 1.0), kind="floor"),
    ]
    diversity, time = trade_offs(boards(run_of(*cells))[0])
    assert (diversity.key, time.key) == ("diversity", "time")
    on_front = {p.name for p in time.points if p.on_front}
    assert on_front == {"popularity", "good"}
    assert {p.name for p in diversity.points if p.on_front} == {"quick", "popularity", "good"}
    assert diversity.missing == time.missing == ("nothing",)
    places = {p.name: p for p in time.points}
    assert places["quick"].x == pytest.approx(
        (places["popularity"].x + 2 * places["popularity"].x) / 2, abs=40
    )
    assert places["good"].y < places["popularity"].y < HEIGHT
    assert time.rules[0].y == places["popularity"].y
    assert "good (recall@10 .300, milliseconds_p50 1,000)" in time.text
    assert "beaten" not in time.text


def test_no_trade_off_without_a_second_figure() -> None:
    assert trade_offs(boards(run_of(cell("a"), cell("b")))[0]) == ()


def test_stages_share_the_bar_by_their_time() -> None:
    trace = [
        {"stage": "retrieve", "milliseconds": 5, "tokens": {}, "notes": []},
        {
            "stage": "generate",
            "milliseconds": 95.0,
            "tokens": {"prompt": 812, "completion": 40},
            "notes": ["x"],
        },
    ]
    first, second = stages(trace)
    assert (first.start, first.width, first.labelled, first.tokens) == (0, 5, False, "")
    assert (second.start, second.width, second.labelled, second.tokens) == (5, 95, True, "812 + 40")
    assert stages([{"stage": "idle"}])[0].width == 0
    blink = {"stage": "fuse", "milliseconds": 0.1}
    assert [stage.tone for stage in stages([trace[0], blink, trace[1]])] == ["even", "even", "odd"]


def test_answers_to_one_row_stand_together() -> None:
    target = NamedItem("m", "Heat (1995)")
    found = Sample("r1", "d", request="a heist", targets=(NamedItem("m", "Heat (1995)", 3),))
    missed = Sample("r1", "d", request="a heist", targets=(target,))
    failed = Sample("r1", "d", request="a heist", targets=(target,), error="Timeout")
    other = Sample("r2", "d", history=(NamedItem("x", "Ronin (1998)"),))
    run = run_of(
        cell("a", 0.3, samples=(found, other)),
        cell("b", 0.2, samples=(missed,)),
        cell("c", 0.1, samples=(failed,)),
    )
    first, second = questions(boards(run)[0])
    assert (first.headline, first.says) == ("1 of 3 found", "a heist")
    assert [(a.outcome, a.headline) for a in first.answers] == [
        ("found", "rank 3"),
        ("missed", "not in the list"),
        ("failed", "failed"),
    ]
    assert (second.headline, second.says) == ("1 answer", "Ronin (1998)")


def test_of_options_only_the_first_is_right() -> None:
    """All options are ranked, so that a right one is always in the list."""
    first, second = (
        Sample(
            f"r{rank}", "d", targets=(NamedItem("m", "Soup", rank),), values={"accuracy": float(rank == 1)}
        )
        for rank in (1, 2)
    )
    run = run_of(cell("a", measurements={"accuracy": interval(0.5)}, samples=(first, second)))
    answers = [question.answers[0] for question in questions(boards(run)[0])]
    assert [(a.outcome, a.headline) for a in answers] == [("found", "rank 1"), ("missed", "rank 2")]


def test_small_tables_of_cost_and_spread() -> None:
    spread = Spread(0.2, 0.1, 0.3, 0.1, 0.05, 100, 3)
    cost = Cost(milliseconds_p50=12.0, milliseconds_p95=1234.0, peak_megabytes=900.4)
    measured = {
        "recall@10": interval(0.2),
        "prompt_tokens": interval(812.4),
        "completion_tokens": interval(40),
    }
    whole = cell("a", cost=cost, measurements=measured, spreads={"orders": {"recall@10": spread}})
    costs, spreads = figure_tables(boards(run_of(whole, cell("stored", kind="outputs")))[0])
    assert costs.rows == (("a", "12", "1,234", "812", "40.0", "900"),)
    assert spreads.rows == (("a", "orders", "3", ".200", ".100", ".300", ".100", ".050"),)
    assert figure_tables(boards(run_of(cell("a")))[0]) == ()
    (timed,) = figure_tables(boards(run_of(cell("a", cost=cost)))[0])
    assert timed.headers == ("system", "ms p50", "ms p95", "peak MiB"), "without a model there are no tokens"
