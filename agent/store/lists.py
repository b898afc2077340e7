"""Lists that were shown, and what users did with their items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from agent.errors import NotFoundError
from agent.store.answers import Answers
from agent.store.memories import Memories
from agent.store.records import Answer, Exposure, StoredEvent, StoredList
from agent.store.schema import events, exposures, lists, sessions, users

_LIST = [lists.c[name] for name in StoredList.__slots__ if name != "items"]
_EXPOSURE = [exposures.c[name] for name in Exposure.__slots__]


class Lists(Memories, Answers):
    """The lists and events of a store."""

    def add_list(self, user: str, shown: StoredList, answer: Answer | None = None) -> None:
        """Keep a list that is part of no session; raises ConflictError where the request was answered."""
        with self.write() as connection:
            user_pk = self._user(connection, user, make=True, lock="use")
            assert user_pk is not None
            self._insert_list(connection, user_pk, shown)
            if answer is not None:
                self._insert_answer(connection, user_pk, answer)

    def lists(self, user: str, ids: Iterable[str]) -> dict[str, StoredList]:
        """A user's lists by id; those that are not there, or not theirs, are left out."""
        ids = list(ids)
        wanted = (
            select(*_LIST)
            .select_from(lists.join(users, lists.c.user_pk == users.c.pk))
            .where(users.c.key == self.key(user), lists.c.id.in_(ids))
        )
        shown = (
            select(exposures.c.list_id, *_EXPOSURE)
            .where(exposures.c.list_id.in_(ids))
            .order_by(exposures.c.list_id, exposures.c.rank)
        )
        if not ids:
            return {}
        items: dict[str, list[Exposure]] = {}
        with self.read() as connection:
            found = connection.execute(wanted).all()
            for list_id, *row in connection.execute(shown):
                items.setdefault(list_id, []).append(_exposure(row))
        return {row.id: _stored_list(row._asdict(), items.get(row.id, [])) for row in found}

    def record(self, user: str, new: Sequence[StoredEvent]) -> int:
        """Keep events, all of them or none; those whose ids the user's events have already are left out.

        Returns:
            How many were new.

        Raises:
            NotFoundError: an event names a list or session that the user does not have.
        """
        if not new:
            return 0
        with self.write() as connection:
            user_pk = self._user(connection, user, make=True, lock="use")
            assert user_pk is not None
            self._check_lists(connection, user_pk, new)
            return self._insert_events(connection, user_pk, new)

    def history(self, user: str, kinds: Sequence[str], limit: int) -> list[StoredEvent]:
        """A user's newest events of some kinds, oldest first."""
        columns = [events.c[name] for name in ("id", "kind", "item_id", "list_id")]
        wanted = (
            select(*columns, sessions.c.id.label("session_id"), events.c.rank, events.c.value, events.c.at)
            .select_from(
                events.join(users, events.c.user_pk == users.c.pk).outerjoin(
                    sessions, events.c.session_pk == sessions.c.pk
                )
            )
            .where(users.c.key == self.key(user), events.c.kind.in_(kinds))
            .order_by(events.c.at.desc(), events.c.pk.desc())
            .limit(limit)
        )
        with self.read() as connection:
            return [StoredEvent(*row) for row in reversed(connection.execute(wanted).all())]

    @staticmethod
    def _insert_list(
        connection: Connection,
        user_pk: int,
        shown: StoredList,
        session_pk: int | None = None,
        seq: int | None = None,
    ) -> None:
        row = {name: getattr(shown, name) for name in StoredList.__slots__ if name != "items"}
        connection.execute(insert(lists).values(user_pk=user_pk, session_pk=session_pk, seq=seq, **row))
        rows = [
            {"list_id": shown.id, **{name: getattr(item, name) for name in Exposure.__slots__}}
            for item in shown.items
        ]
        if rows:
            connection.execute(insert(exposures), rows)

    def _insert_events(
        self,
        connection: Connection,
        user_pk: int,
        new: Sequence[StoredEvent],
        session_pk: int | None = None,
        seq: int | None = None,
    ) -> int:
        known = self._sessions_of(connection, user_pk, [e.session_id for e in new if e.session_id])
        rows = [
            {
                "user_pk": user_pk, "id": e.id, "kind": e.kind, "item_id": e.item_id, "list_id": e.list_id,
                "session_pk": known[e.session_id] if e.session_id else session_pk, "seq": seq,
                "rank": e.rank, "value": e.value, "at": e.at,
            }
            for e in new
        ]  # fmt: skip
        accepted = connection.execute(self._insert_new(events).values(rows).returning(events.c.pk))
        return len(accepted.all())

    @staticmethod
    def _sessions_of(connection: Connection, user_pk: int, ids: Sequence[str]) -> dict[str, int]:
        if not ids:
            return {}
        wanted = select(sessions.c.id, sessions.c.pk).where(
            sessions.c.user_pk == user_pk, sessions.c.id.in_(sorted(set(ids)))
        )
        found = {str(session_id): int(pk) for session_id, pk in connection.execute(wanted)}
        if any(session_id not in found for session_id in ids):
            raise NotFoundError("an event names a session that is not there")
        return found

    @staticmethod
    def _check_lists(connection: Connection, user_pk: int, new: Sequence[StoredEvent]) -> None:
        named = {e.list_id for e in new if e.list_id}
        if not named:
            return
        wanted = select(lists.c.id).where(lists.c.user_pk == user_pk, lists.c.id.in_(sorted(named)))
        if named - set(connection.execute(wanted).scalars()):
            raise NotFoundError("an event names a list that is not there")


def _exposure(row: Sequence[Any]) -> Exposure:
    rank, item_id, score, propensity, sources, reasons = row
    return Exposure(
        rank, item_id, score, propensity, tuple(sources), tuple((words, by) for words, by in reasons)
    )


def _stored_list(row: dict[str, Any], items: Sequence[Exposure]) -> StoredList:
    texts = {name: tuple(row[name]) for name in ("notes", "options", "degraded")}
    return StoredList(**{**row, **texts, "items": tuple(items)})
