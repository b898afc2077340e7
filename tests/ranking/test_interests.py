"""Interests of one user: found, named and given their share; every number by hand."""

import numpy as np
import pytest
from support import WordEmbedder

from agent.catalog import Catalog, Item
from agent.context import UserContext
from agent.ranking import ItemSpace
from agent.ranking.interests import Interest, cluster, find_interests, nearest_interest

EAST, NORTH, WEST = np.array([1.0, 0]), np.array([0, 1.0]), np.array([-1.0, 0])


def near(angle):
    return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])


@pytest.fixture(scope="module")
def space(films):
    return ItemSpace(films, WordEmbedder().encode([films.text(item) for item in films]))


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


def test_interests_have_names_and_shares(films, space):
    context = UserContext.of(films, like=["thing82", "hangover", "thing11"], dislike=["heat"])
    found = find_interests(context, space, WordEmbedder())
    weights = 0.95**2, 0.95, 1.0
    assert [(i.name, i.item_ids) for i in found] == [
        ("Mystery, Horror", ("thing82", "thing11")),
        ("Comedy", ("hangover",)),
    ]
    shares = [(weights[0] + weights[2]) / sum(weights), weights[1] / sum(weights)]
    assert [i.share for i in found] == pytest.approx(shares)
    assert all(np.linalg.norm(i.vector) == pytest.approx(1.0) for i in found)


def test_the_wish_is_an_interest_of_its_own_where_nothing_liked_is_like_it(films, space):
    context = UserContext.of(films, like=["thing82", "thing11"], wish="a western please")
    assert [i.name for i in find_interests(context, space, WordEmbedder())] == [
        "Mystery, Horror",
        "a western please",
    ]
    assert find_interests(UserContext(), space, WordEmbedder()) == ()


def test_the_wish_weighs_as_much_as_all_that_is_liked(films, space):
    context = UserContext.of(films, like=["thing82", "thing11"], wish="a western please")
    found = find_interests(context, space, WordEmbedder())
    assert [i.share for i in found] == pytest.approx([0.5, 0.5])


def test_a_like_among_many_others_is_no_interest():
    """The oldest of twelve likes weighs .95^11 = .57 of 9.2 in all: less than a tenth."""
    items = [Item(str(i), f"Film {i}", categories=("Horror",)) for i in range(12)]
    items[0] = Item("0", "Film 0", categories=("Comedy",))
    space = ItemSpace(Catalog(items), np.array([NORTH] + [EAST] * 11))
    found = find_interests(
        UserContext.of(space.catalog, like=list(map(str, range(12)))), space, WordEmbedder()
    )
    assert [(i.name, i.share, len(i.item_ids)) for i in found] == [("Horror", 1.0, 11)]


def test_no_two_interests_have_the_same_name(films):
    apart = np.tile(EAST, (len(films), 1))
    apart[films.row("hangover")] = -EAST
    context = UserContext.of(films, like=["airplane", "hangover"])
    names = [i.name for i in find_interests(context, ItemSpace(films, apart), WordEmbedder())]
    assert names == ["Comedy", "Comedy (Airplane! (1980))"]


def test_feedback_changes_them(films, space):
    def names(*liked):
        context = UserContext.of(films, like=liked)
        return [i.name for i in find_interests(context, space, WordEmbedder())]

    assert names("thing82", "thing11") == ["Mystery, Horror"]
    assert names("thing82", "thing11", "airplane") == ["Mystery, Horror", "Comedy"]


def test_items_belong_to_the_nearest_interest():
    interests = [Interest("east", 0.7, EAST), Interest("north", 0.3, NORTH)]
    assert nearest_interest(np.array([near(30), near(60), WEST]), interests).tolist() == [0, 1, 1]
