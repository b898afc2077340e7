"""Places for items that nobody has used."""

import pytest

from agent.ranking import give_places
from agent.retrieval import Fused

RANKED = tuple(Fused(f"i{n}", 1 - n / 100, ("ease",)) for n in range(15))


def ids(share, newcomers=("new0", "new1", "new2"), ranked=RANKED):
    return [each.item_id for each in give_places(ranked, newcomers, share, source="cold_start")]


def test_two_of_five_places_behind_the_tenth_are_given_evenly():
    assert ids(0.4) == [f"i{n}" for n in range(12)] + ["new0", "i12", "new1"]


def test_a_place_says_where_its_item_comes_from():
    given = give_places(RANKED, ["new0"], 0.4, source="cold_start")
    assert [each.sources for each in given if each.item_id == "new0"] == [("cold_start",)]
    scores = [each.score for each in given]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("share", "newcomers", "ranked"),
    [(0.0, ("new0",), RANKED), (1.0, (), RANKED), (1.0, ("i3",), RANKED), (1.0, ("new0",), RANKED[:10])],
)
def test_nothing_changes_without_places_or_newcomers(share, newcomers, ranked):
    assert ids(share, newcomers, ranked) == [each.item_id for each in ranked]
