import pytest
from support import WordEmbedder

from agent import Recommender, Session
from agent.dialogues import append_dialogue, load_dialogues
from agent.settings import Settings

FAST = "fast,explain=none,ask=false,n=3"


@pytest.fixture
def session(films, tmp_path):
    settings = Settings(cache_dir=tmp_path)
    return Session(Recommender(films, None, embedder=WordEmbedder(), strategy=FAST, settings=settings))


def test_named_items_are_the_users_and_liked_ones_of_a_list_the_assistants(session):
    session.say("I loved Heat. Something tense")
    first, second, third = session.shown
    session.feedback(2, "like")
    session.feedback(3, "dislike")
    said = {(i.item_id, i.turn, i.by, i.attitude) for i in session.recollection("d").items}
    assert said == {("heat", 0, "user", 2), (second, 1, "assistant", 1), (third, 1, "assistant", -1)}
    assert first not in {item_id for item_id, *_ in said}


def test_what_was_undone_is_not_remembered(session):
    session.say("Something tense")
    session.feedback(1, "like")
    session.undo()
    assert session.recollection().items == ()


def test_two_conversations_have_two_ids_and_one_keeps_its_own(session):
    session.say("Something tense")
    first = session.recollection().id
    assert session.recollection().id == first
    session.say("no, something funny")
    assert session.recollection().id != first


def test_a_conversation_counts_from_the_next_list_on(session):
    session.say("a rainy evening with my aunt")
    session.feedback(3, "like")
    liked = session.shown[2]
    recommender = session.recommender
    query = "a rainy evening with my aunt"
    before = recommender.recommend(query).trace["retrieve"].outputs
    assert "neighbours" not in before
    recommender.remember(session.recollection("d"))
    made = recommender.recommend(query)
    assert made.trace["retrieve"].outputs["neighbours"] == 1
    assert made.ids[0] == liked


def test_a_file_of_conversations_grows_line_by_line(session, films, tmp_path):
    file = tmp_path / "deep" / "memory.jsonl"
    session.say("I loved Heat. Something tense")
    append_dialogue(file, session.recollection("one"))
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    append_dialogue(file, session.recollection("two"))
    assert [dialogue.id for dialogue in load_dialogues(file, films)] == ["one", "two"]
    assert load_dialogues(file, films)[0] == session.recollection("one")
