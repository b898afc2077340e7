"""Which question is asked, and what its answer is taken to say; entropies computed by hand."""

from dataclasses import replace
from math import log2

import numpy as np
import pytest
from support import FILMS, WordEmbedder, film

from agent import Catalog, Recommender, Session, UserContext
from agent.answering import read_answer
from agent.catalog import Item
from agent.clarification import Clarification, Option
from agent.clarify import Clarifier, distribution, entropy, expected_gain
from agent.context import Constraint, PreferenceState
from agent.lm import ScriptedModel
from agent.retrieval import Fused
from agent.session import Session as ChatSession
from agent.settings import Settings
from agent.understanding import RuleUnderstander

CATALOG = Catalog(FILMS, name="films", kind="movie")


def even(*ids):
    return [Fused(item_id, 1.0, ()) for item_id in ids]


def test_the_entropy_of_equal_chances_is_the_logarithm_of_their_number():
    assert entropy(np.full(8, 1 / 8)) == 3.0
    assert entropy(np.array([1.0, 0.0])) == 0.0


def test_scores_become_chances():
    assert distribution(np.array([log2(3) * np.log(2), 0.0])) == pytest.approx([0.75, 0.25])


def test_an_answer_that_halves_four_candidates_tells_a_bit():
    meets = np.array([[True, False], [True, False], [False, True], [False, True]])
    assert expected_gain(np.full(4, 0.25), meets) == pytest.approx(1.0)


def test_none_of_these_is_an_answer_too():
    meets = np.array([[True], [False], [False], [False]])
    # H = 2; yes (1/4) leaves 0 bits, none (3/4) leaves log2 3.
    assert expected_gain(np.full(4, 0.25), meets) == pytest.approx(2 - 0.75 * log2(3))


def test_who_wants_what_meets_two_options_names_either():
    meets = np.array([[True, True], [True, False]])
    # P(first) = 3/4 leaves H(1/3, 2/3), P(second) = 1/4 leaves 0.
    left = 0.75 * (log2(3) - 2 / 3)
    assert expected_gain(np.array([0.5, 0.5]), meets) == pytest.approx(1 - left)


def test_an_option_that_all_or_nobody_meets_tells_nothing():
    assert expected_gain(np.full(4, 0.25), np.ones((4, 1), dtype=bool)) == pytest.approx(0)
    assert expected_gain(np.full(4, 0.25), np.zeros((4, 1), dtype=bool)) == pytest.approx(0)


ALL_COMEDIES = Catalog(
    [
        film(f"f{n}", f"Film {n}", year, "Comedy", 1)
        for n, year in enumerate((1981, 1984, 1993, 2001, 2004, 2011))
    ]
)
ALL_OF_A_YEAR = Catalog(
    [film(f"f{n}", f"Film {n}", 2001, kind, 1) for n, kind in enumerate(("War", "War", "Crime", "Crime"))]
)


def test_what_all_candidates_share_is_not_asked():
    asked = Clarifier(ALL_COMEDIES).choose(even(*(i.id for i in ALL_COMEDIES)), UserContext(), 2)
    assert asked.field == "year"
    asked = Clarifier(ALL_OF_A_YEAR).choose(even(*(i.id for i in ALL_OF_A_YEAR)), UserContext(), 2)
    assert (asked.field, asked.gain) == ("categories", pytest.approx(1.0))
    assert asked.text == "What are you in the mood for: War or Crime, or something like one you loved?"
    assert [o.constraints for o in asked.options] == [
        (Constraint("categories", "in", ("War",), "War"),),
        (Constraint("categories", "in", ("Crime",), "Crime"),),
    ]


def test_years_are_asked_by_decades_the_newest_first():
    asked = Clarifier(ALL_COMEDIES).choose(even(*(i.id for i in ALL_COMEDIES)), UserContext(), 2)
    assert [o.words for o in asked.options] == ["2010 or newer", "the 2000s", "the 1990s", "before 1990"]
    assert asked.text == "From when should it be: 2010 or newer, the 2000s, the 1990s or before 1990?"
    meets = [[i.year for i in ALL_COMEDIES if o.allows(i)] for o in asked.options]
    assert meets == [[2011], [2001, 2004], [1993], [1981, 1984]]
    # Shares 1/6, 1/3, 1/6, 1/3: the answer's entropy, for it tells the period for sure.
    assert asked.gain == pytest.approx(2 / 6 * log2(6) + 2 / 3 * log2(3))


def test_names_that_only_one_candidate_has_are_not_asked_about():
    items = [
        Item(f"p{i}", f"Paper {i}", attributes={"authors": (f"Author {'ABCDEF'[i]}",)}) for i in range(6)
    ]
    assert Clarifier(Catalog(items)).choose(even(*(i.id for i in items)), UserContext(), 2) is None
    shared = [replace(item, attributes={"authors": (("Ann", "Bob")[i % 2],)}) for i, item in enumerate(items)]
    asked = Clarifier(Catalog(shared)).choose(even(*(i.id for i in items)), UserContext(), 2)
    assert [option.words for option in asked.options] == ["Ann", "Bob"]


def test_chinese_words():
    asked = Clarifier(ALL_OF_A_YEAR).choose(even(*(i.id for i in ALL_OF_A_YEAR)), UserContext(locale="zh"), 2)
    assert asked.text == "你想要哪一类：战争还是犯罪？或者像哪一部你喜欢的？"


def test_nothing_is_asked_where_a_list_shows_what_there_is():
    assert Clarifier(ALL_OF_A_YEAR).choose(even(*(i.id for i in ALL_OF_A_YEAR)), UserContext(), 5) is None
    sure = [Fused("f0", 30.0, ()), *even("f1", "f2", "f3")]
    assert Clarifier(ALL_OF_A_YEAR).choose(sure, UserContext(), 2) is None
    assert Clarifier(ALL_OF_A_YEAR).choose([], UserContext(), 2) is None


@pytest.mark.parametrize(
    "context",
    [
        UserContext(asked=("categories",)),
        UserContext(constraints=(Constraint("categories", "not in", ("Horror",)),)),
        UserContext(state=PreferenceState(facets={("categories", "War"): 1.0})),
    ],
)
def test_nothing_is_asked_twice_or_when_it_was_told(context):
    assert Clarifier(ALL_OF_A_YEAR).choose(even(*(i.id for i in ALL_OF_A_YEAR)), context, 2) is None


def test_numbers_are_asked_in_round_ranges():
    by_length = Catalog(
        [
            film(f"f{n}", f"Film {n}", 2001, "War", 1, minutes=m)
            for n, m in enumerate((75, 85, 95, 100, 140, 150))
        ]
    )
    asked = Clarifier(by_length).choose(even(*(i.id for i in by_length)), UserContext(), 2)
    # Terciles 85 and 100 of a spread of 75: steps of 10.
    assert asked.text == "How long should it be, in minutes: under 80, 80 to 100 or 100 or more?"


CATEGORIES = Clarification(
    "categories",
    tuple(Option(v, (Constraint("categories", "in", (v,), v),)) for v in ("Crime", "Comedy", "Horror")),
    "?",
    1.0,
)
PERIODS = Clarification(
    "year",
    (
        Option("2010 or newer", (Constraint("year", ">=", 2010, "2010 or newer"),)),
        Option(
            "the 2000s",
            (Constraint("year", ">=", 2000, "the 2000s"), Constraint("year", "<=", 2009, "the 2000s")),
        ),
        Option("before 2000", (Constraint("year", "<", 2000, "before 2000"),)),
    ),
    "?",
    1.0,
)
RULES = RuleUnderstander(CATALOG)
SHOWN = ("alien", "heat", "up")


@pytest.mark.parametrize(
    ("utterance", "place"),
    [
        ("the second", 1), ("The second one, please.", 1), ("2", 1), ("second", 1), ("number 3", 2),
        ("the last one", 2),
        ("the first", 0), ("the former", 0), ("comedy", 1), ("Comedy please", 1), ("I'd like a comedy", 1),
        ("maybe horror", 2), ("第二个", 1), ("最后一个", 2),
    ],
)  # fmt: skip
def test_an_option_is_chosen_by_its_place_or_words(utterance, place):
    said = read_answer(RULES.understand(utterance, SHOWN, answering=True), CATEGORIES)
    assert (said.intents, said.answers, said.mentions) == (("inform",), "categories", ())
    assert said.constraints == CATEGORIES.options[place].constraints


@pytest.mark.parametrize(
    ("utterance", "place"),
    [("something recent", 0), ("newer", 0), ("the newest please", 0), ("something old", 2), ("a classic", 2),
     ("the 2000s", 1),
     ("before 2000", 2), ("2010 or newer", 0), ("新一点的", 0), ("老一点", 2)],
)  # fmt: skip
def test_a_range_is_chosen_by_its_direction(utterance, place):
    said = read_answer(RULES.understand(utterance, SHOWN, answering=True), PERIODS)
    assert (said.constraints, said.critiques) == (PERIODS.options[place].constraints, ())


def test_a_narrower_answer_of_ones_own_counts_as_it_was_said():
    said = read_answer(RULES.understand("from the 90s", SHOWN, answering=True), PERIODS)
    assert said.answers == "year"
    assert {str(c) for c in said.constraints} == {"year >= 1990", "year <= 1999"}


@pytest.mark.parametrize(
    "utterance",
    [
        "I don't care",
        "don't care",
        "doesn't matter",
        "any",
        "either is fine",
        "no preference",
        "whatever",
        "随便",
        "都可以",
    ],
)
def test_not_to_care_is_an_answer_without_a_condition(utterance):
    said = read_answer(RULES.understand(utterance, SHOWN, answering=True), CATEGORIES)
    assert (said.intents, said.answers, said.constraints, said.facets) == (("inform",), "categories", (), {})


def test_none_of_these_turns_down_the_options_and_the_list():
    said = read_answer(RULES.understand("none of these", SHOWN, answering=True), CATEGORIES)
    assert said.facets == {("categories", v): -1 for v in ("Crime", "Comedy", "Horror")}
    assert "reject" in said.intents


@pytest.mark.parametrize(
    "utterance",
    [
        "I loved Alien",
        "more like the second",
        "why the second?",
        "I have seen the second",
        "surprise me",
        "who directed Heat?",
    ],
)
def test_what_does_not_answer_is_read_as_ever(utterance):
    said = RULES.understand(utterance, SHOWN, answering=True)
    assert read_answer(said, CATEGORIES) == said


@pytest.fixture
def session(tmp_path):
    recommender = Recommender(
        CATALOG, None, embedder=WordEmbedder(), settings=Settings(cache_dir=tmp_path), strategy="fast"
    )
    return Session(recommender, n=2)


def test_a_conversation_of_questions_and_answers(session, tmp_path):
    first = session.say("hello").recommendations
    assert first.question == first.asked.text == session.asked.text
    assert session.context.asked == (first.asked.field,)
    option = first.asked.options[0]
    path = tmp_path / "session.json"
    session.save(path)
    resumed = ChatSession.load(path, session.recommender, n=2)
    assert (resumed.context, resumed.asked) == (session.context, session.asked)
    second = session.say("the first").recommendations
    assert session.context.constraints == option.constraints
    assert all(option.allows(r.item) for r in second)
    assert not set(first.ids) & set(second.ids)
    assert second.asked is None or second.asked.field != first.asked.field
    session.undo()
    assert session.asked == first.asked


def test_one_question_a_turn_and_none_again(session):
    fields = []
    for utterance in ("hello", "don't care", "don't care", "something else", "something else"):
        session.say(utterance)
        fields += [session.asked.field] if session.asked else []
    assert len(fields) == len(set(fields)) >= 2


def test_a_capable_model_words_the_question(tmp_path):
    def asked_by(answer):
        model = ScriptedModel([answer] if answer else [])
        recommender = Recommender(
            CATALOG, model, embedder=WordEmbedder(), settings=Settings(cache_dir=tmp_path)
        )
        return recommender.recommend("", n=2, strategy="fast")

    plain = asked_by("What would you like?")
    assert plain.question.startswith("From when") or "in the mood" in plain.question
    assert "does not offer the options" in plain.trace["ask"].notes[0]
    words = ", ".join(option.words for option in plain.asked.options)
    assert asked_by(f"Would it be {words}").question == f"Would it be {words}?"
    assert asked_by(None).question == plain.asked.text
