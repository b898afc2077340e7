"""Candidates of each interest."""

import numpy as np

from agent.errors import VectorEngineError
from agent.recommendation import Candidate
from agent.retrieval import Query, retrieve

ALLOWED = np.ones(9, dtype=bool)


class Table:
    """Finds what a table says for the liked items asked about, and keeps the queries."""

    name = "table"

    def __init__(self, **table):
        self.table, self.asked = table, []

    def retrieve(self, query, k, allowed):
        self.asked.append(query)
        found = self.table.get("".join(i for i, attitude in query.items.items() if attitude > 0), "")
        return tuple(Candidate(item_id, 1.0, self.name) for item_id in found[:k])


def ids(found):
    lists, down = found
    assert not down
    return ["".join(c.item_id for c in found) for found in lists]


def test_interests_take_turns_behind_what_the_whole_query_finds():
    source = Table(ab="xyz", a="xpq", b="rps")
    query = Query(items={"a": 1, "b": 1})
    assert ids(retrieve([source], query, [["a"], ["b"]], 6, ALLOWED)) == ["xyzrpqs"]


def test_each_interest_has_its_part_of_the_candidates():
    source = Table(ab="wxyz", a="pq", b="rs")
    query = Query(items={"a": 1, "b": 1})
    assert ids(retrieve([source], query, [["a"], ["b"]], 2, ALLOWED)) == ["wxpr"]


def test_an_interests_query_has_its_items_what_is_disliked_and_no_words():
    source = Table()
    query = Query("tense", {"a": 2, "b": 1, "c": -1}, said="hello", own="hello", mentioned=("b",))
    retrieve([source], query, [["a"], ["b"]], 6, ALLOWED)
    first, _, whole = source.asked
    assert dict(first.items) == {"a": 2, "c": -1}
    assert (first.text, first.said, first.own, first.mentioned) == ("", "", "", ())
    assert whole is query


def test_one_interest_asks_nothing_more():
    source = Table(a="xy")
    assert ids(retrieve([source], Query(items={"a": 1}), [["a"]], 6, ALLOWED)) == ["xy"]
    assert len(source.asked) == 1


def test_a_source_whose_server_is_down_is_left_out():
    class Down(Table):
        def retrieve(self, query, k, allowed):
            raise VectorEngineError("no answer")

    lists, down = retrieve([Down(), Table(a="xy")], Query(items={"a": 1}), [["a"]], 6, ALLOWED)
    assert [len(found) for found in lists] == [0, 2]
    assert [error.what for error in down] == ["no answer"]
