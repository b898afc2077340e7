import pytest

from agent.catalog import Interaction, Item
from agent.context import Constraint, PreferenceState, UserContext
from agent.errors import ConstraintError, UnknownItemError


def event(item_id, kind, value=None):
    return Interaction("u", item_id, kind, value)


def test_attitudes_come_from_history_then_from_what_was_said():
    context = UserContext(
        history=(
            event("a", "like"), event("b", "rate", 8.0), event("c", "rate", 5.0), event("d", "rate", 6.5),
            event("e", "purchase"), event("a", "dislike"),
        ),
        state=PreferenceState(attitudes={"b": -2, "f": 1, "g": 0}),
    )  # fmt: skip
    assert list(context.attitudes.items()) == [("c", -1), ("a", -1), ("b", -2), ("f", 1)]
    assert context.known == {"a", "b", "c", "d", "e", "f"}


def test_a_context_from_ids_refuses_unknown_ones(films):
    context = UserContext.of(films, like=["alien"], dislike=["heat"], seen=["up"], locale="zh")
    assert context.state.attitudes == {"alien": 1, "heat": -1}
    assert (context.state.seen, context.locale) == ({"up"}, "zh")
    with pytest.raises(UnknownItemError, match="'nowhere'"):
        UserContext.of(films, seen=["nowhere"])


ITEM = Item(
    "x", "X", 1990, categories=("Sci-Fi", "Comédie"), attributes={"price": 12.5, "authors": ("Jane Doe",)}
)


@pytest.mark.parametrize(
    ("field", "op", "value", "allowed"),
    [
        ("year", ">=", 1990, True),
        ("year", ">", 1990, False),
        ("year", "==", 1990, True),
        ("price", "<", 13, True),
        ("price", "<=", 12, False),
        ("categories", "in", ("sci-fi", "War"), True),
        ("categories", "in", ("War",), False),
        ("categories", "not in", ("comedie",), False),
        ("categories", "not in", ("War",), True),
        ("authors", "in", "jane doe", True),
        ("title", "==", "x", True),
        ("pages", "<", 10, False),
        ("pages", "in", ("long",), False),
        ("pages", "not in", ("long",), True),
    ],
)
def test_constraints(field, op, value, allowed):
    assert Constraint(field, op, value).allows(ITEM) is allowed


def test_comparing_words_with_a_number_is_an_error():
    with pytest.raises(ConstraintError, match=r"'authors' of 'x'.*not a number.*'in' or 'not in'"):
        Constraint("authors", "<", 3).allows(ITEM)


def test_constraints_read_as_text():
    assert str(Constraint("year", ">", 1990.0)) == "year > 1990"
    assert str(Constraint("categories", "not in", ("War", "Horror"))) == "categories not in War, Horror"
