import json

import pytest
from support import FILMS, WordEmbedder

from agent import Catalog, Recommender, Session, UserContext
from agent.errors import SessionError, UnknownItemError
from agent.recommendation import Recommendations
from agent.session import Turn
from agent.settings import Settings


@pytest.fixture
def recommender(films, tmp_path):
    settings = Settings(cache_dir=tmp_path)
    return Recommender(films, None, embedder=WordEmbedder(), settings=settings, strategy="fast,n=3")


@pytest.fixture
def session(recommender):
    return Session(recommender)


def test_a_turn_answers_with_a_list_and_remembers_it(session):
    turn = session.say("I loved Alien, hated The Hangover")
    assert session.context.state.attitudes == {"alien": 2, "hangover": -2}
    assert turn.recommendations.ids == session.shown
    assert not {"alien", "hangover"} & set(session.shown)
    assert [message.role for message in session.context.dialogue] == ["user", "assistant"]


def test_the_stream_gives_the_list_first_and_the_turn_last(session):
    *pieces, turn = session.stream("a comedy")
    assert isinstance(pieces[0], Recommendations)
    assert isinstance(turn, Turn)
    assert turn.reply == "".join(pieces[1:])


def test_a_reader_that_stops_early_loses_no_state(session):
    stream = session.stream("a comedy")
    next(stream)
    stream.close()
    assert session.shown
    assert session.context.constraints[0].value == ("Comedy",)


def test_constraints_hold_until_they_are_relaxed(session):
    session.say("a comedy, nothing before 2000")
    assert {session.recommender.catalog.item(i).year >= 2000 for i in session.shown} == {True}
    session.say("any year is fine")
    assert [c.field for c in session.context.constraints] == ["categories"]


def test_feedback_acts_on_the_next_list_and_seen_items_stay_away(session):
    first = session.say("a comedy").recommendations.ids
    session.feedback(1, "seen")
    session.feedback(2, "dislike")
    after = session.say("a comedy please").recommendations.ids
    assert not set(first[:2]) & set(after)


def test_feedback_by_rank_or_id(session):
    with pytest.raises(SessionError, match=r"no number 1.*there is no list yet"):
        session.feedback(1, "like")
    session.feedback("up", "like")
    assert session.context.state.liked == ("up",)
    with pytest.raises(UnknownItemError):
        session.feedback("nowhere", "like")
    session.say("a comedy")
    with pytest.raises(SessionError, match=r"no number 9.*it has 3"):
        session.feedback(9, "like")


def test_none_of_these_rejects_the_list(session):
    first = session.say("a comedy").recommendations.ids
    again = session.say("none of these").recommendations.ids
    assert not set(first) & set(again)


def test_undo_restores_exactly(session):
    session.say("a comedy")
    before, shown = session.context, session.shown
    session.say("no romance, nothing before 2000")
    session.feedback(1, "like")
    assert session.undo()
    assert session.undo()
    assert (session.context, session.shown) == (before, shown)
    assert session.undo()
    assert session.context == UserContext()
    assert not session.undo()


def test_why_and_questions_are_answered_in_words(session):
    session.say("I liked Alien")
    shown = session.shown
    turn = session.say("why the second?")
    assert turn.recommendations is None
    assert session.recommender.catalog.item(shown[1]).title in turn.reply
    assert session.shown == shown
    about = session.say("tell me about the first")
    assert session.recommender.catalog.item(shown[0]).title in about.reply


def test_thanks_and_off_topic_get_a_sentence_not_a_list(session):
    session.say("a comedy")
    for utterance in ("thanks!", "what's the weather like today?"):
        turn = session.say(utterance)
        assert turn.recommendations is None
        assert turn.reply


def test_a_greeting_opens_with_a_question_and_a_list(session):
    turn = session.say("hi")
    assert turn.recommendations is not None
    assert turn.reply.startswith("Hello")
    assert turn.reply.rstrip().endswith("?")


def test_a_yes_takes_the_offer_to_relax(session):
    turn = session.say("a comedy from before 1960")
    assert len(turn.recommendations) == 0
    assert "Shall I drop it?" in turn.reply
    turn = session.say("yes")
    assert len(turn.recommendations) == 3
    assert all("Comedy" in r.item.categories for r in turn.recommendations)


def test_a_yes_drops_no_more_than_was_offered(session):
    turn = session.say("a western comedy from before 1960")
    assert "Without “western” and “before 1960”" in turn.reply
    turn = session.say("yes")
    assert [str(c) for c in session.context.constraints] == ["categories in Comedy"]
    assert len(turn.recommendations) == 3


def test_save_and_load_resume_with_all_that_can_be_undone(session, recommender, tmp_path):
    session.say("I loved Alien. A comedy, nothing before 2000")
    session.feedback(1, "seen")
    path = tmp_path / "folder" / "talk.json"
    session.save(path)
    again = Session.load(path, recommender)
    assert again.context == session.context
    assert again.shown == session.shown
    assert again.say("more").recommendations.ids == session.say("more").recommendations.ids
    while session.undo():
        assert again.undo()
        assert again.context == session.context
    assert not again.undo()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "is not a session file"),
        ("[]", "has format None"),
        (json.dumps({"format": 99}), "has format 99, this version reads 1"),
        (json.dumps({"format": 1, "dialogue": [], "moments": [{}]}), "is damaged"),
    ],
)
def test_broken_session_files_are_named(content, message, recommender, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text(content)
    with pytest.raises(SessionError, match=message) as caught:
        Session.load(path, recommender)
    assert str(path) in str(caught.value)


def test_a_missing_session_file_is_named(recommender, tmp_path):
    with pytest.raises(SessionError, match="cannot be read"):
        Session.load(tmp_path / "none.json", recommender)


def test_a_session_of_another_catalog_is_refused(session, tmp_path):
    session.feedback("alien", "like")
    session.save(tmp_path / "talk.json")
    other = Recommender(Catalog(FILMS[1:], name="other"), None, embedder=WordEmbedder(), strategy="fast")
    with pytest.raises(SessionError, match=r"'alien', which 'other' does not have.*'films'"):
        Session.load(tmp_path / "talk.json", other)


def test_an_unwritable_place_is_named(session, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SessionError, match="cannot be written"):
        session.save(tmp_path / "file" / "talk.json")


@pytest.mark.parametrize("utterance", ["", "   ", "\x00\x07\x1b[31m", "🙂🙂🙂", "ñandú qué", "?!"])
def test_odd_utterances_get_a_sensible_answer(session, utterance):
    turn = session.say(utterance)
    assert turn.reply or turn.recommendations


def test_five_megabytes_are_answered_and_not_kept_whole(session):
    turn = session.say("I love Alien. " + "blah " * 1_000_000)
    assert turn.recommendations is not None
    assert sum(len(message.content) for message in session.context.dialogue) < 100_000


def test_replies_follow_the_locale(recommender):
    session = Session(recommender, UserContext(locale="zh"))
    assert "你好" in session.say("你好").reply
