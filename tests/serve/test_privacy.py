"""No user ever sees another's data; what is deleted is gone, everywhere."""

import inspect
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from support import WordEmbedder

from agent.errors import ConflictError, NotFoundError
from agent.lm import ScriptedModel
from agent.serve.service import Service
from agent.serve.views import BeliefsEdit, EventIn
from agent.store.schema import metadata

SECRET = "a rainy evening with my aunt Zenobia"


@pytest.fixture
def session(service):
    """A conversation of ann's, remembered."""
    session = service.open_session("ann")
    converse(service, session.id)
    service.close_session("ann", session.id)
    return session


def converse(service, session_id, user="ann"):
    [*service.say(user, session_id, SECRET)]
    service.feedback(user, session_id, 3, "like")


TRIES = {
    "session": lambda s, i: s.session("eve", i),
    "delete_session": lambda s, i: s.delete_session("eve", i),
    "say": lambda s, i: s.say("eve", i, "a comedy"),
    "feedback": lambda s, i: s.feedback("eve", i, "up", "like"),
    "undo": lambda s, i: s.undo("eve", i),
    "why": lambda s, i: s.why("eve", i, "up"),
    "beliefs": lambda s, i: s.beliefs("eve", i),
    "edit_beliefs": lambda s, i: s.edit_beliefs("eve", i, BeliefsEdit(wish="x")),
    "taste_map": lambda s, i: s.taste_map("eve", i),
    "trace": lambda s, i: s.trace("eve", i, 1),
    "close_session": lambda s, i: s.close_session("eve", i),
    "record": lambda s, i: s.record("eve", [EventIn(kind="click", item_id="up", session_id=i)]),
}
OWN = {"recommend", "open_session", "sessions", "export", "delete", "set_memory"}
NOBODYS = {"item", "search", "expire", "ready", "close", "warm_up", "enter", "caches"}


def test_every_method_is_tried():
    methods = {
        name for name, _ in inspect.getmembers(Service, inspect.isfunction) if not name.startswith("_")
    }
    assert methods == TRIES.keys() | OWN | NOBODYS


def test_a_session_of_another_is_not_found(service, session):
    before = service.export("ann")
    for tried in TRIES.values():
        with pytest.raises(NotFoundError) as caught:
            tried(service, session.id)
        with pytest.raises(NotFoundError) as nowhere:
            tried(service, "f" * 32)
        assert str(caught.value) == str(nowhere.value)
    assert service.export("ann") == before
    assert service.export("eve").get("turns", []) == []


def test_what_is_asked_of_oneself_tells_nothing_of_another(service, session):
    theirs = service.open_session("eve", session_id=session.id)
    assert theirs.turns == []
    assert [s.title for s in service.sessions("eve")] == [""]
    assert SECRET not in json.dumps(service.export("eve"))
    assert service.delete("eve").rows["sessions"] == 1
    assert service.session("ann", session.id).turns[0].text == SECRET


def test_a_list_of_another_cannot_be_named(service, session):
    shown = service.session("ann", session.id).shown
    with pytest.raises(NotFoundError):
        service.record("eve", [EventIn(kind="click", item_id="up", list_id=shown.id)])


def test_a_remembered_conversation_lends_its_items_and_not_its_words(
    make_service, make_recommender, service, session
):
    strategy = "n=3,generation=free,scorer=none,explain=plain,ask=false,understand=rules,shots=5"
    model = ScriptedModel(["1. Heat\n2. Drive"] * 2)
    other = make_service(make_recommender(model=model, strategy=strategy))
    theirs = other.open_session("eve")
    *_, turn = other.say("eve", theirs.id, SECRET.replace("Zenobia", "Ada"))
    assert len(other.recommender.parts.memory.dialogues) == 1
    trace = other.trace("eve", theirs.id, 1)
    found = next(stage for stage in trace if stage["stage"] == "retrieve")["outputs"]
    assert found["neighbours"] >= 1
    assert "Zenobia" not in json.dumps([trace, turn.model_dump(mode="json"), [str(p) for p in model.prompts]])


def test_words_of_conversations_are_not_kept_in_the_cache_folder(service, session, make_recommender):
    service.recommend("eve", SECRET)
    folder = service.recommender.settings.cache_dir
    assert [p for p in folder.rglob("*") if p.is_file() and b"Zenobia" in p.read_bytes()] == []
    assert list(folder.rglob("*-memory*")) == []


def test_who_is_deleted_is_forgotten_by_all_replicas(service, session, make_service):
    other = make_service()
    assert len(other.recommender.parts.memory.dialogues) == 1
    deleted = service.delete("ann")
    assert deleted.rows["sessions"] == 1
    assert deleted.rows["memories"] == 1
    assert service.recommender.parts.memory.dialogues == ()
    other.recommend("bob", "a comedy")
    assert other.recommender.parts.memory.dialogues == ()
    assert service.export("ann") == {}
    for replica in (service, other):
        with pytest.raises(NotFoundError):
            replica.session("ann", session.id)
    assert "Zenobia" not in repr(vars(service._states))


def test_who_opts_out_is_not_remembered(service, session, make_service):
    service.set_memory("ann", False)
    assert service.recommender.parts.memory.dialogues == ()
    assert service.session("ann", session.id).remember is False
    again = service.open_session("ann")
    converse(service, again.id)
    service.close_session("ann", again.id)
    assert service.recommender.parts.memory.dialogues == ()
    service.set_memory("ann", True)
    service.close_session("ann", again.id)
    assert len(service.recommender.parts.memory.dialogues) == 1
    assert len(make_service().recommender.parts.memory.dialogues) == 1


def test_a_conversation_is_not_its_own_memory(service, session):
    [*service.say("ann", session.id, SECRET)]
    found = next(s for s in service.trace("ann", session.id, 3) if s["stage"] == "retrieve")["outputs"]
    assert "neighbours" not in found


def test_a_session_that_is_closed_again_is_remembered_once_as_it_is_then(service, session):
    service.feedback("ann", session.id, "up", "like")
    service.close_session("ann", session.id)
    (dialogue,) = service.recommender.parts.memory.dialogues
    assert dialogue.private
    before = len(dialogue.turns)
    [*service.say("ann", session.id, "more")]
    service.close_session("ann", session.id)
    (dialogue,) = service.recommender.parts.memory.dialogues
    assert len(dialogue.turns) == before + 2


def test_what_is_older_than_the_settings_allow_is_forgotten(service, session, make_service):
    assert make_service().expire() == {}
    assert make_service(retention_days=1).expire()["sessions"] == 0
    assert make_service(retention_days=1e-9).expire()["sessions"] == 1
    service.recommend("bob")
    assert service.recommender.parts.memory.dialogues == ()


def test_what_is_too_old_goes_by_itself(service, session, make_service):
    make_service(retention_days=1e-9).open_session("bob")
    assert service.export("ann") == {}
    service.recommend("bob")
    assert service.recommender.parts.memory.dialogues == ()


def test_who_is_deleted_amid_their_own_requests_leaves_nothing(service, make_service):
    replicas = [service, make_service()]
    refused = (NotFoundError, ConflictError)

    def use(number):
        mine = replicas[number % 2]
        for turn in range(8):
            with suppress(*refused):
                session = mine.open_session("ann", session_id="s").id
                [*mine.say("ann", session, "a comedy", request_id=f"{number}-{turn}")]
                mine.feedback("ann", session, "up", "like")
                mine.close_session("ann", session)
                mine.set_memory("ann", turn % 2 == 0)
                mine.record("ann", [EventIn(kind="click", item_id="up", session_id=session)])

    def delete():
        for _ in range(12):
            service.delete("ann")

    with ThreadPoolExecutor(5) as pool:
        for done in [*(pool.submit(use, number) for number in range(4)), pool.submit(delete)]:
            done.result()
    service.delete("ann")
    replicas[1].recommend("bob")
    assert service.export("ann") == {}
    assert [replica.recommender.parts.memory.dialogues for replica in replicas] == [(), ()]
    with service.store.read() as connection:
        left = {t.name: connection.execute(t.select()).all() for t in metadata.sorted_tables}
    assert {name for name, rows in left.items() if rows} <= {"users", "lists", "exposures", "memories"}
    assert all(row.dialogue is None for row in left["memories"])


def test_a_dialogue_that_cannot_be_read_keeps_no_other_out(service, session, make_service):
    theirs = service.open_session("bob")
    service.store.remember("bob", theirs.id, "broken", {"id": "broken"})
    assert [d.private for d in make_service().recommender.parts.memory.dialogues] == [True]


def test_caches_hold_nothing_of_who_is_deleted(make_service, make_recommender):
    from agent.grounding.embedder import CachedEmbedder

    replicas = [make_service(make_recommender(embedder=CachedEmbedder(WordEmbedder()))) for _ in range(2)]
    session = replicas[0].open_session("ann")
    for replica in replicas:
        converse(replica, session.id)
        assert "Zenobia" in held(replica)
    replicas[0].store.delete_user("ann")  # as the command line does, beside running services
    for replica in replicas:
        replica.recommend("bob", "a comedy")
        assert "Zenobia" not in held(replica)


def held(service):
    """What a service and its recommender hold on to, but for the caches of words that belong to nobody."""
    parts = service.recommender.parts
    sources = [vars(source) for source in parts.sources.values()]
    return repr([vars(service._states), vars(parts.embedder), parts.memory.dialogues, sources])
