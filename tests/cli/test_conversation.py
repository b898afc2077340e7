"""What the lines of a chat do, over a real session without a language model."""

import json

import pytest

from agent.cli.conversation import Conversation
from agent.cli.working import Working
from agent.context import UserContext
from agent.recommender import Recommender
from agent.session import Session


@pytest.fixture
def session(films, word_embedder):
    return Session(Recommender(films, None, embedder=word_embedder, strategy="fast"), n=3)


@pytest.fixture
def conversation(session):
    return Conversation(session, Working())


@pytest.fixture
def listed(conversation, session, capsys):
    """A conversation with a list in it."""
    conversation.answer("a comedy from the 2000s")
    capsys.readouterr()
    assert len(session.shown) == 3
    return conversation


def test_an_utterance_shows_a_card_per_item(conversation, session, capsys):
    assert conversation.answer("I loved Alien. Something scary?")
    shown = capsys.readouterr().out
    catalog = session.recommender.catalog
    for rank, item_id in enumerate(session.shown, start=1):
        assert f" {rank}  {catalog.label(catalog.item(item_id))}" in shown


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [("/like 2", "liked", "you like"), ("+2", "liked", "you like"), ("-2", "disliked", "you do not like")],
)
def test_feedback_reaches_the_session(listed, session, capsys, line, kind, said):
    assert listed.answer(line)
    assert getattr(session.context.state, kind) == (session.shown[1],)
    assert said in capsys.readouterr().out


def test_several_are_seen_at_once(listed, session):
    listed.answer("/seen 1 3")
    assert session.context.state.seen == {session.shown[0], session.shown[2]}


def test_why_prints_a_reason(listed, session, capsys):
    listed.answer("/why 1")
    assert capsys.readouterr().out.split() == session.why(1).split()


def test_undo_says_what_was_taken_back_and_shows_the_list_before(listed, session, capsys):
    before = session.shown
    listed.answer("something newer")
    capsys.readouterr()
    listed.answer("/undo")
    shown = capsys.readouterr().out
    assert "Taken back: “something newer”" in shown
    assert session.shown == before
    labels = [session.recommender.catalog.label(session.recommender.catalog.item(i)) for i in before]
    assert all(label in shown for label in labels)


def test_undo_of_feedback_and_of_nothing(listed, session, capsys):
    listed.answer("/like 1")
    listed.answer("/undo")
    assert session.context.state.liked == ()
    listed.answer("/undo")
    listed.answer("/undo")
    shown = capsys.readouterr().out
    assert "your last feedback" in shown
    assert "nothing to take back" in shown


def test_save_writes_a_file_that_resumes(listed, session, tmp_path, capsys):
    path = tmp_path / "my talk.json"
    listed.answer(f"/save {path}")
    assert str(path) in " ".join(capsys.readouterr().out.split())
    assert json.loads(path.read_text())["catalog"]["name"] == "films"
    resumed = Session.load(path, session.recommender)
    Conversation(resumed, Working()).welcome()
    shown = capsys.readouterr().out
    assert "Going on after 1 exchanges" in shown
    assert " 3  " in shown


def test_trace_names_the_stages(listed, session, capsys):
    listed.answer("/trace")
    shown = capsys.readouterr().out
    assert all(f"\n{stage.name} " in shown for stage in session.last.trace.stages)


def test_reset_forgets_everything(listed, session):
    listed.answer("/like 1")
    listed.answer("/reset")
    assert session.context == UserContext(locale="en")
    assert session.shown == ()


def test_help_names_every_command(conversation, capsys):
    conversation.answer("/help")
    shown = capsys.readouterr().out
    assert all(
        f"/{name}" in shown for name in ("like", "dislike", "seen", "why", "undo", "save", "trace", "quit")
    )


def test_quit_ends(conversation):
    assert not conversation.answer("/quit")


def test_a_blank_line_does_nothing(conversation, session, capsys):
    assert conversation.answer("   ")
    assert capsys.readouterr().out == ""
    assert session.context.dialogue == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/liek 2", "did you mean /like?"),
        ("/xyzzy", "did you mean /help?"),
        ("/like", "/like 2"),
        ("/like first", "/like 2"),
        ("/save", "/save conversation.json"),
    ],
)
def test_a_wrong_command_says_what_is_right(listed, capsys, line, said):
    assert listed.answer(line)
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("line", ["/like 9", "/why 0", "+4", "/save /dev/null/x"])
def test_an_error_ends_nothing(listed, session, capsys, line):
    before = session.context
    assert listed.answer(line)
    assert capsys.readouterr().err.startswith("error: ")
    assert session.context == before
