"""What the service does, whatever speaks to it."""

import pytest

from agent.errors import NotFoundError, RequestError
from agent.serve.views import BeliefsEdit, ListView, TurnView


def said(service, user, session_id, text, **options):
    """The list and the turn of an utterance."""
    *_, turn = service.say(user, session_id, text, **options)
    return turn.list, turn


def test_the_list_comes_first_and_the_turn_last(service):
    session = service.open_session("ann")
    first, *words, turn = service.say("ann", session.id, "a comedy")
    assert isinstance(first, ListView)
    assert isinstance(turn, TurnView)
    assert turn.list == first
    assert "".join(words) == turn.reply
    assert [r.rank for r in first.items] == [1, 2, 3]
    assert all("Comedy" in r.item.categories for r in first.items)


def test_what_was_said_is_kept_before_anything_is_read(service, make_service):
    session = service.open_session("ann")
    service.say("ann", session.id, "a comedy")
    assert make_service().session("ann", session.id).turns[0].text == "a comedy"


def test_another_replica_goes_on_where_one_left_off(service, make_service):
    session = service.open_session("ann", n=2)
    shown, _ = said(service, "ann", session.id, "I loved Alien. Something scary, nothing before 1980")
    other = make_service()
    item = shown.items[0].item.id
    assert other.session("ann", session.id) == service.session("ann", session.id)
    assert other.why("ann", session.id, item) == service.why("ann", session.id, item)
    assert other.feedback("ann", session.id, 1, "dislike").feedback == {item: ["dislike"]}
    again, _ = said(service, "ann", session.id, "something else please")
    assert item not in {r.item.id for r in again.items}
    assert len(again.items) == 2


def test_edits_are_undone_as_one_step(service):
    session = service.open_session("ann")
    said(service, "ann", session.id, "I loved Alien. Something scary, nothing before 1980")
    before = service.beliefs("ann", session.id)
    assert [c.text for c in before.constraints] == ["nothing before 1980"]
    edit = BeliefsEdit(attitudes={"alien": 0, "up": -2}, drop_constraints=[0], wish="funny", unsee=["alien"])
    after = service.edit_beliefs("ann", session.id, edit)
    assert (after.wish, after.constraints, after.seen) == ("funny", [], [])
    assert [(a.item.id, a.attitude) for a in after.attitudes] == [("up", -2)]
    service.undo("ann", session.id)
    assert service.beliefs("ann", session.id) == before
    with pytest.raises(RequestError, match="no constraint 7"):
        service.edit_beliefs("ann", session.id, BeliefsEdit(drop_constraints=[7]))


def test_a_search_finds_titles_words_and_misspelt_titles(service):
    assert [i.id for i in service.search("the thing")] == ["thing82", "thing11"]
    assert service.search("heat")[0].id == "heat"
    assert service.search("alein")[0].id == "alien"
    assert service.search("western")[0].id == "unforgiven"
    assert service.search("") == ()
    with pytest.raises(RequestError):
        service.search("x", limit=0)
    with pytest.raises(NotFoundError):
        service.item("nowhere")
