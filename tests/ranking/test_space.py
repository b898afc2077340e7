"""The space in which taste is measured; every number by hand."""

import numpy as np
import pytest

from agent.catalog import Catalog, Item
from agent.ranking import ItemSpace

CATALOG = Catalog(
    [
        Item("ab", "AB", categories=("A", "B")),
        Item("a", "A", categories=("A",)),
        Item("b", "B", categories=("B",)),
        Item("bare", "Bare"),
    ]
)
VECTORS = np.array([[1.0, 0], [1.0, 0], [0, 1.0], [0, 1.0]])


@pytest.fixture
def space():
    return ItemSpace(CATALOG, VECTORS)


def test_likeness_is_half_text_and_half_categories(space):
    """ab and a: (1 + 1/sqrt 2) / 2; a and b: (0 + 0) / 2; b and the one without categories: 1 / sqrt 2."""
    points = space.points([0, 1, 2, 3])
    assert np.linalg.norm(points, axis=1) == pytest.approx([1, 1, 1, 1])
    assert points[0] @ points[1] == pytest.approx((1 + 0.5**0.5) / 2)
    assert points[1] @ points[2] == pytest.approx(0)
    assert points[2] @ points[3] == pytest.approx(0.5**0.5)


def test_a_text_is_placed_where_the_items_nearest_to_it_are(space):
    """All four are among the ten nearest: categories (2, 2) / 4, at length 1 (1, 1) / sqrt 2."""
    half = 0.5**0.5
    assert space.place(np.array([1.0, 0])) == pytest.approx([half, 0, half * half, half * half])


def test_breadth_is_the_distance_of_liked_items_against_the_typical(space):
    """Mean unit categories (1 + r, 1 + r) / 3 with r = 1 / sqrt 2: typical distance 1 - 2 (1 + r)^2 / 9."""
    typical = 1 - 2 * (1 + 0.5**0.5) ** 2 / 9
    assert space.breadth([]) == 1
    assert space.breadth([3]) == 1
    assert space.breadth([1, 2]) == pytest.approx((1 / typical + 3) / 4)
    assert space.breadth([1, 1]) == pytest.approx(3 / 4)
    assert ItemSpace(Catalog([Item("x", "X")]), VECTORS[:1]).breadth([0, 0]) == 1


def test_taste_is_the_spread_of_likes_over_categories(space):
    """The average (1/2 + 1, 1/2 + 1) / 3 three times, A twice, and half of A and of B."""
    assert space.taste([1, 2, 3]) is None
    assert space.taste([1, 1, 0]) == pytest.approx([(2 + 0.5 + 1.5) / 6, (0.5 + 1.5) / 6])


def test_alike_is_what_one_in_ten_pairs_reach(space):
    """Of pairs of different items, b and the bare one, and ab and a are the nearest: 2 of 6."""
    assert space.likeness == pytest.approx((1 + 0.5**0.5) / 2)
    assert ItemSpace(Catalog([Item("x", "X")]), VECTORS[:1]).likeness == 1.0
