"""All that is kept of a user: to be handed over, deleted, or forgotten with time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, select

from agent.store.memories import Memories
from agent.store.schema import answers, events, exposures, lists, memories, moments, sessions, turns, users

_BY_SESSION = (turns, moments)
_BY_USER = (answers, events, lists, sessions)


class Privacy(Memories):
    """What the users of a store can ask of it."""

    def export(self, user: str) -> dict[str, Any]:
        """Every row that is kept of a user, by table, as JSON-ready values; empty where there is none."""
        with self.read() as connection:
            user_pk = self._user(connection, user)
            if user_pk is None:
                return {}
            conditions: dict[Table, Any] = {
                users: users.c.pk == user_pk,
                memories: memories.c.user_pk == user_pk,
            }
            conditions |= {table: table.c.user_pk == user_pk for table in _BY_USER}
            mine = select(sessions.c.pk).where(sessions.c.user_pk == user_pk)
            conditions |= {table: table.c.session_pk.in_(mine) for table in _BY_SESSION}
            my_lists = select(lists.c.id).where(lists.c.user_pk == user_pk)
            conditions[exposures] = exposures.c.list_id.in_(my_lists)
            return {
                table.name: [
                    {name: _plain(value) for name, value in row._asdict().items()}
                    for row in connection.execute(
                        select(table).where(conditions[table]).order_by(*table.primary_key)
                    )
                ]
                for table in sorted(conditions, key=lambda table: table.name)
            }

    def delete_user(self, user: str) -> dict[str, int]:
        """Delete every row of a user; returns how many there were, by table.

        Keys of the HTTP API stay: they are the operator's, who can revoke them.
        """
        with self.write() as connection:
            self._in_order(connection)
            user_pk = self._user(connection, user, lock="delete")
            if user_pk is None:
                return {}
            mine = select(sessions.c.pk).where(sessions.c.user_pk == user_pk)
            counts = {
                memories.name: self._forget_memories(connection, memories.c.user_pk == user_pk, tell=True)
            }
            my_lists = select(lists.c.id).where(lists.c.user_pk == user_pk)
            counts[exposures.name] = _delete(connection, exposures, exposures.c.list_id.in_(my_lists))
            for table in _BY_SESSION:
                counts[table.name] = _delete(connection, table, table.c.session_pk.in_(mine))
            for table in _BY_USER:
                counts[table.name] = _delete(connection, table, table.c.user_pk == user_pk)
            counts[users.name] = _delete(connection, users, users.c.pk == user_pk)
            return counts

    def expire(self, before: datetime) -> dict[str, int]:
        """Delete what is older: sessions by their last step, everything else by its own time.

        Users of whom nothing is left go too, unless they have opted out of the memory, which stays known.

        Returns:
            How many rows were deleted, by table.
        """
        with self.write() as connection:
            old = select(sessions.c.pk).where(sessions.c.updated < before)
            stale_memory = memories.c.session_pk.in_(old) | (memories.c.created < before)
            _delete(connection, memories, memories.c.dialogue.is_(None) & (memories.c.created < before))
            counts = {memories.name: self._forget_memories(connection, stale_memory)}
            for table in _BY_SESSION:
                counts[table.name] = _delete(connection, table, table.c.session_pk.in_(old))
            counts[events.name] = _delete(connection, events, events.c.at < before)
            counts[answers.name] = _delete(connection, answers, answers.c.created < before)
            stale = and_(lists.c.created < before, lists.c.session_pk.is_(None) | lists.c.session_pk.in_(old))
            counts[exposures.name] = _delete(
                connection, exposures, exposures.c.list_id.in_(select(lists.c.id).where(stale))
            )
            counts[lists.name] = _delete(connection, lists, stale)
            counts[sessions.name] = _delete(connection, sessions, sessions.c.pk.in_(old))
            nothing_left = users.c.remember.is_(True) & (users.c.created < before)
            for table in (*_BY_USER, memories):
                nothing_left &= ~select(table.c.user_pk).where(table.c.user_pk == users.c.pk).exists()
            counts[users.name] = _delete(connection, users, nothing_left)
            return counts


def _delete(connection: Connection, table: Table, condition: Any) -> int:
    return int(connection.execute(delete(table).where(condition)).rowcount)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
