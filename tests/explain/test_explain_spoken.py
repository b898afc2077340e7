"""Words of the user that past dialogues about an item hold: counted by hand."""

import pytest

from agent.context import PreferenceState, UserContext
from agent.dialogues import PastDialogue, Spoken
from agent.explain import SpokenWords, collect_evidence, plain, violations
from agent.explain.spoken import likelihood_ratio, user_words, without_titles
from agent.recommendation import Evidence
from agent.retrieval import ConversationMemory
from agent.understanding import Understanding
from prompts import Message


def talk(id_: str, said: str, *items: str) -> PastDialogue:
    turns = (Message("user", said), Message("assistant", "try these"))
    return PastDialogue(id_, turns, tuple(Spoken(i, 1, "assistant") for i in items))


PAST = (
    talk("a", "something scary today", "alien"),
    talk("b", "Scary, please", "alien", "aliens"),
    talk("c", "a scary one today", "alien"),
    talk("d", "a funny one today", "airplane"),
    talk("e", "funny", "airplane"),
    talk("f", "Alien was scary", "alien"),
    talk("g", "more like Alien", "alien"),
    talk("h", "what is on today", "hangover"),
)


@pytest.fixture
def spoken(films, word_embedder):
    return SpokenWords(ConversationMemory(films, word_embedder, PAST))


def asking(*said: str, **state) -> UserContext:
    return UserContext(dialogue=tuple(Message("user", s) for s in said), state=PreferenceState(**state))


def test_words_that_go_with_an_item_are_counted_over_the_other_dialogues(spoken):
    # Four of eight dialogues say scary, all of them among the five about Alien.
    assert spoken.telling("alien", asking("Hello", "a scary one"), "today") == [("scary", 4)]
    assert spoken.telling("airplane", asking("something funny")) == [("funny", 2)]
    assert spoken.telling("airplane", asking("something scary")) == []
    assert spoken.telling("superbad", asking("something funny")) == []
    own = UserContext(dialogue=(Message("user", "scary"),), dialogue_id="a")
    assert spoken.telling("alien", own) == [("scary", 3)]


def test_a_word_that_comes_with_everything_tells_nothing(spoken):
    # "today" is in two of the five dialogues about Alien and in two of the three others.
    assert spoken.telling("alien", asking("today")) == []


def test_dialogues_that_join_or_change_are_counted_at_once(films, word_embedder):
    memory = ConversationMemory(films, word_embedder, PAST)
    spoken = SpokenWords(memory)
    assert spoken.telling("aliens", asking("scary")) == []
    for number in range(3):
        memory.add(talk(f"new{number}", "scary", "aliens"))
    assert spoken.telling("aliens", asking("scary")) == [("scary", 4)]
    memory.add(talk("new0", "slow", "heat"))
    assert spoken.telling("aliens", asking("scary")) == [("scary", 3)]


def test_titles_are_no_words_and_what_is_turned_down_is_not_asked_for(films):
    assert without_titles("Alien (1979) or ALIEN, alienated", ["alien"], films).split() == [
        "or",
        ",",
        "alienated",
    ]
    context = asking("I loved Alien", "scary, not funny", attitudes={"alien": 1})
    assert user_words(context, "in space", films) == ("space", "scary")


def test_the_ratio_is_that_of_a_two_by_two_table():
    # 10 of 20 and 10 of 20 of 40: as expected, 0; all of 20 with all of 20: 2 x 40 ln 2.
    assert likelihood_ratio(10, 20, 20, 40) == pytest.approx(0, abs=1e-12)
    assert likelihood_ratio(20, 20, 20, 40) == pytest.approx(2 * 40 * 0.693147, abs=1e-3)


def test_they_are_said_only_where_nothing_else_points_at_the_user(films):
    item, said = films.item("heat"), Understanding("")
    evidence = collect_evidence(item, UserContext(), said, films, spoken=[("slow", 4), ("loud", 3)])
    assert [e for e in evidence if e.kind == "said"] == [
        Evidence("said", "slow", number=4.0, field="dialogues")
    ]
    assert "4 conversations here that mention “slow”" in plain(films.label(item), evidence).text
    named = UserContext(state=PreferenceState(attitudes={"godfather": 1}))
    evidence = collect_evidence(item, named, said, films, spoken=[("slow", 4)])
    assert not any(e.kind == "said" for e in evidence)


def test_a_word_that_is_a_category_too_may_be_said_of_both(films):
    item = films.item("alien")
    evidence = collect_evidence(item, UserContext(), Understanding(""), films, spoken=[("horror", 4)])
    sentence = plain(films.label(item), evidence, kind=films.kind).text
    assert "“horror”" in sentence
    assert "Horror" in sentence
    context = UserContext()
    assert violations(sentence, item, films.label(item), evidence, context=context, catalog=films) == ()


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        ("4 conversations here that mention “slow”, as you did, name it.", True),
        ("It is named in 4 conversations here that mention “slow”, as you did.", True),
        ("5 conversations here that mention “slow”, as you did, name it.", False),
        ("4 conversations here name it.", False),
        ("It is slow.", False),
        ("It is slow, as you asked.", False),
        ("It is slow, which you like.", False),
        ("Its title mentions “slow”.", False),
        ("4 people here liked “slow”.", False),
        ("4 conversations here that mention “slow”, as you asked, name it.", False),
    ],
)
def test_the_checker_lets_them_be_said_of_conversations_alone(films, sentence, right):
    item, context = films.item("heat"), UserContext()
    evidence = (Evidence("said", "slow", number=4.0, field="dialogues"),)
    found = violations(sentence, item, films.label(item), evidence, context=context, catalog=films)
    assert right is not bool(found)


def test_both_wordings_pass_in_chinese(films):
    item = films.item("heat")
    from agent.explain.phrasing import statements

    evidence = (Evidence("said", "慢", number=4.0, field="dialogues"),)
    (statement,) = statements(evidence, "zh", "movie")
    for wording in statement.wordings:
        found = violations(
            wording, item, films.label(item), evidence, context=UserContext(), catalog=films, locale="zh"
        )
        assert found == (), wording
