import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics_cases import row, rows, value, values

from eval.errors import MetricError
from eval.metrics import ir_measure, measure

# Hits at ranks 2 and 4; the third target is in no catalog.
TWO_OF_THREE = row("abcd", targets=("b", "d", "elsewhere"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("recall@1", 0),
        ("recall@2", 1 / 3),
        ("recall@5", 2 / 3),
        ("hit_rate@1", 0),
        ("hit_rate@5", 1),
        ("mrr@1", 0),
        ("mrr@5", 0.5),
        # (1/log2 3 + 1/log2 5) / (1 + 1/log2 3 + 1/2) = 1.061606 / 2.130930
        ("ndcg@5", 0.4981890),
        # Only two ranks to fill: (1/log2 3) / (1 + 1/log2 3)
        ("ndcg@2", 0.3868528),
    ],
)
def test_by_hand(name, expected):
    assert value(name, TWO_OF_THREE) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["recall@10", "ndcg@10", "mrr@10", "hit_rate@10"])
def test_failed_and_empty_rows_score_zero_and_rows_without_targets_nothing(name):
    failed, empty, no_target = row("b", "b", failed=True), row("", "b"), row("b")
    assert values(name, failed, empty) == [0, 0]
    assert np.isnan(value(name, no_target))


def test_a_target_named_twice_counts_once():
    assert value("recall@5", row("b", "bb")) == 1


lists = st.lists(st.sampled_from("abcdef"), unique=True)


@settings(deadline=None)
@given(st.lists(st.tuples(lists, lists.filter(bool), st.booleans()), min_size=1, max_size=8))
def test_equal_to_ir_measures(cases):
    table = rows(*[row(r, t, row_id=f"{i}", failed=f) for i, (r, t, f) in enumerate(cases)])
    theirs = {"recall": "R", "ndcg": "nDCG", "mrr": "RR", "hit_rate": "Success"}
    for ours, name in theirs.items():
        for k in (1, 3, 5):
            expected = ir_measure(table, f"{name}@{k}")
            np.testing.assert_allclose(
                measure(table, [f"{ours}@{k}"])[f"{ours}@{k}"].values, expected, atol=1e-12
            )


def test_other_measures_of_ir_measures():
    # Precision at the two hits: 1/2 and 2/4, over three targets.
    assert value("ir:AP@10", TWO_OF_THREE) == pytest.approx(1 / 3)
    assert measure(rows(TWO_OF_THREE), ["ir:P@5"])["ir:P@5"].value == pytest.approx(2 / 5)


def test_ir_measures_over_empty_lists_and_no_targets():
    assert value("ir:AP@10", row("", "b")) == 0
    assert np.isnan(value("ir:AP@10", row("b")))


@pytest.mark.parametrize("name", ["ir:Nonsense@3", "ir:R@", "ir:("])
def test_unknown_ir_measure(name):
    with pytest.raises(MetricError, match="ir-measures cannot compute"):
        measure(rows(TWO_OF_THREE), [name])


@pytest.mark.parametrize(
    ("ranked", "targets", "accuracy", "auc"),
    [
        ("bacd", "b", 1, 1),
        ("abcd", "b", 0, 2 / 3),
        ("ab", "b", 0, 2 / 3),  # c and d are left out: last
        ("a", "b", 0, 1 / 3),  # b ties with c and d, a is before it: (0 + 1/2 + 1/2) / 3
        ("", "b", 0, 0.5),
        ("acbd", "ab", 1, 3 / 4),  # a beats c and d, b beats d
    ],
)
def test_choice_by_hand(ranked, targets, accuracy, auc):
    chosen = row(ranked, targets, options="abcd")
    assert value("accuracy", chosen) == accuracy
    assert value("auc", chosen) == pytest.approx(auc)


def test_choice_failures_score_zero_and_other_rows_nothing():
    failed = row("b", "b", options="abcd", failed=True)
    assert [value("accuracy", failed), value("auc", failed)] == [0, 0]
    assert np.isnan([value("accuracy", row("b", "b")), value("auc", row("b", "b"))]).all()
    assert np.isnan(value("auc", row("b", "ab", options="ab")))
