"""Dense cold start: closed forms by hand, and what it recovers from data made by its own equation."""

import math

import numpy as np
import pytest

from agent.catalog import Catalog, Item
from agent.retrieval.cold_start import (
    ColdStart,
    ColdStartSource,
    fit_cold_start,
    item_features,
    sample_unused,
    user_cosines,
)
from agent.retrieval.collaborative import group_matrix
from agent.retrieval.query import Query

VECTORS = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [0.6, 0.8]], dtype=np.float32)


def catalog(*years):
    return Catalog([Item(f"i{n}", f"Film {n}", year=year) for n, year in enumerate(years)])


CATALOG = catalog(2000, 2000, 2000, 2000)
EVERYTHING = np.ones(4, dtype=bool)


def model(weights, biases):
    return ColdStart(np.array(weights), np.array(biases), 2.0, 0.5, np.zeros(4))


def test_scores_are_the_equation():
    source = ColdStartSource(CATALOG, VECTORS, model([1, 1, 1, 0.5], [0, 0, 0.3, 0]))
    # a_u = 2, b_u = 0.5, u = item 0: cosines 1, .8, 0, .6.
    assert source.scores(Query(items={"i0": 1})) == pytest.approx([2.5, 2.1, 0.8, 1.1])
    assert [c.item_id for c in source.retrieve(Query(items={"i0": 1}), 2, EVERYTHING)] == ["i0", "i1"]


def test_a_user_is_the_mean_of_what_they_like_the_newest_most():
    source = ColdStartSource(CATALOG, VECTORS, model([1] * 4, [0] * 4), recency=0.5)
    user = np.array([0.5, 1.0]) / math.hypot(0.5, 1.0)
    assert source.scores(Query(items={"i0": 1, "i2": 1})) == pytest.approx(2 * VECTORS @ user + 0.5)


def test_someone_with_no_like_is_told_nothing():
    source = ColdStartSource(CATALOG, VECTORS, model([1] * 4, [0] * 4))
    assert source.retrieve(Query(items={"i0": -1}), 2, EVERYTHING) == ()
    assert source.score(Query("a film"), np.array([0])) is None


def test_the_cosine_leaves_the_item_itself_out():
    groups = group_matrix([[0, 2], [1]], 4)
    # User 0 without item 0 is item 2; user 1 without item 1 is nobody; item 3 is in no group.
    cosines = user_cosines(VECTORS, groups, np.array([0, 1, 1]), np.array([0, 1, 3]))
    assert cosines == pytest.approx([0.0, 0.0, 0.8 * 0.6 + 0.6 * 0.8])


def test_unused_items_are_no_verdict():
    users, items, ratings = sample_unused(group_matrix([[0, 1], [2]], 4), 20)
    drawn = set(zip(users[ratings == 0].tolist(), items[ratings == 0].tolist(), strict=True))
    assert drawn == {(0, 2), (1, 0), (1, 1)}
    assert ratings.sum() == 3


def test_the_equation_is_recovered_from_its_own_ratings():
    draw = np.random.default_rng(0)
    users, items = np.repeat(np.arange(60), 40), np.tile(np.arange(40), 60)
    cosines = draw.uniform(-1, 1, len(users))
    a_u, b_i = draw.uniform(0.5, 1.5, 60), draw.normal(0, 1, 40)
    ratings = a_u[users] * cosines + b_i[items] + 0.3
    found = fit_cold_start(users, items, ratings, cosines, np.ones((40, 1)), shrinkage=0.01, rounds=50)
    assert np.corrcoef(found.item_biases, b_i)[0, 1] > 0.999
    assert found.user_weight * found.item_weights.mean() == pytest.approx(1.0, abs=0.1)


def test_the_bias_of_a_new_item_is_what_its_features_foretell():
    users, items = np.repeat(np.arange(50), 4), np.tile(np.arange(4), 50)
    kind = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1], [1, 0], [0, 1]])
    ratings = kind[items, 0]
    found = fit_cold_start(users, items, ratings, np.zeros(200), kind, ridge=1e-3)
    assert found.item_biases[4] - found.item_biases[5] == pytest.approx(1.0, abs=0.05)
    assert found.item_biases[4] == pytest.approx(found.item_biases[0], abs=0.05)


def test_without_data_everything_is_the_prior():
    found = fit_cold_start(
        np.array([0]), np.array([0]), np.array([1.0]), np.array([0.0]), np.ones((2, 1)), shrinkage=1e9
    )
    assert found.item_weights == pytest.approx([1, 1])
    assert found.item_biases == pytest.approx([0, 0])


def test_features_hold_the_age_in_years():
    features = item_features(catalog(2013, 2012, None), np.zeros((3, 1)))
    ages = np.array([0, math.log(2)])
    assert features[:2, 1] == pytest.approx(ages - ages.mean())
    assert features[2].tolist() == [0, 0, 1]
    assert item_features(catalog(None, None), np.zeros((2, 1)))[:, 1].tolist() == [0, 0]


def test_a_saved_model_knows_items_that_came_later(tmp_path):
    groups = group_matrix([[0, 1], [0, 1], [0], [2, 3]], 4)
    fitted = ColdStartSource.fit(CATALOG, VECTORS, groups)
    fitted.save(tmp_path, fitted_on="four films")
    query = Query(items={"i0": 1})
    again = ColdStartSource.load(CATALOG, VECTORS, tmp_path)
    assert again.scores(query) == pytest.approx(fitted.scores(query))
    grown = catalog(*[2000] * 5)
    vectors = np.concatenate([VECTORS, VECTORS[:1]])
    later = ColdStartSource.load(grown, vectors, tmp_path).scores(query)
    assert later[:4] == pytest.approx(fitted.scores(query))
    assert math.isfinite(later[4])
    allowed = np.arange(5) == 4
    found = ColdStartSource.load(grown, vectors, tmp_path).retrieve(query, 5, allowed)
    assert [c.item_id for c in found] == ["i4"]
