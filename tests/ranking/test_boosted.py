"""Boosted trees beside weights: equal to what fitted them, kept as arrays, blind to the order of equals."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from agent.errors import FormatError
from agent.ranking import (
    LIBRARY_SIZE,
    BoostedRanker,
    Choice,
    LogLinearRanker,
    fit_trees,
    library_size,
    load_ranker,
    pool,
)
from agent.ranking.boosted import columns_of
from agent.ranking.trees import Trees
from agent.recommendation import Candidate
from agent.retrieval import PopularitySource, Query

STUMPS = Trees(
    # 1 where the first column is at most 0.5, else 2 or 4 by the second; then 10 for all.
    feature=np.array([0, -1, 1, -1, -1, -1]),
    threshold=np.array([0.5, 0.0, 3.0, 0.0, 0.0, 0.0]),
    left=np.array([1, 0, 3, 0, 0, 0]),
    right=np.array([2, 0, 4, 0, 0, 0]),
    value=np.array([0.0, 1.0, 0.0, 2.0, 4.0, 10.0]),
    roots=np.array([0, 5]),
)


def lists(n=60, candidates=40):
    """The right candidate has the best ``a`` in small libraries and the best ``b`` in great ones."""
    drawn = np.random.default_rng(0)
    found = []
    for i in range(n):
        x = drawn.normal(size=(candidates, 3))
        x[:, 2] = i % 2
        found.append(Choice(x, np.arange(candidates) == x[:, i % 2].argmax(), 1, f"u{i}"))
    return found


def test_rows_go_left_where_at_most_the_threshold():
    x = np.array([[0.5, 9.0], [0.6, 3.0], [0.6, 3.1]])
    assert STUMPS.predict(x).tolist() == [11.0, 12.0, 14.0]
    assert STUMPS.predict(x[:0]).tolist() == []


@pytest.mark.parametrize("leaves", [2, 8, 31])
def test_the_sum_of_the_leaves_is_what_scikit_learn_predicts(leaves):
    drawn = np.random.default_rng(1)
    x = np.round(drawn.normal(size=(3000, 4)), 1)
    y = x[:, 0] * x[:, 1] + drawn.normal(size=3000) > 0.5
    model = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=leaves, random_state=0).fit(x, y)
    trees = Trees.of([grown.nodes for (grown,) in model._predictors])
    trees.check(4)
    seen = np.round(drawn.normal(size=(500, 4)) * 3, 1)
    start = model._baseline_prediction.ravel()
    assert trees.predict(seen) + start == pytest.approx(model.decision_function(seen), abs=1e-6)


def test_trees_see_values_standard_scores_and_ranks():
    columns = columns_of(np.array([[1.0, 7.0], [3.0, 7.0], [3.0, 7.0], [1.0, 7.0]]))
    better = [2, 0, 0, 2]
    assert columns[:, 0].tolist() == [1, 3, 3, 1]
    assert columns[:, 1].tolist() == [-1, 1, 1, -1]
    assert columns[:, 2] == pytest.approx(-np.log(10 + np.array(better)))
    assert columns[:, 3].tolist() == [7] * 4
    # A source that finds all alike has no standard scores.
    assert columns_of(np.ones((3, 2)))[:, 1].tolist() == [0] * 3


def test_what_no_weights_can_say_is_learned_and_the_same_every_time():
    choices = lists()
    ranker = BoostedRanker({}, ("a", "b"), fit_trees(choices))
    for choice in lists(80)[60:]:
        named = dict(zip(("a", "b", LIBRARY_SIZE), choice.features.T, strict=True))
        scores = ranker.score(named, 40)
        assert choice.right[scores.argsort()[::-1][:2]].any()
        # What comes first does not matter.
        turned = {name: values[::-1] for name, values in named.items()}
        assert ranker.score(turned, 40)[::-1] == pytest.approx(scores, abs=1e-12)
    again = fit_trees(choices)
    assert (again.threshold == ranker.trees.threshold).all()
    assert (again.value == ranker.trees.value).all()


def test_trees_are_added_to_the_weights_and_silent_sources_find_all_alike():
    ranker = BoostedRanker({"b": 2.0}, ("a", "b"), replace(STUMPS, roots=np.array([0])))
    # Of the seven columns trees ask the first, a, and the second, b.
    scores = ranker.score({"a": np.array([0.0, 1.0, 1.0]), "b": np.array([1.0, 1.0, 4.0])}, 3)
    assert scores.tolist() == [2 + 1, 2 + 2, 8 + 4]
    assert ranker.score({"a": None, "b": None}, 2).tolist() == [1, 1]
    assert ranker.score({}, 0).tolist() == []
    assert ranker.sources == ("b", "a")


def test_both_kinds_are_kept_and_found_again(tmp_path):
    ranker = BoostedRanker({"b": 2.0}, ("a", "b"), STUMPS, {"users": 7})
    ranker.save(tmp_path / "history.json")
    loaded = load_ranker(tmp_path / "history.json")
    assert isinstance(loaded, BoostedRanker)
    assert (loaded.weights, loaded.features, loaded.provenance) == ({"b": 2.0}, ("a", "b"), {"users": 7})
    said = {"a": np.array([0.0, 1.0]), "b": np.array([4.0, 4.0])}
    assert (loaded.score(said, 2) == ranker.score(said, 2)).all()
    assert json.loads((tmp_path / "history.json").read_text())["users"] == 7
    LogLinearRanker({"a": 1.0}).save(tmp_path / "other.json")
    assert load_ranker(tmp_path / "other.json") == LogLinearRanker({"a": 1.0})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"left": np.array([0, 0, 3, 0, 0, 0])}, "lead nowhere"),
        ({"right": np.array([2, 0, 6, 0, 0, 0])}, "lead nowhere"),
        ({"feature": np.array([7, -1, 1, -1, -1, -1])}, "what is not there"),
        ({"value": np.full(6, np.nan)}, "what is not there"),
        ({"value": np.ones(5)}, "differ in length"),
        ({"roots": np.array([6])}, "no nodes"),
    ],
)
def test_trees_that_lead_nowhere_are_refused(tmp_path, change, said):
    BoostedRanker({"b": 2.0}, ("a", "b"), replace(STUMPS, **change)).save(tmp_path / "history.json")
    with pytest.raises(FormatError, match=said):
        load_ranker(tmp_path / "history.json")


def test_files_that_are_no_rankers_are_refused(tmp_path):
    (tmp_path / "history.npz").write_bytes(b"no arrays")
    with pytest.raises(FormatError, match="damaged"):
        load_ranker(tmp_path / "history.json")
    np.savez(tmp_path / "history.npz", format=np.array(1))
    with pytest.raises(FormatError, match="lacks names"):
        load_ranker(tmp_path / "history.json")


def test_candidates_are_pooled_by_trees_and_the_model_s_list_beside_them(films):
    query = Query("x", used=("heat", "up"), items={"up": 1})
    assert library_size(query) == pytest.approx(np.log(3))
    lists = [
        (Candidate("heat", 1.0, "popularity"), Candidate("up", 0.5, "popularity")),
        (Candidate("up", 1.0, "generated"),),
    ]
    # 1 where the library is of one item at most, else 4.
    by_size = replace(
        STUMPS,
        feature=np.array([3, -1, -1, -1, -1, -1]),
        threshold=np.full(6, np.log(2)),
        value=np.array([0.0, 1.0, 4.0, 0.0, 0.0, 0.0]),
        roots=np.array([0]),
    )
    ranker = BoostedRanker({}, ("popularity",), by_size)
    sources = [PopularitySource(films)]
    fused = pool(lists, ranker, sources, query, films, generated_weight=2.1)
    assert [f.item_id for f in fused] == ["up", "heat"]
    assert [f.score for f in fused] == pytest.approx([4 + 2.1 * 20 / 21, 4.0])
