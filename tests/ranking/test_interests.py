"""Interests of one user: found, named and given their share; every number by hand."""

import numpy as np
import pytest
from support import WordEmbedder

from agent.context import UserContext
from agent.ranking.interests import Interest, cluster, find_interests, share_out, typical_likeness

EAST, NORTH, WEST = np.array([1.0, 0]), np.array([0, 1.0]), np.array([-1.0, 0])


def near(angle):
    return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])


@pytest.fixture(scope="module")
def vectors(films):
    return WordEmbedder().encode([films.text(item) for item in films])


def test_groups_are_merged_while_they_are_alike():
    points = np.array([near(0), near(90), near(10), near(100)])
    assert cluster(points, np.ones(4), likeness=0.5) == [[0, 2], [1, 3]]
    assert cluster(points, np.ones(4), likeness=-1.0) == [[0, 1, 2, 3]]
    assert cluster(points, np.ones(4), likeness=0.99, most=4) == [[0], [1], [2], [3]]


def test_there_are_no_more_groups_than_asked_for():
    points = np.array([near(angle) for angle in (0, 50, 120, 180, 250)])
    assert cluster(points, np.ones(5), likeness=0.99, most=4) == [[0, 1], [2], [3], [4]]


def test_what_weighs_little_is_merged_first():
    """East and north are as far apart as north and west; Ward's cost is a b / (a + b) |x - y|²."""
    points = np.array([EAST, NORTH, WEST])
    assert cluster(points, np.array([1.0, 1.0, 0.1]), likeness=0.99, most=2) == [[0], [1, 2]]
    assert cluster(points, np.array([0.1, 1.0, 1.0]), likeness=0.99, most=2) == [[0, 1], [2]]


def test_typical_likeness_is_the_top_tenth_of_pairs():
    assert typical_likeness(np.array([EAST, EAST])) == pytest.approx(1.0)
    # Of pairs of different rows among one east and nine north, at most a fifth are of both.
    mostly = np.array([EAST] + [NORTH] * 9)
    assert typical_likeness(mostly) == pytest.approx(1.0)
    assert typical_likeness(np.array([EAST])) == 1.0


def test_interests_have_names_and_shares(films, vectors):
    context = UserContext.of(films, like=["thing82", "hangover", "thing11"], dislike=["heat"])
    found = find_interests(context, films, vectors, WordEmbedder())
    weights = 0.95**2, 0.95, 1.0
    assert [(i.name, i.item_ids) for i in found] == [
        ("Mystery, Horror", ("thing82", "thing11")),
        ("Comedy", ("hangover",)),
    ]
    shares = [(weights[0] + weights[2]) / sum(weights), weights[1] / sum(weights)]
    assert [i.share for i in found] == pytest.approx(shares)
    assert all(np.linalg.norm(i.vector) == pytest.approx(1.0) for i in found)


def test_the_wish_is_an_interest_of_its_own_where_nothing_liked_is_like_it(films, vectors):
    context = UserContext.of(films, like=["thing82", "thing11"], wish="a western please")
    assert [i.name for i in find_interests(context, films, vectors, WordEmbedder())] == [
        "Mystery, Horror",
        "a western please",
    ]
    assert find_interests(UserContext(), films, vectors, WordEmbedder()) == ()


def test_no_two_interests_have_the_same_name(films):
    apart = np.tile(EAST, (len(films), 1))
    apart[films.row("hangover")] = NORTH
    context = UserContext.of(films, like=["airplane", "hangover"])
    names = [i.name for i in find_interests(context, films, apart, WordEmbedder())]
    assert names == ["Comedy", "Comedy (Airplane! (1980))"]


def test_feedback_changes_them(films, vectors):
    def names(*liked):
        context = UserContext.of(films, like=liked)
        return [i.name for i in find_interests(context, films, vectors, WordEmbedder())]

    assert names("thing82", "thing11") == ["Mystery, Horror"]
    assert names("thing82", "thing11", "airplane") == ["Mystery, Horror", "Comedy"]


def interests(*shares):
    return [
        Interest(str(i), share, v) for i, (share, v) in enumerate(zip(shares, (EAST, NORTH), strict=True))
    ]


def test_every_beginning_of_the_list_is_shared_out():
    """Shares of .6 and .4: the quotients .6 .4 | .2 .4 | .2 .133 | .12 .133 | .12 .08."""
    vectors = np.array([EAST] * 5 + [NORTH] * 5)
    scores = np.arange(10, 0, -1.0)
    order = share_out(vectors, scores, 5, interests(0.6, 0.4), method="none")
    assert order.tolist() == [0, 5, 1, 6, 2]


def test_what_an_interest_lacks_goes_to_the_others():
    vectors, scores = np.array([EAST, EAST, EAST, NORTH]), np.array([1.0, 3.0, 2.0, 9.0])
    assert share_out(vectors, scores, 9, interests(0.2, 0.8), method="none").tolist() == [3, 1, 2, 0]
    assert share_out(vectors[:0].reshape(0, 2), scores[:0], 3, interests(0.5, 0.5)).tolist() == []
    only = share_out(vectors[:3], scores[:3], 2, interests(0.2, 0.8), method="none")
    assert only.tolist() == [1, 2]
