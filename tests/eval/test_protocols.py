import json

import pytest

from agent.catalog import Interaction
from agent.errors import SettingsError
from agent.lm import Usage
from eval.datasets import EvalSet, Question
from eval.errors import ProtocolError
from eval.metrics import WrittenTitle
from eval.protocols import (
    PROTOCOLS,
    Answer,
    Choice,
    GrounderSystem,
    ListCompletion,
    NextItem,
    NextItemAll,
    TitleGrounding,
    TopN,
    run,
)
from prompts import Message

QUESTIONS = (
    Question("q1", "d1", ("aliens", "gone"), (Message("user", "Hi"),), ("alien",), repeated=("alien",)),
    Question("q2", "d1", (), mentioned=("heat",), repeated=("heat",)),
    Question("q3", "d2", ("heat", "up"), mentioned=("heat",)),
)


@pytest.fixture
def talk(films):
    return EvalSet("talk", "conversation", films, QUESTIONS)


class Fixed:
    """Gives one list, and keeps what it was asked."""

    name = "fixed"

    def __init__(self, *ranked, **fields):
        self.ranked, self.fields, self.asked = ranked, fields, []

    def __call__(self, question, n):
        self.asked.append((question, n))
        return Answer(question.id, self.ranked, **self.fields)


def rows(protocol, data, system):
    return {outcome.row.id: outcome.row for outcome in run(protocol, data, system)}


def test_next_item_counts_new_items_only(talk):
    found = rows(NextItem(), talk, Fixed("alien", "heat", "nothing", "up", "aliens", "up"))
    assert list(found) == ["q1", "q3"]  # q2 has nothing new
    assert found["q1"].targets == ("aliens", "gone")
    assert found["q1"].ranked == ("heat", "up", "aliens")
    assert found["q3"].targets == ("up",)  # Heat was said before, whatever the file says
    assert found["q3"].ranked == ("alien", "up", "aliens")
    assert (found["q3"].cluster, found["q3"].history) == ("d2", ("heat",))


def test_the_all_variant_counts_repeated_items(talk):
    found = rows(NextItemAll(), talk, Fixed("alien", "heat", "up"))
    assert list(found) == ["q1", "q2", "q3"]
    assert found["q1"].targets == ("aliens", "gone", "alien")
    assert found["q2"].targets == ("heat",)
    assert found["q2"].ranked == ("alien", "heat", "up")


def test_lists_are_cut_to_the_depth(talk):
    system = Fixed("up", "drive", "superbad")
    found = rows(NextItem(depth=2), talk, system)
    assert found["q1"].ranked == ("up", "drive")
    assert [n for _, n in system.asked] == [2, 2]


@pytest.mark.parametrize("protocol", [NextItem(), NextItemAll()])
def test_no_system_sees_what_is_right(talk, protocol):
    system = Fixed("up")
    rows(protocol, talk, system)
    for question, _ in system.asked:
        assert (question.targets, question.repeated, question.later) == ((), (), ())


def test_what_a_system_raises_becomes_a_row_and_the_rest_is_asked(talk):
    calls = []

    class Broken:
        name = "broken"

        def __call__(self, question, n):
            calls.append(question.id)
            if question.id == "q1":
                raise ValueError("no such thing")
            return Answer(question.id, ("up",))

    first, second = run(NextItem(), talk, Broken())
    assert (first.row.failed, first.row.ranked, first.answer.error) == (True, (), "ValueError: no such thing")
    assert first.row.targets == ("aliens", "gone")
    assert first.row.milliseconds >= 0
    assert (second.row.failed, second.row.ranked) == (False, ("up",))
    assert calls == ["q1", "q3"]  # each once


def test_wrong_settings_end_the_run(talk):
    class Misset:
        name = "misset"

        def __call__(self, question, n):
            raise SettingsError("there is no such switch")

    with pytest.raises(SettingsError):
        list(run(NextItem(), talk, Misset()))


def test_questions_are_asked_one_at_a_time(talk):
    system = Fixed("up")
    outcomes = run(NextItem(), talk, system)
    next(outcomes)
    assert len(system.asked) == 1


def test_rows_carry_tokens_time_and_titles(talk):
    titles = (WrittenTitle("Up", "up"), WrittenTitle("Nothing", None))
    system = Fixed(
        "up", titles=titles, usage=Usage(3, 4), milliseconds=5.0, examples=("Up",), faithful=(True,)
    )
    row = rows(NextItem(), talk, system)["q1"]
    assert (row.titles, row.usage, row.milliseconds) == (titles, Usage(3, 4), 5.0)
    assert (row.examples, row.faithful) == (("Up",), (True,))


def test_options_are_all_that_counts_in_a_choice(films):
    question = Question("c", "c", ("up",), options=("up", "heat", "drive"), slices=("Negated",))
    data = EvalSet("choices", "choice", films, (question,))
    row = rows(Choice(), data, Fixed("alien", "heat", "up"))["c"]
    assert (row.ranked, row.options, row.slices) == (("heat", "up"), ("up", "heat", "drive"), ("Negated",))


def test_history_is_known(films):
    past = tuple(Interaction("u", item, "rate", 9.0, 1.0) for item in ("up", "heat", "up"))
    data = EvalSet("past", "history", films, (Question("u", "u", ("drive",), history=past),))
    row = rows(TopN(), data, Fixed("up", "drive"))["u"]
    assert (row.history, row.ranked) == (("up", "heat"), ("drive",))


def test_a_protocol_is_refused_where_it_does_not_fit(talk, films):
    with pytest.raises(ProtocolError, match="choice cannot be run on a set of the kind 'conversation'"):
        list(run(Choice(), talk, Fixed()))
    with pytest.raises(ProtocolError, match="no question is one for next-item"):
        list(run(NextItem(), EvalSet("old", "conversation", films, QUESTIONS[1:2]), Fixed()))
    assert list(run(ListCompletion(), talk, Fixed()))


def test_every_protocol_has_a_name_a_task_and_metrics():
    for name, protocol in PROTOCOLS.items():
        assert protocol.name == name
        assert protocol.tasks
        assert protocol.metrics


def test_answers_survive_json():
    answer = Answer(
        "q", ("a", "b"), (WrittenTitle("A", "a"), WrittenTitle("X", None)), ("E",), (True, False), 2, False,
        {"intents": ["greet"]}, Usage(1, 2, 3), 4.5, "E: x", ({"stage": "rank"},),
    )  # fmt: skip
    for each in (answer, Answer("q"), Answer("q", titles=()), Answer("q", milliseconds=0.0, succeeded=False)):
        stored = json.loads(json.dumps(each.to_json()))
        again = Answer.from_json(stored)
        assert again == each
    assert Answer("q").to_json() == {"question": "q"}


class NamesFilms:
    """Grounds titles that are spelled as in the catalog."""

    def __init__(self, catalog):
        self._ids = {item.title: item.id for item in catalog}

    def ground(self, titles):
        from agent.grounding import Grounding

        return [
            Grounding(t, self._ids.get(t), "exact" if t in self._ids else "rejected", 1, "") for t in titles
        ]


def test_title_grounding_tells_links_from_rejections(films):
    def title(number, text, *targets):
        return Question(str(number), str(number), targets, (Message("user", text),))

    questions = (
        title(1, "Up", "up"),
        title(2, "Heat!", "heat"),
        title(3, "Nobody's Film"),
        title(4, "Drive"),
    )
    data = EvalSet("titles", "grounding", films, questions)
    found = rows(TitleGrounding(), data, GrounderSystem(NamesFilms(films)))
    assert found["1"].ranked == found["1"].targets == ("up",)
    assert found["2"].titles == (WrittenTitle("Heat!", None, "rejected", 1),)  # a link that was missed
    assert (found["3"].ranked, found["3"].titles[0].item_id) == ((), None)
    assert found["4"].ranked == ("drive",)  # a false link
    assert rows(TitleGrounding(), data, Fixed("up"))["1"].failed
