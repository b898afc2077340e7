"""Gates: what passes, what fails, and what cannot be judged."""

import pytest
from run_records import cell, run

from eval.errors import GateError, ResultsError
from eval.gates import Gate, judge
from eval.results import CellResult, DatasetStamp, RowTable
from eval.statistics import Interval


@pytest.mark.parametrize(
    ("kind", "text", "passed"),
    [
        ("under", "recall@10=.5", True),
        ("under", "recall@10=0.51", False),
        ("over", "recall@10=.5", True),
        ("over", "recall@10=.49", False),
    ],
)
def test_limits(kind, text, passed):
    (verdict,) = judge(run(cell()), [Gate.parse(kind, text)])
    assert verdict.passed is passed


@pytest.mark.parametrize(
    ("before", "limit", "passed"),
    [((1, 1, 0, 1), ".25", True), ((1, 1, 0, 1), ".24", False), ((0, 0, 0, 1), "0", True)],
)
def test_drop(before, limit, passed):
    (verdict,) = judge(run(cell()), [Gate.parse("drop", f"recall@10={limit}")], run(cell(values=before)))
    assert verdict.passed is passed
    assert verdict.baseline == sum(before) / 4


def test_a_drop_of_what_is_better_when_lower_is_a_rise():
    name = "out_of_catalog_rate"
    now, before = Interval(0.3, None, None, 4, 2), Interval(0.2, None, None, 4, 2)
    runs = run(cell(**{name: now})), run(cell(**{name: before}))
    assert not judge(runs[0], [Gate.parse("drop", f"{name}=.05")], runs[1])[0].passed
    assert judge(runs[1], [Gate.parse("drop", f"{name}=.05")], runs[0])[0].passed


def test_the_same_rows_are_compared_in_pairs():
    """Two dialogues, each 0.5 lower in sum: of 4 sign patterns 2 are as extreme, and none more."""
    (verdict,) = judge(
        run(cell(values=(0, 0, 0, 1))), [Gate.parse("drop", "recall@10=1")], run(cell(values=(1, 0, 1, 1)))
    )
    assert verdict.comparison.difference.value == -0.5
    assert verdict.comparison.p == 0.25
    assert str(verdict) == "recall@10 drops at most 1: 0.7500 -> 0.2500 (p = 0.25)"


def test_other_rows_are_not_compared_in_pairs():
    other = cell()
    table = RowTable(("a", "b", "c", "e"), other.rows.clusters, other.rows.values)
    before = CellResult(
        other.id, other.label, "system", other.settings, 4, measurements=other.measurements, rows=table
    )
    (verdict,) = judge(run(cell()), [Gate.parse("drop", "recall@10=1")], run(before))
    assert verdict.comparison is None


def test_floors_are_not_judged_unless_named():
    both = run(cell(), cell("films: random", kind="floor"))
    gate = [Gate.parse("under", "recall@10=0")]
    assert [v.cell for v in judge(both, gate)] == ["films: none + fast"]
    assert [v.cell for v in judge(both, gate, cell="random")] == ["films: random"]


def test_single_cells_of_other_names_are_counterparts():
    gate = [Gate.parse("drop", "recall@10=0")]
    assert judge(run(cell("films: new")), gate, run(cell("films: old")))[0].passed


def test_cells_without_counterpart_are_an_error():
    runs = run(cell("films: a"), cell("films: b")), run(cell("films: a"))
    with pytest.raises(GateError, match=r"no cell 'films: b'.*--against"):
        judge(runs[0], [Gate.parse("drop", "recall@10=0")], runs[1])


def test_other_data_are_an_error():
    old = DatasetStamp("films", "next_item", "0ther", "f00d", 16, 4, 2, "CC0")
    with pytest.raises(GateError, match="other data"):
        judge(run(cell()), [Gate.parse("drop", "recall@10=0")], run(cell(), stamp=old))


@pytest.mark.parametrize("text", ["recall@10", "recall@10=much", "=1", "", "recall@10=1=2", "reccall=1"])
def test_misspelt_gates_are_an_error(text):
    with pytest.raises(GateError):
        Gate.parse("under", text)


def test_what_cannot_be_judged_is_an_error():
    with pytest.raises(GateError, match="there is no baseline"):
        judge(run(cell()), [Gate.parse("drop", "recall@10=0")])
    with pytest.raises(GateError, match=r"no value of 'ndcg@10'.*recall@10"):
        judge(run(cell()), [Gate.parse("under", "ndcg@10=0")])
    with pytest.raises(GateError, match="nothing but floors"):
        judge(run(cell(kind="floor")), [Gate.parse("under", "recall@10=0")])
    with pytest.raises(ResultsError, match="no cell 'x'"):
        judge(run(cell()), [Gate.parse("under", "recall@10=0")], cell="x")
