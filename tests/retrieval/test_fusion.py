import pytest

from agent.recommendation import Candidate
from agent.retrieval import reciprocal_rank_fusion


def ranked(source, *item_ids):
    return tuple(Candidate(i, 1.0, source) for i in item_ids)


def test_scores_are_sums_of_reciprocal_ranks():
    fused = reciprocal_rank_fusion([ranked("a", "x", "y"), ranked("b", "y", "z")], k=10)
    assert [f.item_id for f in fused] == ["y", "x", "z"]
    assert fused[0].score == pytest.approx(1 / 12 + 1 / 11)
    assert fused[0].sources == ("a", "b")
    assert fused[1].score == pytest.approx(1 / 11)


def test_weights_scale_a_source_and_zero_leaves_it_out():
    lists = [ranked("a", "x"), ranked("b", "y")]
    assert reciprocal_rank_fusion(lists, k=1, weights={"b": 3})[0].item_id == "y"
    assert [f.item_id for f in reciprocal_rank_fusion(lists, weights={"b": 0})] == ["x"]


def test_ties_keep_the_first_proposed_first():
    fused = reciprocal_rank_fusion([ranked("a", "x"), ranked("b", "y")])
    assert [f.item_id for f in fused] == ["x", "y"]


def test_nothing_fuses_to_nothing():
    assert reciprocal_rank_fusion([(), ()]) == ()
