"""Fitted weights: what they are, where they come from, how they are kept."""

import numpy as np
import pytest

from agent.errors import SettingsError
from agent.ranking import Choice, LogLinearRanker, feature_names, features, fit_log_linear, pool
from agent.recommendation import Candidate
from agent.retrieval import PopularitySource, Query


def test_scores_are_weighted_sums_and_silent_sources_add_nothing():
    ranker = LogLinearRanker({"a": 2.0, "b": -1.0, "c": 5.0})
    scores = ranker.score({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 0.0]), "c": None}, 2)
    assert scores.tolist() == [-1.0, 4.0]


def test_the_fit_of_two_candidates_is_a_logistic_regression():
    # Of four choices the candidate with the feature is right in three: the odds are 3 to 1.
    x = np.array([[1.0], [0.0]])
    choices = [Choice(x, np.array([True, False]))] * 3 + [Choice(x, np.array([False, True]))]
    assert fit_log_linear(choices, l2=1e-9)[0] == pytest.approx(np.log(3), abs=1e-3)
    assert 0 < fit_log_linear(choices, l2=10)[0] < np.log(3)


def test_what_cannot_be_learned_has_no_weight():
    constant = Choice(np.ones((3, 2)), np.array([True, False, False]))
    assert fit_log_linear([constant]).tolist() == [0, 0]
    assert fit_log_linear([Choice(np.ones((3, 2)), np.zeros(3, bool))]).tolist() == [0, 0]


def test_weights_are_kept_with_their_provenance(tmp_path):
    path = tmp_path / "ranker.json"
    LogLinearRanker({"neighbours": 0.25}, {"dialogues": 3}).save(path)
    assert LogLinearRanker.load(path) == LogLinearRanker({"neighbours": 0.25}, {"dialogues": 3})


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 9, "weights": {}, "provenance": {}}'])
def test_files_without_weights_are_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match="holds no weights"):
        LogLinearRanker.load(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        LogLinearRanker.load(tmp_path / "none.json")


def test_the_shipped_weights_name_shipped_sources():
    from agent import Strategy

    for name in ("conversational", "titles"):
        ranker = LogLinearRanker.shipped(name)
        assert set(ranker.weights) <= {*feature_names(Strategy().sources), "generated"}
        assert ranker.provenance["dialogues"] > 800
    assert ranker.weights["popularity"] > 0


def test_pooled_candidates_are_scored_by_all_sources(films):
    lists = [
        (Candidate("heat", 1.0, "lexical"), Candidate("up", 0.5, "lexical")),
        (Candidate("up", 1.0, "generated"),),
    ]
    sources, query = [PopularitySource(films)], Query("x")
    fused = pool(lists, LogLinearRanker({"popularity": 1.0, "generated": 2.1}), sources, query, films)
    share = films.popularity / films.popularity.sum() + 1e-4
    assert [(f.item_id, f.sources) for f in fused] == [
        ("up", ("lexical", "generated")),
        ("heat", ("lexical",)),
    ]
    assert fused[0].score == pytest.approx(np.log(share[films.row("up")]) + 2.1 * 20 / 21)
    assert fused[1].score == pytest.approx(np.log(share[films.row("heat")]))
    assert features(lists[:1], sources, query, np.array([0]), films)["generated"] is None


def test_places_in_the_lists_of_the_memory_are_features(films):
    assert feature_names(["co_mention", "lexical"]) == ("co_mention", "lexical", "co_mention_place")
    lists = [
        (Candidate("heat", 1.0, "co_mention"), Candidate("up", 0.5, "co_mention")),
        (Candidate("up", 1.0, "lexical"),),
    ]
    rows = np.array([films.row(i) for i in ("up", "heat", "alien")])
    found = features(lists, [], Query("x"), rows, films)
    assert found["co_mention_place"].tolist() == pytest.approx([10 / 12, 10 / 11, 0])
    assert found["neighbours_place"] is None
    assert "lexical_place" not in found


def test_a_blend_scores_as_its_parts_weighed():
    one, other = LogLinearRanker({"a": 2.0, "b": 1.0}), LogLinearRanker({"b": 3.0, "c": 4.0})
    assert one.blended(other, 0.25).weights == {"a": 0.5, "b": 2.5, "c": 3.0}
    assert one.blended(other, 1.0).weights == {"a": 2.0, "b": 1.0, "c": 0.0}
