from agent.catalog import Interaction
from agent.context import Constraint, PreferenceState, UserContext
from agent.retrieval import Query, build_query
from prompts import Message


def test_the_query_of_a_context():
    context = UserContext(
        history=(
            Interaction("u", "bought", "purchase"),
            Interaction("u", "disliked", "dislike"),
            Interaction("u", "meh", "rate", 6.0),
        ),
        state=PreferenceState(
            attitudes={"liked": 2},
            facets={("categories", "Western"): 1.0, ("words", "dark"): -1.0},
        ),
        constraints=(Constraint("categories", "in", ("Drama",)), Constraint("year", ">", 2000)),
        wish="slow and sad",
    )
    assert build_query(context) == Query(
        text="slow and sad Western Drama",
        items={"bought": 1, "disliked": -1, "liked": 2},
        less="dark",
        told={"liked": 2.0},
        used=("bought", "disliked", "meh"),
        undated=frozenset({"bought", "disliked", "meh"}),
    )


def test_what_has_a_time_or_was_told_since_is_dated():
    context = UserContext(
        history=(
            Interaction("u", "a", "like"),
            Interaction("u", "b", "like", None, 7.0),
            Interaction("u", "c", "like"),
        ),
        state=PreferenceState(attitudes={"c": 1}),
    )
    assert build_query(context).undated == {"a"}


def test_what_is_turned_down_is_searched_away_from():
    context = UserContext(wish="a salad, not spicy", state=PreferenceState(facets={("words", "raw"): -1.0}))
    query = build_query(context, "a salad, not spicy, and I hate kiwi")
    assert (query.text, query.less) == ("a salad", "raw, spicy, kiwi")


def test_a_first_request_without_a_wish_is_searched_for():
    assert build_query(UserContext(), "tools for tomography, not for photons").text == "tools for tomography"
    assert build_query(UserContext(), "Can you recommend a good movie, please?").broad
    assert build_query(UserContext(dialogue=(Message("assistant", "Hi"),)), "tomography").broad
    assert build_query(UserContext(state=PreferenceState(attitudes={"a": 1})), "tomography").text == ""


def test_a_query_for_nothing_is_broad():
    assert build_query(UserContext()).broad
    assert build_query(UserContext(constraints=(Constraint("year", ">", 2000),))).broad
    assert not build_query(UserContext(wish="x")).broad


def test_only_the_newest_fifty_items_are_used():
    history = tuple(Interaction("u", str(i), "like") for i in range(60))
    assert list(build_query(UserContext(history=history)).items) == [str(i) for i in range(10, 60)]
