import re

import pytest

from agent.catalog import Catalog, Interaction, Item
from agent.context import fold
from agent.lm import Usage
from eval.datasets import EvalSet, Question, load_dataset
from eval.floors import PopularityFloor
from eval.protocols import Answer, SimulatedUser, Simulation, run

WORD_ENDS = re.compile(r"\W+")


def rated(item, value):
    return Interaction("u", item, "rate", float(value), 1.0)


def user(films, *targets, later=()):
    return SimulatedUser(Question("u", "u", targets, later=later), films)


def test_the_opening_names_the_category_of_most_targets(films):
    assert user(films, "heat", "drive").opening() == "I am in the mood for Crime. What do you recommend?"


def test_a_target_in_the_list_is_taken(films):
    reaction = user(films, "up", "heat").react(["alien", "heat", "up"])
    assert (reaction.accepted, reaction.feedback, reaction.utterance) == ("heat", (), "")


def test_what_is_missing_most_is_asked_for_first_and_nothing_twice(films):
    someone = user(films, "notebook")  # Drama and Romance, 2004
    shown = ["alien", "aliens"]  # Horror and Sci-Fi, Action and Sci-Fi; 1979 and 1986
    said = [someone.react(shown).utterance for _ in range(8)]
    assert said == [
        "more Drama please",  # wanted by all, in none; then the same of Romance, then Sci-Fi in all
        "more Romance please",
        "less Sci-Fi please",
        "less Action please",  # each in half of the list
        "less Horror please",
        "something newer",  # 2004 after a median of 1982.5
        "something else please",
        "something else please",
    ]


def test_years_that_are_close_are_no_critique(films):
    said = [user(films, "hangover").react(["superbad"]).utterance]  # both comedies, 2009 and 2007
    assert said == ["something else please"]


def test_feedback_comes_of_ratings_that_nobody_has_seen_and_once(films):
    someone = user(
        films, "up", later=(rated("alien", 9), rated("heat", 4), rated("drive", 6), rated("up", 10))
    )
    assert someone.react(["alien", "heat", "drive", "superbad"]).feedback == (
        ("alien", "like"),
        ("heat", "dislike"),
    )
    assert someone.react(["alien", "heat"]).feedback == ()


def test_a_title_that_is_a_category_is_never_said():
    items = [Item("d", "Drama", 2000, categories=("Drama", "Crime")), Item("x", "Another", 2000)]
    catalog = Catalog(items, kind="movie")
    someone = SimulatedUser(Question("u", "u", ("d",)), catalog)
    assert someone.opening() == "I am in the mood for Crime. What do you recommend?"
    assert [someone.react(["x"]).utterance for _ in range(2)] == [
        "more Crime please",
        "something else please",
    ]


def words_of(text):
    return f" {' '.join(re.split(WORD_ENDS, fold(text)))} "


def test_no_title_of_a_target_is_ever_said():
    data = load_dataset("movies-history", sample=150)
    popular = [item.id for item in sorted(data.catalog, key=lambda item: -item.popularity)]
    checked = 0
    for question in data.questions:
        someone = SimulatedUser(question, data.catalog)
        shown = [item_id for item_id in popular[:60] if item_id not in question.targets]
        said = [someone.opening(), *(someone.react(shown[k : k + 10]).utterance for k in range(0, 50, 10))]
        for target in question.targets:
            title = words_of(data.catalog.item(target).title)
            assert not any(title in words_of(text) for text in said)
            checked += 1
    assert checked > 150


class Talker:
    """Shows a prepared list at every turn, and keeps what it hears."""

    name = "talker"

    def __init__(self, *lists):
        self.lists, self.heard = list(lists), []

    def converse(self, question, n):
        assert (question.targets, question.later) == ((), ())
        return self

    def say(self, utterance):
        self.heard.append(utterance)
        return Answer("u", tuple(self.lists.pop(0)), usage=Usage(10, 1), milliseconds=2.0)

    def feedback(self, item_id, kind):
        self.heard.append((item_id, kind))


@pytest.fixture
def data(films):
    history = (rated("godfather", 9),)
    later = (rated("heat", 9), rated("up", 3))
    question = Question("u", "u", ("heat",), history=history, later=later)
    return EvalSet("past", "history", films, (question,))


def test_a_dialogue_that_ends_well(data):
    talker = Talker(["up", "amelie"], ["airplane"], ["godfather", "drive", "heat"])
    (outcome,) = run(Simulation(), data, talker)
    row = outcome.row
    assert (row.turns, row.succeeded, row.ranked) == (3, True, ("drive", "heat"))
    assert (row.usage, row.milliseconds) == (Usage(30, 3), 6.0)
    assert talker.heard == [
        "I am in the mood for Action. What do you recommend?",
        ("up", "dislike"),
        "more Action please",  # as is Crime; Animation and Comedy are each too much
        "less Comedy please",  # of all the list, as Crime is of none: ties go by the alphabet
    ]


def test_patience_ends(data):
    (outcome,) = run(Simulation(turns=2), data, Talker(["up"], ["drive"]))
    assert (outcome.row.turns, outcome.row.succeeded, outcome.row.ranked) == (2, False, ("drive",))


def test_a_dialogue_that_breaks_off_is_a_failed_row(data):
    (outcome,) = run(Simulation(), data, Talker(["up"]))
    assert outcome.row.failed
    assert outcome.answer.error.startswith("IndexError")


def test_a_system_without_dialogue_turns_the_pages_of_its_list(data):
    # By popularity, without the godfather: alien 900, aliens 850, hangover 800, wall-e 780, up 750,
    # prometheus 700, drive 660, superbad 650, heat 640.
    (outcome,) = run(Simulation(depth=4), data, PopularityFloor(data))
    assert (outcome.row.turns, outcome.row.ranked) == (3, ("heat", "thing82", "notebook", "amelie"))
