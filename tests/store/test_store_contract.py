"""What every store does, on each engine alike."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import BusyError, ConflictError, NotFoundError, SettingsError, StoreError
from agent.store import Answer, Exposure, Pseudonym, Step, Store, StoredEvent, StoredList, migrate, now
from agent.store.schema import metadata

OPENING = {"locale": "en"}


@pytest.fixture
def store(store_address):
    store = Store.open(store_address)
    yield store
    store.close()


def shown(name="l1", *item_ids):
    items = tuple(
        Exposure(rank, i, 0.5, 0.25, ("lexical",), (("why", "plain"),)) for rank, i in enumerate(item_ids, 1)
    )
    return StoredList(
        name, items, "fast", "films", "f00d", "recommend/x", "cafe", "model", ("note",), "which?", ("a",)
    )


def opened(store, user="ann", name="s"):
    return store.open_session(user, name, opening=OPENING, change={"n": 0})


def say(store, session, text="hello", **fields):
    """The turn, and the session as it is with it."""
    turn = store.append("ann", session, Step("say", text, "well", {"n": session.version + 1}, **fields))
    return turn, store.session("ann", session.id)


def test_a_session_is_opened_once(store):
    first = store.open_session("ann", "s", opening=OPENING, change={"n": 0}, n=3, strategy="fast", seed=2**62)
    again = store.open_session("ann", "s", opening={"locale": "zh"}, change={"n": 1}, n=9)
    assert again == first == store.session("ann", "s")
    assert (first.n, first.strategy, first.seed, first.version, first.opening) == (
        3,
        "fast",
        2**62,
        0,
        OPENING,
    )
    assert store.changes(first) == [(0, {"n": 0})]


def test_two_users_may_call_their_sessions_alike(store):
    one, other = opened(store, "ann"), opened(store, "bob")
    assert one.pk != other.pk
    say(store, one)
    assert store.session("bob", "s").version == 0
    with pytest.raises(NotFoundError):
        store.session("eve", "s")


def test_steps_are_read_back_as_they_were_written(store):
    turn, session = say(
        store, opened(store), "I like\x00 \ud800 this 🙂", shown=shown("l1", "a", "b"), trace=[{"x": 1}]
    )
    assert turn.text == "I like\x00 \ud800 this 🙂"
    (kept,) = store.turns(session)
    assert kept == replace(turn, text="I like\ufffd \ufffd this 🙂")
    assert store.trace(session, 1) == [{"x": 1}]
    assert store.lists("ann", ["l1", "nowhere"]) == {
        "l1": replace(shown("l1", "a", "b"), created=store.lists("ann", ["l1"])["l1"].created)
    }
    assert store.lists("bob", ["l1"]) == {}
    assert store.changes(session) == [(0, {"n": 0}), (1, {"n": 1})]
    with pytest.raises(NotFoundError):
        store.turn(session, 2)


def test_an_undo_marks_and_loses_nothing(store):
    event = StoredEvent("e", "like", "a")
    _, session = say(store, opened(store), event=event)
    assert [e.id for e in store.history("ann", ["like"], 9)] == ["e"]
    store.append("ann", session, Step("undo", undoes=1))
    after = store.session("ann", "s")
    assert [seq for seq, _ in store.changes(after)] == [0]
    assert store.turns(after) == []
    assert store.history("ann", ["like"], 9) == []
    assert [seq for seq, _ in store.changes(after, version=1)] == [0, 1]
    assert store.turn(after, 1).undone_by == 2


def test_of_two_writers_one_is_late(store):
    session = opened(store)
    say(store, session)
    with pytest.raises(ConflictError):
        say(store, session)
    assert len(store.turns(store.session("ann", "s"))) == 1


def test_of_many_writers_at_once_each_number_goes_to_one(store):
    session = opened(store)
    won, lost = [], []

    def write(name):
        try:
            store.append("ann", session, Step("say", name, change={}, shown=shown(name, "a")))
            won.append(name)
        except ConflictError:
            lost.append(name)

    threads = [threading.Thread(target=write, args=(f"w{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert [turn.text for turn in store.turns(store.session("ann", "s"))] == won
    assert set(store.lists("ann", [f"w{i}" for i in range(8)])) == set(won)


def test_an_answer_is_kept_with_its_step_or_not_at_all(store):
    session = opened(store)
    answer = Answer("r1", "d", {"seq": 1})
    store.append("ann", session, Step("say", change={}), answer)
    assert store.answered("ann", "r1", "d") == answer
    assert store.answered("bob", "r1", "d") is None
    with pytest.raises(ConflictError, match="another request"):
        store.answered("ann", "r1", "other")
    after = store.session("ann", "s")
    with pytest.raises(ConflictError):
        store.append("ann", after, Step("say", change={}), answer)
    assert store.session("ann", "s") == after


def test_events_count_once(store):
    events = [
        StoredEvent("e1", "click", "a"),
        StoredEvent("e1", "click", "a"),
        StoredEvent("e2", "view", "b"),
    ]
    assert store.record("ann", events) == 2
    assert store.record("ann", events) == 0
    assert store.record("bob", events) == 2
    assert store.record("ann", []) == 0


def test_events_of_lists_and_sessions_of_others_are_refused_whole(store):
    session = opened(store, "bob")
    store.append("bob", session, Step("say", change={}, shown=shown("l1", "a")))
    for wrong in (
        StoredEvent("e2", "click", "a", list_id="l1"),
        StoredEvent("e2", "click", "a", session_id="s"),
    ):
        with pytest.raises(NotFoundError):
            store.record("ann", [StoredEvent("e1", "click", "a"), wrong])
    assert store.export("ann").get("events", []) == []
    assert (
        store.record(
            "bob", [StoredEvent("e1", "click", "a", list_id="l1", session_id="s", rank=1, value=0.5)]
        )
        == 1
    )
    (event,) = store.history("bob", ["click"], 9)
    assert (event.list_id, event.session_id, event.rank, event.value) == ("l1", "s", 1, 0.5)


def test_a_thousand_events_at_once(store):
    events = [StoredEvent(str(i), "view", "a", at=datetime.fromtimestamp(i, UTC)) for i in range(1000)]
    assert store.record("ann", events) == 1000
    assert [e.id for e in store.history("ann", ["view"], 2)] == ["998", "999"]
    assert store.history("ann", ["view"], 1)[0].at == datetime.fromtimestamp(999, UTC)


def test_the_memory_is_a_log_that_can_be_followed(store):
    opened(store)
    assert store.remember("ann", "s", "d1", {"id": "d1"})
    (first,) = store.remembered()
    assert store.remember("ann", "s", "d1", {"id": "d1", "more": 1})
    (second,) = store.remembered(first.pk)
    assert (second.dialogue_id, second.dialogue) == ("d1", {"id": "d1", "more": 1})
    store.delete_session("ann", "s")
    (gone,) = store.remembered(second.pk)
    assert (gone.dialogue_id, gone.dialogue) == ("d1", None)
    assert [row.dialogue for row in store.remembered()] == [None]


def test_who_opts_out_is_forgotten_and_does_not_join(store):
    opened(store)
    store.remember("ann", "s", "d1", {"id": "d1"})
    store.set_memory("ann", False)
    assert [row.dialogue for row in store.remembered()] == [None]
    assert not store.remember("ann", "s", "d1", {"id": "d1"})
    assert not store.session("ann", "s").remember
    store.set_memory("ann", True)
    assert store.remember("ann", "s", "d1", {"id": "d1"})
    assert not store.remember("ann", "nowhere", "d2", {"id": "d2"})


def test_keys_are_found_by_hash_until_and_after_they_are_revoked(store):
    made = store.add_key("h1", "page", ("chat",), user="ann", rate=60)
    assert store.key_by_hash("h1") == made
    assert store.key_by_hash("h2") is None
    with pytest.raises(ConflictError, match="'page'"):
        store.add_key("h2", "page")
    store.revoke_key("page")
    assert store.key_by_hash("h1").revoked is not None
    with pytest.raises(NotFoundError):
        store.revoke_key("page")
    (key,) = store.keys()
    assert key.name == "page"


def fill(store, user):
    """Something in every table; returns the session."""
    session = store.open_session(user, "s", opening=OPENING, change={})
    step = Step(
        "say",
        f"secret of {user}",
        change={},
        shown=shown(f"list-{user}", "a"),
        event=StoredEvent("e", "like", "a"),
    )
    store.append(user, session, step, Answer("r", "d", {}))
    store.remember(user, "s", f"dialogue-{user}", {"id": user})
    return store.session(user, "s")


def test_a_deleted_user_leaves_no_row(store):
    fill(store, "ann")
    fill(store, "bob")
    before = store.export("bob")
    assert {name for name, rows in store.export("ann").items() if rows} == {
        "answers", "events", "exposures", "lists", "memories", "moments", "sessions", "turns", "users",
    }  # fmt: skip
    counts = store.delete_user("ann")
    assert counts == {
        "memories": 1, "exposures": 1, "turns": 1, "moments": 2, "answers": 1, "events": 1, "lists": 1,
        "sessions": 1, "users": 1,
    }  # fmt: skip
    assert store.export("ann") == {}
    assert store.export("bob") == before
    assert store.delete_user("ann") == {}
    with store.read() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(table.select())]
    assert "ann" not in repr([row for row in rows if "dialogue-ann" not in row])
    assert store.remembered()[-1].dialogue is None


def test_an_export_holds_the_users_words_and_nobody_elses(store):
    fill(store, "ann")
    fill(store, "bob")
    text = repr(store.export("ann"))
    assert "secret of ann" in text
    assert "bob" not in text


def test_what_is_old_is_deleted_and_the_rest_stays(store):
    session = fill(store, "ann")
    fill(store, "bob")
    cut = now()
    store.append("bob", store.session("bob", "s"), Step("say", "later", change={}))
    store.set_memory("eve", False)
    counts = store.expire(cut)
    assert (counts["sessions"], counts["turns"], counts["lists"], counts["users"]) == (1, 1, 1, 1)
    assert counts["events"] == counts["memories"] == counts["answers"] == 2
    assert store.export("ann") == {}
    assert [turn.text for turn in store.turns(store.session("bob", "s"))] == ["secret of bob", "later"]
    assert set(store.lists("bob", ["list-bob"])) == {"list-bob"}
    with pytest.raises(NotFoundError):
        store.append("ann", session, Step("say", change={}))
    counts = store.expire(now() + timedelta(hours=1))
    assert counts["sessions"] == 1
    with store.read() as connection:
        left = {t.name: len(connection.execute(t.select()).all()) for t in metadata.sorted_tables}
    assert {name for name, count in left.items() if count} == {"users"}  # who has opted out stays known


def test_numbers_of_deleted_sessions_are_never_given_again(store):
    first = opened(store).pk
    store.delete_session("ann", "s")
    assert opened(store).pk > first


def test_pseudonyms_are_all_that_a_store_with_a_key_holds(store_address):
    store = Store.open(store_address, pseudonym_key="k")
    session = fill(store, "ann@example.org")
    key = store.add_key("h", "page", user="ann@example.org")
    assert isinstance(key.user, Pseudonym)
    assert store.session(store.key_by_hash("h").user, "s") == session
    with store.read() as connection:
        rows = [
            row
            for table in (metadata.tables["users"], metadata.tables["api_keys"])
            for row in connection.execute(table.select())
        ]
    assert "ann@example.org" not in repr(rows)
    other = Store.open(store_address, pseudonym_key="another")
    assert other.export("ann@example.org") == {}
    assert Store.open(store_address).key("ann") == "ann"
    assert len(store.key("ann")) == 64


def test_migrations_make_the_tables_that_the_program_uses(store_address):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    store = Store.open(store_address, upgrade=False)
    assert migrate.check(store) == (None, migrate.latest())
    assert migrate.upgrade(store) == (None, migrate.latest())
    assert migrate.upgrade(store) == (migrate.latest(), migrate.latest())
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_stores_that_are_opened_together_are_made_once(store_address):
    failed = []

    def open_one():
        try:
            Store.open(store_address).close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert migrate.check(Store.open(store_address)) == (migrate.latest(), migrate.latest())


def test_a_newer_store_is_refused(store):
    from sqlalchemy import text

    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (migrate.check, migrate.upgrade):
        with pytest.raises(StoreError, match="9999"):
            use(store)


def test_failures_hold_nothing_of_what_was_stored(store):
    from sqlalchemy import text

    with store.write() as connection:
        connection.execute(text("DROP TABLE moments"))
    with pytest.raises(StoreError) as caught:
        store.open_session("ann", "s", opening={"x": "my secret"}, change={"x": "my secret"})
    assert "secret" not in f"{caught.value} {caught.value.__cause__!r}"
    assert store.sessions("ann") == []


@pytest.mark.parametrize("address", ["mysql://u:secret@h/d", "sqlite://", "://", "sqlite:///:memory:"])
def test_addresses_that_are_no_store_are_refused(address):
    with pytest.raises(SettingsError) as caught:
        Store.open(address)
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_its_password():
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://u:secret@127.0.0.1:1/d")
    assert "127.0.0.1:1" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_server_that_was_restarted_is_found_again(make_address):
    from sqlalchemy import text

    store = Store.open(make_address("postgresql"))
    session = opened(store)
    other = Store.open(str(store.engine.url.render_as_string(hide_password=False)))
    drop = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )

    def dropped_amid():
        with store.write() as connection:
            connection.execute(text("UPDATE sessions SET title = 'half'"))
            with other.write() as another:
                another.execute(drop)
            connection.execute(text("SELECT 1"))

    with other.write() as connection:
        connection.execute(drop)
    assert store.session("ann", "s") == session
    with pytest.raises(StoreError):
        dropped_amid()
    assert store.session("ann", "s") == session


def test_who_waits_too_long_for_other_writers_is_told_to_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr("agent.store.database._BUSY_SECONDS", 0.1)
    store, other = Store.open(str(tmp_path / "s.db")), Store.open(str(tmp_path / "s.db"))
    with other.write(), pytest.raises(BusyError) as caught:
        opened(store)
    assert caught.value.retry_after == 1
    assert opened(store).version == 0


def test_others_on_the_machine_may_not_read_a_file(tmp_path):
    store = Store.open(str(tmp_path / "deep" / "s.db"))
    opened(store)
    files = sorted(path for path in (tmp_path / "deep").iterdir())
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert len(files) == 3


@pytest.mark.parametrize("content", ["no database at all, but long enough to look like one " * 100, None])
def test_what_is_no_store_is_named(tmp_path, content):
    path = tmp_path / "s.db"
    path.mkdir() if content is None else path.write_text(content)
    with pytest.raises(StoreError, match=r"s\.db"):
        Store.open(str(path))


def test_the_threads_of_a_process_queue_to_write(tmp_path):
    store = Store.open(str(tmp_path / "s.db"))
    opened(store)

    def record(number):
        store.record("ann", [StoredEvent(f"{number}-{i}", "view", "a") for i in range(5)])

    threads = [threading.Thread(target=record, args=(i,)) for i in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.history("ann", ["view"], 999)) == 200
