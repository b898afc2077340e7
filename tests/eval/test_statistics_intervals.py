from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eval.errors import StatisticsError
from eval.statistics import Interval, mean_intervals, quantile_interval
from eval.statistics.clusters import cluster_sums, draws

RNG = np.random.default_rng(11)


def clustered(clusters: int, columns: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Skewed values with mean 1, strongly alike within clusters of 1 to 5 rows."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(clusters), rng.integers(1, 6, clusters))
    shared = rng.gamma(2, 0.5, (clusters, columns))[labels]
    return shared * rng.uniform(0.5, 1.5, (len(labels), columns)), labels


def test_cluster_sums_and_standard_error_by_hand():
    data = cluster_sums(np.array([1.0, 3.0, 2.0, np.nan, 6.0]), ["x", "x", "y", "y", "z"])
    assert data.sums.ravel().tolist() == [4, 2, 6]
    assert data.sizes.ravel().tolist() == [2, 1, 1]
    assert data.means.tolist() == [3]
    # S_c - n_c * 3 = -2, -1, 3; sqrt(3/2 * 14) / 4
    assert data.standard_errors == pytest.approx([np.sqrt(21) / 4])


def test_standard_error_of_single_rows_is_the_textbook_one():
    values = RNG.normal(size=50)
    assert cluster_sums(values, np.arange(50)).standard_errors == pytest.approx([stats.sem(values)])


def test_intervals_of_normal_values_agree_with_theory():
    values = RNG.normal(3, 2, 400)
    expected = stats.norm.interval(0.9, values.mean(), stats.sem(values))
    for method in ("bca", "percentile"):
        (found,) = mean_intervals(values, np.arange(400), level=0.9, method=method, resamples=4000)
        assert (found.low, found.high) == pytest.approx(expected, abs=0.02)
        assert (found.value, found.n, found.clusters) == (pytest.approx(values.mean()), 400, 400)


def test_bca_equals_scipy_on_the_same_resamples():
    values, labels = clustered(25, 1, seed=5)
    data = cluster_sums(values, labels)
    replicates = np.concatenate([c @ data.sums / (c @ data.sizes) for c in draws(25, 500, 1, seed=8)])[:, 0]
    # 25 clusters widen the interval to one of this confidence
    level = 2 * stats.norm.cdf(np.sqrt(25 / 24) * stats.t.ppf(0.975, 24)) - 1
    theirs = stats.bootstrap(
        (data.sums[:, 0], data.sizes[:, 0]),
        lambda s, n, axis: s.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        method="BCa",
        confidence_level=level,
        n_resamples=0,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=replicates),
    ).confidence_interval
    (ours,) = mean_intervals(values, labels, resamples=500, seed=8)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_intervals_cover_the_truth(method):
    """1,000 samples, each a column: 95% intervals must hold the true mean 93-97% of the time."""
    values, labels = clustered(150, 1000, seed=1)
    found = mean_intervals(values, labels, method=method, resamples=1000)
    covered = np.mean([i.low <= 1 <= i.high for i in found])
    assert 0.93 <= covered <= 0.97


def test_ignoring_the_clusters_would_not_cover_it():
    values, labels = clustered(150, 300, seed=1)
    found = mean_intervals(values, np.arange(len(labels)), resamples=500)
    assert np.mean([i.low <= 1 <= i.high for i in found]) < 0.9


def test_repeating_the_rows_of_a_cluster_adds_no_certainty():
    values, labels = clustered(40, 2, seed=2)
    once = mean_intervals(values, labels)
    twice = mean_intervals(np.repeat(values, 2, axis=0), np.repeat(labels, 2))
    for a, b in zip(once, twice, strict=True):
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))


def test_missing_values_are_left_out():
    values = np.array([1.0, 2.0, np.nan, 4.0, np.nan])
    (found,) = mean_intervals(values, list("aabbc"))
    assert (found.value, found.n, found.clusters) == (7 / 3, 3, 2)
    (none,) = mean_intervals(np.full(3, np.nan), list("abc"))
    assert none == Interval(None, None, None, 0, 0)


def test_one_cluster_has_no_interval():
    assert mean_intervals(np.array([1.0, 2.0]), ["a", "a"]) == (Interval(1.5, None, None, 2, 1),)
    assert quantile_interval(np.array([1.0, 2.0]), ["a", "a"], 0.5) == Interval(1, None, None, 2, 1)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 5)), min_size=2, max_size=30),
    st.floats(-3, 3),
    st.floats(0.1, 5),
)
def test_intervals_move_with_the_values(pairs, shift, scale):
    values, labels = np.array([v for v, _ in pairs]), [c for _, c in pairs]
    (plain,) = mean_intervals(values, labels, method="percentile", resamples=200)
    (moved,) = mean_intervals(values * scale + shift, labels, method="percentile", resamples=200)
    assert moved.value == pytest.approx(plain.value * scale + shift, abs=1e-9)
    if plain.low is not None:
        assert plain.low - 1e-9 <= plain.high
        assert (moved.low, moved.high) == pytest.approx(
            (plain.low * scale + shift, plain.high * scale + shift)
        )


def test_values_all_alike_have_no_width():
    (found,) = mean_intervals(np.full(30, 0.1), np.arange(30) // 3)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))


def test_the_order_of_rows_and_the_company_of_other_columns_change_nothing():
    values, labels = clustered(30, 3, seed=4)
    values[RNG.random(values.shape) < 0.1] = np.nan
    together = mean_intervals(values, labels)
    mixed = RNG.permutation(len(labels))
    alone = [mean_intervals(values[mixed, j], labels[mixed])[0] for j in range(3)]
    for a, b in zip(together, alone, strict=True):
        assert a.value == b.value
        assert (a.low, a.high) == pytest.approx((b.low, b.high), rel=1e-12)


def test_the_seed_decides():
    values, labels = clustered(30, 1, seed=4)
    assert mean_intervals(values, labels, seed=1) == mean_intervals(values, labels, seed=1)
    assert mean_intervals(values, labels, seed=1) != mean_intervals(values, labels, seed=2)


@pytest.mark.parametrize("quantile", [0, 0.5, 0.95, 1])
def test_quantile_interval_is_that_of_the_repeated_rows(quantile):
    values, labels = clustered(12, 1, seed=6)
    values[3] = np.nan
    found = quantile_interval(values, labels, quantile, resamples=100, seed=3)

    def by_repeating(counts):
        repeated = np.repeat(values[:, 0], counts[labels].astype(int))
        return np.quantile(repeated[np.isfinite(repeated)], quantile, method="inverted_cdf")

    z = np.sqrt(12 / 11) * stats.t.ppf(0.975, 11)
    tails = stats.norm.cdf([-z, z])
    replicates = [by_repeating(c) for chunk in draws(12, 100, 1, seed=3) for c in chunk]
    assert found.value == by_repeating(np.ones(12))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(replicates, tails)))


def test_quantile_of_nothing():
    assert quantile_interval(np.array([np.nan]), ["a"], 0.5) == Interval(None, None, None, 0, 0)


def test_median_interval_covers_the_truth():
    rng = np.random.default_rng(9)
    found = [
        quantile_interval(rng.exponential(size=100), np.arange(100), 0.5, resamples=300) for _ in range(300)
    ]
    assert 0.91 <= np.mean([i.low <= np.log(2) <= i.high for i in found]) <= 0.98


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_intervals(np.array([]), []), "at least one row"),
        (lambda: mean_intervals(np.ones(3), ["a"]), "1 cluster names for 3 rows"),
        (lambda: mean_intervals(np.array([1, np.inf]), ["a", "b"]), "infinite"),
        (lambda: mean_intervals(np.ones(1), ["a"], level=95), "95 is no confidence level"),
        (lambda: mean_intervals(np.ones(1), ["a"], resamples=0), "0 resamples"),
        (lambda: mean_intervals(np.ones(1), ["a"], method="t"), "no method 't'"),
        (lambda: quantile_interval(np.ones(1), ["a"], 95), "95 is no quantile"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(StatisticsError, match=message):
        call()
