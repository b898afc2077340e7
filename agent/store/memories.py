"""Dialogues that joined the conversation memory, as a log that every process can follow."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, insert, select, text, update

from agent.store.database import Database, now
from agent.store.records import Remembered
from agent.store.schema import memories, sessions, users

_LOCK = 0x67726D65  # "grme"


class Memories(Database):
    """The conversation memory of a store.

    Rows are only added: a dialogue that is forgotten leaves a row without its words, so that whoever has
    read it once learns of it, and so does a user who is deleted. Numbers grow in the order of commits.
    """

    def remember(self, user: str, session_id: str, dialogue_id: str, dialogue: dict[str, Any]) -> bool:
        """Let a closed session's dialogue join, in the place of what it was before.

        Returns:
            Whether it joined: not where the user has opted out, or the session is gone.
        """
        with self.write() as connection:
            self._in_order(connection)
            wanted = (
                select(sessions.c.pk, sessions.c.user_pk)
                .select_from(sessions.join(users, sessions.c.user_pk == users.c.pk))
                .where(users.c.key == self.key(user), sessions.c.id == session_id, users.c.remember.is_(True))
            )
            found = connection.execute(wanted).first()
            if found is None:
                return False
            connection.execute(delete(memories).where(memories.c.dialogue_id == dialogue_id))
            row = {"user_pk": found.user_pk, "session_pk": found.pk, "dialogue_id": dialogue_id}
            connection.execute(insert(memories).values(dialogue=dialogue, created=now(), **row))
            return True

    def remembered(self, after: int = 0) -> list[Remembered]:
        """What joined or was forgotten after a row, oldest first."""
        wanted = (
            select(memories.c.pk, memories.c.dialogue_id, memories.c.dialogue)
            .where(memories.c.pk > after)
            .order_by(memories.c.pk)
        )
        with self.read() as connection:
            return [Remembered(*row) for row in connection.execute(wanted)]

    def set_memory(self, user: str, remember: bool) -> None:
        """Say whether a user's dialogues may join; where not, those that did are forgotten."""
        with self.write() as connection:
            self._in_order(connection)  # before the user's row is locked, as whoever deletes them does
            user_pk = self._user(connection, user, make=True)
            connection.execute(update(users).where(users.c.pk == user_pk).values(remember=remember))
            if not remember:
                self._forget_memories(connection, memories.c.user_pk == user_pk)

    def _forget_memories(
        self, connection: Connection, condition: ColumnElement[bool], *, tell: bool = False
    ) -> int:
        """Forget the dialogues that meet a condition.

        Args:
            connection: Of a transaction that writes.
            condition: On the memory.
            tell: Whether readers are to learn that something was deleted, also where it is no dialogue.

        Returns:
            How many dialogues there were.
        """
        self._in_order(connection)
        ids = list(
            connection.execute(
                delete(memories)
                .where(condition, memories.c.dialogue.is_not(None))
                .returning(memories.c.dialogue_id)
            ).scalars()
        )
        told = ids or ([uuid4().hex] if tell else [])
        if told:
            connection.execute(insert(memories), [{"dialogue_id": i, "created": now()} for i in told])
        return len(ids)

    @staticmethod
    def _in_order(connection: Connection) -> None:
        """Let nobody else add rows before this transaction ends, or a reader could miss the lower number."""
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
