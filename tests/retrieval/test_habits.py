"""Habits: every number is computed by hand."""

from math import log

import numpy as np
import pytest

from agent.catalog import Catalog, Item
from agent.retrieval.habits import HabitsSource
from agent.retrieval.query import Query


def source(*years):
    kinds = ("Comedy", "Comedy", "Drama", "Drama")
    items = [
        Item(id=name, title=name, categories=(kind,), year=year)
        for name, kind, year in zip("abcd", kinds, years, strict=True)
    ]
    return HabitsSource(Catalog(items, name="four", kind="item"), np.ones(4))


def test_categories_count_against_what_everybody_uses():
    # Both kinds have the share 1/2. One use and five as everybody's: (1 + 2.5) / 6 comedies, 2.5 / 6 dramas.
    scores = source(None, None, None, None).scores(Query(mentioned=("a",)))
    assert scores == pytest.approx([log(7 / 6), log(7 / 6), log(5 / 6), log(5 / 6)])


def test_years_count_as_categories_do():
    # Of three periods, the first empty, the shares are 1, 3 and 3 of 7: (1 + 15/7) / 6 : 3/7 is 11/9.
    scores = source(2000, 2000, 2010, 2010).scores(Query(mentioned=("a",)))
    assert scores == pytest.approx([log(7 / 6) + log(11 / 9)] * 2 + [2 * log(5 / 6)] * 2)


def test_nobody_is_known_by_nothing_and_nothing_is_proposed():
    habits = source(None, None, None, None)
    assert habits.scores(Query()) is None
    assert habits.retrieve(Query(mentioned=("a",)), 3, np.ones(4, dtype=bool)) == ()
