import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_cases import CATALOG, VECTORS, row, rows, value, values

from eval.errors import MetricError
from eval.metrics import ItemFacts, Rows, measure, slices, without_used_targets


def test_coverage_is_over_all_lists():
    assert values("coverage@2", row("abf"), row("ac"), row("")) == [3 / 6]
    assert values("coverage@2", row("")) == [0]


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        # Counts 0 0 0 1 1 2, weights -5 -3 -1 1 3 5: (1 + 3 + 10) / (4 * 5)
        (("abf", "ac"), 0.7),
        (("a", "a"), 1),
        (("ab", "cd", "ef"), 0),
    ],
)
def test_gini(lists, expected):
    assert values("gini@2", *map(row, lists)) == pytest.approx([expected])


def test_gini_of_nothing():
    assert np.isnan(values("gini@2", row(""))).all()


def test_popularity_novelty_and_percentile():
    listed = row("abe")
    assert value("popularity@2", listed) == 5
    # Ascending mean ranks: e f 1.5, d 3, b c 4.5, a 6; 100 (r - 1/2) / 6.
    assert value("popularity_percentile@2", listed) == pytest.approx((91.666667 + 66.666667) / 2)
    # p(a) = 8/20, p(b) = 4/20
    assert value("novelty@2", listed) == pytest.approx((1.3219281 + 2.3219281) / 2)
    # p(e) = 1/20: an item never used is finite
    assert value("novelty@5", row("e")) == pytest.approx(4.3219281)


def test_popularity_is_that_of_the_memory_given():
    items = ItemFacts.of(CATALOG, counts={"b": 9})
    found = measure(Rows([row("ab")], items), ["popularity@10"])
    assert found["popularity@10"].value == 4.5


@pytest.mark.parametrize(
    ("history", "k", "expected"),
    [
        ("", 2, 1),  # popular: a b; both hits are beyond them
        ("a", 2, 1 / 2),  # popular: b c; c is among them
        ("ab", 2, 0),  # popular: c d
        ("", 3, 1 / 3),  # popular: a b c
    ],
)
def test_serendipity(history, k, expected):
    assert value(f"serendipity@{k}", row("dca", "dc", history=history)) == pytest.approx(expected)


def test_serendipity_needs_targets_and_punishes_failure():
    assert np.isnan(value("serendipity@2", row("d")))
    assert value("serendipity@2", row("d", "d", failed=True)) == 0


def test_embedding_distance():
    # cos: ab 0, ac and bc 1/sqrt 2; e has no vector
    assert value("embedding_distance@4", row("abec")) == pytest.approx(1 - np.sqrt(2) / 3)
    assert value("embedding_distance@2", row("ad")) == pytest.approx(2)
    assert value("embedding_distance@2", row("bf")) == pytest.approx(0)
    assert np.isnan(value("embedding_distance@2", row("aeb")))


def test_embedding_distance_without_embeddings():
    found = measure(Rows([row("ab")], ItemFacts.of(CATALOG)), ["embedding_distance@10"])
    assert found["embedding_distance@10"].n == 0


def test_category_distance():
    # ab share one of 1 and 2: 1 - 1/sqrt 2; ac and bc nothing; e has none
    assert value("category_distance@4", row("abec")) == pytest.approx((3 - np.sqrt(0.5)) / 3)
    assert np.isnan(value("category_distance@10", row("ae")))


@given(st.lists(st.sampled_from("abcdef"), unique=True, min_size=2))
def test_distances_equal_the_mean_over_pairs(ranked):
    unit = {i: v / np.linalg.norm(v) for i, v in zip("abcdef", VECTORS, strict=True) if v.any()}
    kept = [unit[i] for i in ranked if i in unit]
    pairs = [1 - kept[i] @ kept[j] for i in range(len(kept)) for j in range(i)]
    found = value("embedding_distance@10", row("".join(ranked)))
    assert found == pytest.approx(np.mean(pairs), abs=1e-12) if pairs else np.isnan(found)


def test_category_coverage():
    whole = len(CATALOG.categories)
    first, both = (len({c for i in ids for c in CATALOG.item(i).categories}) for ids in ("c", "cd"))
    assert value("category_coverage@1", row("cd")) == first / whole
    assert value("category_coverage@2", row("cd")) == both / whole
    assert value("category_coverage@10", row("")) == 0


def test_subtopic_recall():
    assert value("subtopic_recall@2", row("cd", "b")) == 1 / 2
    assert value("subtopic_recall@1", row("cd", "b")) == 0
    assert value("subtopic_recall@10", row("af", "b")) == 1
    assert value("subtopic_recall@10", row("b", "b", failed=True)) == 0
    assert np.isnan(value("subtopic_recall@10", row("b", "e")))


def test_alpha_ndcg():
    listed = row("acbd", "abd")
    # Gains 1, 0, 0.5 + 1, 1 + 0.25: 1 + 1.5/2 + 1.25/log2 5 = 2.288346.
    # Ideal b d a: 2 + 1.5/log2 3 + 0.25/2 = 3.071395.
    assert value("alpha_ndcg@4", listed) == pytest.approx(0.7450510, abs=1e-6)
    assert value("alpha_ndcg@1", listed) == pytest.approx(1 / 2)
    assert value("alpha_ndcg@10", row("bda", "abd")) == pytest.approx(1)


def test_alpha_ndcg_without_hits_or_categories():
    assert value("alpha_ndcg@5", row("c", "b")) == 0
    assert value("alpha_ndcg@5", row("b", "b", failed=True)) == 0
    assert np.isnan(value("alpha_ndcg@5", row("e", "e")))


def test_miscalibration():
    # p: Drama 1/2, Comedy 1/2. q: Drama 3/4, Crime 1/4. q~: Drama .7475, Comedy .005.
    assert value("miscalibration@2", row("ab", history="ace")) == pytest.approx(2.1015217, abs=1e-6)
    assert value("miscalibration@10", row("ac", history="d")) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "record", [row("ab"), row("", history="a"), row("e", history="a"), row("a", history="e")]
)
def test_miscalibration_needs_categories_on_both_sides(record):
    assert np.isnan(value("miscalibration@10", record))


def test_slices():
    table = rows(
        row("", "a", "1"),
        row("", "e", "2", history="abcde"),
        row("", ("f", "elsewhere"), "3", history="abcdef"),
        row("", "ae", "4", history="abcdef", slices=("long",)),
        row("", "", "5", history="abcdef"),
    )
    found = {name: np.flatnonzero(mask).tolist() for name, mask in slices(table).items()}
    assert found == {
        "nothing mentioned": [0],
        "at most 5 interactions": [0, 1],
        "item absent from the memory": [1, 2, 3],
        "long": [3],
    }
    cold = without_used_targets(table)
    assert [(each.id, each.targets) for each in cold] == [
        ("2", ("e",)),
        ("3", ("f", "elsewhere")),
        ("4", ("e",)),
    ]


def test_item_facts_are_checked():
    with pytest.raises(MetricError, match=r"\(5, 2\) for 6 items"):
        ItemFacts.of(CATALOG, embeddings=VECTORS[:5])
    with pytest.raises(MetricError, match="negative"):
        ItemFacts.of(CATALOG, counts={"a": -1})
