"""Lists that spread over categories and interests; every number by hand."""

import numpy as np
import pytest

from agent.ranking import Aspects
from agent.ranking.spread import divergence, spread_out

SAME = np.tile([1.0, 0.0], (9, 1))
A, B, AB, NONE = [1, 0], [0, 1], [1, 1], [0, 0]


def spread(scores, has, k=9, *, diversity=0.5, vectors=SAME, **aspects):
    has = np.array(has)
    order = spread_out(
        vectors[: len(has)],
        np.array(scores, dtype=float),
        k,
        Aspects(has, **aspects),
        diversity=diversity,
    )
    return order.tolist()


def test_a_new_category_is_worth_more_than_one_again():
    """Place 2: relevances over the last one's are 1.105 and 1, over log2 3; gains 1/2 and 1."""
    assert spread([0.3, 0.1, 0.0], [A, A, B]) == [0, 2, 1]
    assert spread([0.3, 0.1, 0.0], [A, A, B], diversity=0) == [0, 1, 2]


def test_relevance_counts_by_the_discount_of_its_place():
    """At place 2, (exp(.7) - 1) / log2 3 = .64 is more than a gain of 1/2, (exp(.5) - 1) / log2 3 is not."""
    assert spread([2.0, 0.7, 0.0], [A, A, B]) == [0, 1, 2]
    assert spread([2.0, 0.5, 0.0], [A, A, B]) == [0, 2, 1]


def test_the_first_place_is_the_most_relevant():
    assert spread([0.0, 0.1], [AB, A], diversity=0.99)[0] == 1


def test_only_the_ten_best_set_the_scale():
    """Against the tenth best, (exp(.7) - 1) / log2 3 = .64 beats a gain of 1/2, whatever comes behind."""
    few, many = [1.0, 0.7, *[0.0] * 8], [1.0, 0.7, *[0.0] * 8, *[-9.0] * 30]
    vectors = np.tile([1.0, 0.0], (40, 1))
    for scores in (few, many):
        assert spread(scores, [A, A, *[B] * (len(scores) - 2)], 2, vectors=vectors) == [0, 1]
    assert spread(few[:2] + [0.3] * 8, [A, A, *[B] * 8], 2, vectors=vectors) == [0, 2]


def test_items_of_many_categories_gain_less_than_their_sum():
    """AB gains 2 / 2^.75 = 1.19 where nothing was seen, 1.5 / 2^.75 = .89 once A was; B then 1."""
    assert spread([0.2, 0.0, 0.0], [A, AB, B]) == [0, 2, 1]


def test_items_without_categories_gain_what_others_do():
    """Place 2, relevances over log2 3 and gains: 1.63 + 1/2, 1.55 + 2/3 = (1/2 + 1/2 + 1) / 3, .63 + 1."""
    assert spread([0.3, 0.05, 0.0, -0.9], [A, A, NONE, B]) == [0, 2, 1, 3]


def test_without_categories_embeddings_are_spread():
    vectors = np.array([[1.0, 0], [1.0, 0], [0, 1.0]])
    assert spread([0.3, 0.1, 0.0], [[], [], []], vectors=vectors) == [0, 2, 1]


def test_what_was_just_shown_counts_as_listed():
    """B was shown three times: it gains 1/8, A again 1/2."""
    assert spread([0.3, 0.0, 0.0], [A, A, B], shown=np.array([0, 3])) == [0, 1, 2]


def test_the_divergence_is_that_of_a_smoothed_list():
    found = divergence(np.array([1.0, 0]), np.array([[0.5, 0.5], [1.0, 0]]))
    assert found == pytest.approx([-np.log(0.99 * 0.5 + 0.01), 0])


def test_a_list_is_drawn_to_the_taste():
    """Place 3, once A and B are listed: both gain 1/2 again, and B is the more relevant, 1.105 / 2 to 1 / 2.

    With a taste for A, A gains 1/3 - 1/3 KL(2/3) = .20, B 1/3 - 1/3 KL(1/3) = -.03, KL(x) = -ln(.99 x + .01).
    """
    scores, has = [0.3, 0.2, 0.0, 0.1], [A, B, A, B]
    assert spread(scores, has) == [0, 1, 3, 2]
    assert spread(scores, has, taste=np.array([1.0, 0])) == [0, 1, 2, 3]


def test_each_interest_has_half_its_share_of_every_beginning():
    """Shares .6 and .4: half of .4 t is a whole place from t = 5 on; without it the scores would decide."""
    scores = [5.0, 4.9, 4.8, 4.7, 4.6, 4.5, 3.9]
    has = [NONE] * 7
    belongs = np.array([0, 0, 0, 0, 0, 0, 1])
    order = spread(scores, has, 6, diversity=0.9, interest=belongs, shares=np.array([0.6, 0.4]))
    assert order.index(6) == 4
    alone = spread(scores, has, 6, diversity=0.9)
    assert 6 not in alone


def test_no_more_than_there_are():
    assert sorted(spread([1.0, 2.0], [A, B], 5)) == [0, 1]
    assert spread([], np.zeros((0, 2)), 5) == []
