import pytest

from agent.catalog import Interaction
from eval.datasets.history import is_like, split_by_time
from eval.errors import DatasetError


def rate(user, item, value, time):
    return Interaction(user, item, "rate", float(value), float(time))


# Twenty events: the test part begins at index 18 (time 18), the validation part at index 16.
EVENTS = [
    *(rate("a", f"a{t}", 9, t) for t in range(14)),
    rate("b", "x", 3, 14),
    rate("b", "y", 9, 15),
    rate("a", "x", 8, 16),
    rate("c", "x", 10, 17),
    rate("b", "x", 9, 18),
    rate("b", "z", 8, 19),
]


def test_likes_after_the_cut_are_the_targets():
    split = split_by_time(EVENTS, "test", where="events")
    (question,) = split.questions
    assert (question.id, question.cluster) == ("b", "b")
    assert question.targets == ("z",)  # x was used before, and a has no later events
    assert [event.item_id for event in question.history] == ["x", "y"]
    assert [event.item_id for event in question.later] == ["x", "z"]
    assert len(split.before) == 18


def test_the_validation_part_ends_where_the_test_part_begins():
    split = split_by_time(EVENTS, "validation", where="events")
    (question,) = split.questions
    assert (question.id, question.targets) == ("a", ("x",))  # c has no past
    assert max(event.timestamp for event in split.before) == 15
    assert [event.timestamp for event in question.later] == [16]


def test_events_of_the_moment_of_the_cut_come_after_it():
    events = [rate("a", "w", 9, 0), *(rate("a", f"i{n}", 9, 5) for n in range(9))]
    split = split_by_time(events, "test", where="events")
    assert [event.item_id for event in split.before] == ["w"]
    assert len(split.questions[0].targets) == 9


def test_the_order_of_the_file_plays_no_part():
    assert split_by_time(EVENTS[::-1], "test", where="events") == split_by_time(
        EVENTS, "test", where="events"
    )


@pytest.mark.parametrize(
    ("event", "liked"),
    [
        (rate("a", "x", 8, 0), True),
        (rate("a", "x", 7.5, 0), False),
        (Interaction("a", "x", "like"), True),
        (Interaction("a", "x", "purchase"), True),
        (Interaction("a", "x", "dislike"), False),
        (Interaction("a", "x", "view"), False),
    ],
)
def test_what_counts_as_a_like(event, liked):
    assert is_like(event) is liked


def test_events_without_times_or_without_likes_are_refused():
    with pytest.raises(DatasetError, match="an event has no timestamp"):
        split_by_time([Interaction("a", "x", "like")], "test", where="events")
    with pytest.raises(DatasetError, match="no user has events before the test part and a like in it"):
        split_by_time([rate("a", f"{t}", 2, t) for t in range(20)], "test", where="events")
