import numpy as np
import pytest

from agent.recommendation import Candidate
from agent.retrieval import reciprocal_rank_fusion, score_fusion, standardise


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
    assert score_fusion([(), ()]) == ()


def scored(source, **scores):
    return tuple(Candidate(i, s, source) for i, s in sorted(scores.items(), key=lambda pair: -pair[1]))


def test_standardise():
    assert standardise(np.array([1.0, 2.0, 3.0])) == pytest.approx([-1.2247449, 0, 1.2247449])
    assert standardise(np.array([5.0, 5.0])).tolist() == [0, 0]


def test_standardised_scores_are_added():
    fused = score_fusion([scored("a", x=0.3, y=0.2, z=0.1), scored("b", z=9.0)], weights={"b": 0.5})
    # a: 1.225, 0, -1.225; b says 0, 0, 9, of which z gives -0.707, -0.707, 1.414
    assert [(f.item_id, f.sources) for f in fused] == [("x", ("a",)), ("y", ("a",)), ("z", ("a", "b"))]
    assert [f.score for f in fused] == pytest.approx([0.8711914, -0.3535534, -0.5176381])


def test_what_a_source_left_out_is_at_most_its_lowest():
    fused = score_fusion([scored("a", x=-0.1, y=-0.3), scored("b", z=1.0)])
    by_id = {f.item_id: f.score for f in fused}
    # a: -0.1, -0.3, -0.3 gives 1.414, -0.707, -0.707; b: 0, 0, 1 gives -0.707, -0.707, 1.414
    assert by_id == pytest.approx({"x": 0.7071068, "y": -1.4142136, "z": 0.7071068})


def test_a_source_without_a_preference_or_a_weight_adds_nothing():
    level, off, judge = (
        scored("level", x=1.0, y=1.0),
        scored("off", y=5.0, x=1.0),
        scored("judge", x=2.0, y=1.0),
    )
    fused = score_fusion([level, off, judge], weights={"off": 0.0})
    assert [(f.item_id, f.score) for f in fused] == [("x", 1.0), ("y", -1.0)]
