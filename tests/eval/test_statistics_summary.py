import numpy as np
import pytest
from metrics_cases import row, rows

from eval.metrics import measure, slices
from eval.statistics import Interval, mean_intervals, summarise

TABLE = rows(
    *[
        row(
            "abc",
            "abcdef"[i % 6],
            f"{i:02}",
            cluster=f"{i // 2}",
            milliseconds=float(i),
            history="ab"[: i % 3],
        )
        for i in range(24)
    ]
)
MEASURED = measure(TABLE, ["recall@1", "coverage@10", "milliseconds_p95", "mrr@10", "auc"])


def test_every_measurement_in_its_order():
    found = summarise(MEASURED, TABLE.clusters, resamples=200)
    assert list(found) == list(MEASURED)
    assert found["recall@1"] == mean_intervals(MEASURED["recall@1"].values, TABLE.clusters, resamples=200)[0]
    assert found["recall@1"].value == pytest.approx(4 / 24)
    assert (found["recall@1"].n, found["recall@1"].clusters) == (24, 12)
    assert found["milliseconds_p95"].value == 22
    assert found["milliseconds_p95"].low < 22 <= found["milliseconds_p95"].high
    assert found["coverage@10"] == Interval(0.5, None, None, 24, 12)
    assert found["auc"] == Interval(None, None, None, 0, 0)


def test_values_are_those_of_the_measurements():
    found = summarise(MEASURED, TABLE.clusters, resamples=50)
    assert all(found[n].value == m.value for n, m in MEASURED.items() if m.n)


def test_a_slice():
    cold = slices(TABLE)["nothing mentioned"]
    found = summarise(MEASURED, TABLE.clusters, where=cold, resamples=50)
    assert "coverage@10" not in found
    assert found["mrr@10"].n == 8
    assert found["mrr@10"].value == pytest.approx(np.mean(MEASURED["mrr@10"].values[::3]))


def test_an_empty_slice():
    found = summarise(MEASURED, TABLE.clusters, where=np.zeros(24, dtype=bool))
    assert found["mrr@10"] == Interval(None, None, None, 0, 0)
