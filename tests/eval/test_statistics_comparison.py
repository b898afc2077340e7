import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eval.errors import StatisticsError
from eval.statistics import compare, holm, sign_flip_test, smallest_detectable_differences, spread

RNG = np.random.default_rng(21)


def clustered_noise(clusters: int, columns: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Differences with mean 0: what rows of a cluster share, plus noise of their own."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(clusters), rng.integers(1, 6, clusters))
    shared = rng.normal(size=(clusters, columns))[labels]
    return shared + rng.laplace(size=(len(labels), columns)), labels


def test_sign_flips_by_hand():
    # Of the eight patterns only +++ and --- give |6|, none gives more: half of 2/8.
    assert sign_flip_test(np.array([1.0, 2.0, 3.0]), list("abc")) == pytest.approx([1 / 8])
    # Sums of clusters 3 and 3: ++ and -- give 6.
    assert sign_flip_test(np.array([1.0, 2.0, 3.0]), list("aab")) == pytest.approx([1 / 4])
    # |1 - 2 + 3| = 2 with its mirror counts half; 6 and 4 with their mirrors are greater, 0 is not.
    assert sign_flip_test(np.array([1.0, -2.0, 3.0]), list("abc")) == pytest.approx([(4 + 1) / 8])


def test_no_difference_at_all():
    assert sign_flip_test(np.zeros(5), list("abcde")).tolist() == [1]
    assert np.isnan(sign_flip_test(np.full(2, np.nan), list("ab"))).all()


@pytest.mark.parametrize("clusters", [6, 12])
def test_sign_flips_equal_scipy(clusters):
    values = RNG.normal(0.4, 1, clusters)
    theirs = stats.permutation_test((values,), np.sum, permutation_type="samples", n_resamples=2**12)
    # Of the patterns that scipy counts, the one seen and its mirror count half.
    assert sign_flip_test(values, np.arange(clusters)) == pytest.approx([theirs.pvalue - 1 / 2**clusters])


def test_sign_flips_agree_with_the_t_test_on_many_normal_values():
    values = RNG.normal(0.12, 1, 300)
    expected = stats.ttest_1samp(values, 0).pvalue
    assert sign_flip_test(values, np.arange(300), resamples=20_000) == pytest.approx([expected], abs=0.01)


def test_false_positives_are_as_rare_as_promised():
    """1,000 samples without a difference, each a column: 4-6% have p < .05."""
    values, labels = clustered_noise(60, 1000, seed=1)
    p = sign_flip_test(values, labels, resamples=2000)
    assert 0.04 <= np.mean(p < 0.05) <= 0.06


@pytest.mark.parametrize("chance", [0.1, 0.3])
def test_false_positives_of_hits_and_misses(chance):
    """Sums of hits often tie, which must not make the test timid: 4,000 samples of 150 dialogues."""
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(150), rng.integers(1, 4, 150))
    luck = rng.beta(4 * chance, 4 * (1 - chance), (150, 4000))[labels]
    one, other = ((rng.random(luck.shape) < luck).astype(float) for _ in range(2))
    assert 0.04 <= np.mean(sign_flip_test(one - other, labels, resamples=500) < 0.05) <= 0.06


def test_ignoring_the_clusters_would_find_too_much():
    values, labels = clustered_noise(60, 300, seed=1)
    assert np.mean(sign_flip_test(values, np.arange(len(labels)), resamples=1000) < 0.05) > 0.1


def test_a_detectable_difference_is_detected_four_times_in_five():
    noise = np.random.default_rng(2).normal(size=(40, 1000))
    detectable = smallest_detectable_differences(noise, np.arange(40))
    assert detectable == pytest.approx((stats.t.ppf(0.975, 39) + stats.t.ppf(0.8, 39)) * stats.sem(noise))
    p = sign_flip_test(noise + detectable.mean(), np.arange(40), resamples=2000)
    assert np.mean(p < 0.05) == pytest.approx(0.8, abs=0.04)


def test_nothing_detectable_is_told_from_one_cluster_or_no_variation():
    found = smallest_detectable_differences(np.array([[1.0, 0.0, np.nan], [2.0, 0.0, np.nan]]), ["a", "a"])
    assert np.isnan(found).all()
    assert np.isnan(smallest_detectable_differences(np.zeros(9), np.arange(9))).all()


def test_power_and_alpha_are_checked():
    with pytest.raises(StatisticsError, match="power 80"):
        smallest_detectable_differences(np.ones(2), ["a", "b"], power=80)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.5, np.nan, 0.9]), [1, np.nan, 1])
    assert holm([]).tolist() == []


def test_holm_refuses_what_is_no_p_value():
    with pytest.raises(StatisticsError, match="between 0 and 1"):
        holm([0.2, 1.5])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_the_raw_values_and_bonferroni(p):
    adjusted = holm(p)
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= np.minimum(np.array(p) * len(p), 1)).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


def test_comparison_with_a_baseline():
    labels = np.repeat(np.arange(100), 2)
    base = RNG.random(200)
    systems = {
        "same": base,
        "baseline": base,
        "better": base + 0.2 + 0.1 * RNG.normal(size=200),
        "noisy": RNG.permutation(base),
    }
    found = compare(systems, "baseline", labels, resamples=1000)
    assert list(found) == ["same", "better", "noisy"]
    assert (found["same"].p, found["same"].detectable) == (1, None)
    better = found["better"]
    assert better.difference.value == pytest.approx(0.2, abs=0.03)
    assert better.difference.low < better.difference.value < better.difference.high
    assert better.p == pytest.approx(1 / 1001)
    assert better.adjusted_p == pytest.approx(3 / 1001)
    assert better.detectable < 0.03 < found["noisy"].detectable
    assert found["noisy"].adjusted_p > 0.05


def test_p_values_do_not_depend_on_who_else_is_compared():
    values, labels = clustered_noise(40, 3, seed=3)
    base, a, b = values.T
    pair = compare({"base": base, "a": a}, "base", labels)
    three = compare({"base": base, "a": a, "b": b}, "base", labels)
    assert pair["a"].p == three["a"].p


def test_comparing_needs_the_baseline_and_the_same_rows():
    with pytest.raises(StatisticsError, match=r"no row .floor. to compare with\. There are: a, b"):
        compare({"a": np.ones(2), "b": np.ones(2)}, "floor", ["x", "y"])
    with pytest.raises(StatisticsError, match="different numbers of rows"):
        compare({"a": np.ones(2), "b": np.ones(3)}, "a", ["x", "y"])
    assert compare({"a": np.ones(2)}, "a", ["x", "y"]) == {}


def test_spread_by_hand():
    found = spread(np.array([[0.0, 1.0, 0.5], [1.0, 1.0, 1.0], [0.0, np.nan, 1.0], [np.nan, 1.0, np.nan]]))
    # Rows one and two are whole: means 0.5, 1, 0.75
    assert (found.mean, found.low, found.high, found.sd) == (0.75, 0.5, 1, 0.25)
    assert found.within_sd == (0.5 + 0) / 2
    assert (found.rows, found.variants) == (2, 3)


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=10),
    st.permutations(range(3)),
)
def test_spread_does_not_depend_on_the_order_of_variants(table, order):
    one, other = spread(np.array(table)), spread(np.array(table)[:, order])
    assert one.within_sd == pytest.approx(other.within_sd, abs=1e-12)
    assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-12)
    assert one.low - 1e-12 <= one.mean <= one.high + 1e-12


def test_spread_of_too_little():
    with pytest.raises(StatisticsError, match="two variants"):
        spread(np.ones((4, 1)))
    with pytest.raises(StatisticsError, match="infinite"):
        spread(np.array([[1, np.inf]]))
    assert spread(np.array([[np.nan, 1.0]])).within_sd is None
