"""Collaborative sources: every number is computed by hand."""

import json
import math
import sys

import numpy as np
import pytest

from agent.catalog import Interaction
from agent.errors import FormatError, ModelError
from agent.retrieval.collaborative import (
    AlsSource,
    EaseSource,
    ItemKnnSource,
    RecentSource,
    add_group,
    append,
    decayed_counts,
    ease_precision,
    ease_scores,
    fit_als,
    fold_in,
    group_matrix,
    profile,
    similarities,
    user_groups,
)
from agent.retrieval.query import Query

GROUPS = group_matrix([[0, 1], [0, 1, 2], [0]], 4)


def everything(films):
    return np.ones(len(films), dtype=bool)


def found(source, query, films, k=10):
    return [c.item_id for c in source.retrieve(query, k, everything(films))]


def rows(films, *groups):
    return group_matrix([[films.row(i) for i in group] for group in groups], len(films))


SCI_FI = (("alien", "aliens"), ("alien", "aliens", "prometheus"), ("alien", "hangover"))


@pytest.fixture
def sources(films):
    groups = rows(films, *SCI_FI)
    known = np.array(sorted(films.row(i) for i in ("alien", "aliens", "prometheus", "hangover")))
    factors = np.random.default_rng(0).random((len(known), 3)).astype(np.float32)
    return {
        "item_knn": ItemKnnSource(films, groups),
        "ease": EaseSource.fit(films, groups, regularisation=1.0, minimum=1),
        "als": AlsSource(films, known, factors),
    }


def test_groups_are_sets():
    assert group_matrix([[2, 0, 2]], 3).toarray().tolist() == [[1, 0, 1]]
    assert append(GROUPS, [3, 3]).toarray()[-1].tolist() == [0, 0, 0, 1]


def test_users_are_known_by_what_they_like(films):
    day = 86_400.0
    events = [
        Interaction("ann", "alien", "rate", 8.0, 8 * day),
        Interaction("ann", "aliens", "rate", 7.0, 10 * day),
        Interaction("bob", "alien", "view", None, 10 * day),
        Interaction("bob", "aliens", "dislike", None, 10 * day),
        Interaction("bob", "prometheus", "like", None, None),
        Interaction("bob", "no such film", "like", None, 10 * day),
    ]
    columns = [films.row(i) for i in ("alien", "aliens", "prometheus")]
    assert user_groups(films, events).toarray()[:, columns].tolist() == [[1, 0, 0], [1, 0, 1]]
    # Two days are two half-lives; no time counts as the oldest, which is Ann's first.
    halved = user_groups(films, events, half_life=1.0).toarray()[:, columns]
    assert halved.tolist() == [[0.25, 0, 0], [1, 0, 0.25]]


def test_no_user_at_all(films):
    assert user_groups(films, []).shape == (0, len(films))


def test_the_newest_item_counts_most():
    assert profile([5, 6, 7], 0.5).tolist() == [0.25, 0.5, 1.0]


def test_similarity_is_the_shrunk_cosine():
    near = similarities(GROUPS, [0], shrinkage=5.0)[0]
    assert near == pytest.approx([0, 2 / (math.sqrt(6) + 5), 1 / (math.sqrt(3) + 5), 0])


def test_with_asymmetry_0_similarity_is_a_share():
    assert similarities(GROUPS, [0, 1], asymmetry=0.0, shrinkage=0.0) == pytest.approx(
        np.array([[0, 2 / 3, 1 / 3, 0], [1, 0, 0.5, 0]])
    )


def test_weights_of_a_group_are_multiplied_by_their_roots():
    weighted = group_matrix([[0, 1]], 2)
    weighted.data[:] = [0.25, 1.0]
    assert similarities(weighted, [0], shrinkage=0.0)[0] == pytest.approx([0, 0.5 / math.sqrt(0.25)])


def test_neighbours_come_best_first_and_disliked_items_attract_nothing(sources, films):
    assert found(sources["item_knn"], Query(items={"alien": 1}), films) == [
        "aliens",
        "hangover",
        "prometheus",
    ]
    assert found(sources["item_knn"], Query(items={"alien": -1}), films) == []
    assert found(sources["item_knn"], Query(mentioned=("prometheus",)), films) == ["aliens", "alien"]


def test_a_new_group_counts_at_once(sources, films):
    knn, query = sources["item_knn"], Query(items={"godfather": 1})
    assert knn.retrieve(query, 5, everything(films)) == ()
    knn.add(["godfather", "unknown", "alien"])
    assert found(knn, query, films) == ["alien"]


def test_ease_is_the_closed_form():
    # X has the rows (1, 1) and (1, 0), so XᵀX + I = [[3, 1], [1, 2]] with the inverse [[2, -1], [-1, 3]] / 5.
    precision = ease_precision(group_matrix([[0, 1], [0]], 2), 1.0)
    assert precision == pytest.approx(np.array([[0.4, -0.2], [-0.2, 0.6]]))
    # B_01 = 0.2 / 0.6, B_10 = 0.2 / 0.4, and nothing foretells itself.
    assert ease_scores(precision, [0], np.ones(1)) == pytest.approx([0, 1 / 3])
    assert ease_scores(precision, [1], np.ones(1)) == pytest.approx([1 / 2, 0])
    assert ease_scores(precision, [0, 1], np.array([1.0, 2.0])) == pytest.approx([1.0, 1 / 3])


def test_a_user_joins_ease_as_if_fitted_with_it():
    precision = ease_precision(GROUPS, 2.0)
    add_group(precision, [1, 3])
    assert precision == pytest.approx(ease_precision(append(GROUPS, [1, 3]), 2.0), abs=1e-6)


def test_ease_knows_items_with_enough_groups_only(films):
    source = EaseSource.fit(films, rows(films, *SCI_FI), minimum=2)
    assert found(source, Query(items={"alien": 1}), films) == ["aliens"]
    assert source.score(Query(items={"hangover": 1}), np.array([0])) is None


def test_adding_to_ease_changes_the_next_list(films):
    source = EaseSource.fit(films, rows(films, *SCI_FI), regularisation=1.0, minimum=1)
    query = Query(items={"hangover": 1})
    assert found(source, query, films, 1) == ["alien"]
    for _ in range(5):
        source.add(["hangover", "prometheus"])
    assert found(source, query, films, 1) == ["prometheus"]


def test_folding_in_solves_the_weighted_least_squares():
    items = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    trust, regularisation = np.array([3.0, 1.0, 1.0]), 0.5
    # The gradient of  Σ c (p - x·y)² + λ|x|²  with p = 1 for item 0 alone is 0 at the minimum.
    user = fold_in(items, [0], np.ones(1), regularisation=regularisation, confidence=3.0)
    wanted = np.array([1.0, 0.0, 0.0])
    gradient = items.T @ (trust * (items @ user - wanted)) + regularisation * user
    assert gradient == pytest.approx([0, 0])


def test_als_separates_two_tastes():
    pytest.importorskip("implicit")
    factors = fit_als(group_matrix([[0, 1], [0, 1], [0, 1], [2, 3], [2, 3], [2, 3]], 4), factors=2)
    assert factors.shape == (4, 2)
    user = fold_in(factors, [0], np.ones(1), regularisation=1.0, confidence=5.0)
    scores = factors @ user
    assert scores[1] > scores[2]


def test_without_implicit_fitting_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    with pytest.raises(ModelError, match=r"implicit is not installed.*pip install"):
        fit_als(GROUPS)


@pytest.mark.parametrize("name", ["item_knn", "ease", "als"])
def test_candidates_are_allowed_best_first_and_scored_alike(name, sources, films):
    query = Query(items={"alien": 1})
    allowed = everything(films)
    allowed[films.row("aliens")] = False
    candidates = sources[name].retrieve(query, 3, allowed)
    assert candidates
    assert "aliens" not in {c.item_id for c in candidates}
    assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
    scored = sources[name].score(query, np.array([films.row(c.item_id) for c in candidates]))
    assert list(scored) == sorted(scored, reverse=True)
    assert sources[name].score(Query(), np.arange(3)) is None


def test_recent_likes_count_more_than_many_old_ones(films):
    day = 86_400.0
    old = [Interaction(f"u{n}", "godfather", "like", None, 0.0) for n in range(3)]
    new = [Interaction("ann", "alien", "like", None, 2 * day)]
    source = RecentSource(films, decayed_counts(films, old + new, half_life=1.0))
    candidates = source.retrieve(Query(), 5, everything(films))
    assert [(c.item_id, c.score) for c in candidates] == [("alien", 1.0), ("godfather", 0.75)]
    source.add(["godfather", "godfather"])
    assert found(source, Query(), films) == ["godfather", "alien"]


@pytest.mark.parametrize("kind", [EaseSource, AlsSource])
def test_a_saved_model_comes_back_with_its_provenance(kind, sources, films, tmp_path):
    source = sources[kind.name]
    source.save(tmp_path, fitted_on="films", users=3)
    loaded = kind.load(films, tmp_path)
    query = Query(items={"alien": 1})
    assert found(loaded, query, films) == found(source, query, films)
    assert json.loads((tmp_path / f"{kind.name}.json").read_text())["users"] == 3


@pytest.mark.parametrize("kind", [EaseSource, AlsSource])
def test_a_missing_or_damaged_model_is_said(kind, films, tmp_path):
    with pytest.raises(FormatError, match="no fitted model"):
        kind.load(films, tmp_path)
    (tmp_path / f"{kind.name}.npz").write_bytes(b"PK not a zip")
    with pytest.raises(FormatError, match="damaged") as refused:
        kind.load(films, tmp_path)
    assert "pickle" not in str(refused.value)
    np.savez(tmp_path / f"{kind.name}.npz", ids=np.array(["heat"]))
    with pytest.raises(FormatError, match="lacks"):
        kind.load(films, tmp_path)
