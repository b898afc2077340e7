"""Sessions as logs of steps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, or_, select, update

from agent.errors import ConflictError, NotFoundError
from agent.store.answers import Answers
from agent.store.database import now
from agent.store.lists import Lists
from agent.store.records import Answer, Step, StoredSession, StoredTurn
from agent.store.schema import events, memories, moments, sessions, turns, users

_TURN = [turns.c[name] for name in StoredTurn.__slots__]


class Sessions(Lists, Answers):
    """The sessions of a store.

    Two writers of one session cannot both be next: each says which step it has seen last, and the one that
    is late gets a ConflictError.
    """

    def open_session(
        self,
        user: str,
        session_id: str,
        *,
        opening: dict[str, Any],
        change: dict[str, Any],
        n: int | None = None,
        strategy: str | None = None,
        seed: int | None = None,
    ) -> StoredSession:
        """Begin a session, or find the one that the user has under this id.

        Args:
            user: Whose it is.
            session_id: What they call it.
            opening: What stays the same of the context.
            change: The first moment.
            n: Length of its lists.
            strategy: How they are made.
            seed: Makes sampling repeatable.
        """
        with self.write() as connection:
            user_pk, at = self._user(connection, user, make=True, lock="use"), now()
            row = {
                "user_pk": user_pk, "id": session_id, "version": 0, "title": "", "n": n, "strategy": strategy,
                "seed": seed, "opening": opening, "created": at, "updated": at,
            }  # fmt: skip
            made = connection.execute(
                self._insert_new(sessions).values(row).returning(sessions.c.pk)
            ).scalar()
            if made is not None:
                connection.execute(insert(moments).values(session_pk=made, seq=0, step=change))
            return self._session(connection, user, session_id)

    def session(self, user: str, session_id: str) -> StoredSession:
        """A session of a user; raises NotFoundError, also where it is another user's."""
        with self.read() as connection:
            return self._session(connection, user, session_id)

    def sessions(self, user: str, limit: int = 1000) -> list[tuple[StoredSession, int]]:
        """The sessions of a user, the latest used first, with how many steps of each stand."""
        standing = (
            select(func.count())
            .where(turns.c.session_pk == sessions.c.pk, turns.c.kind != "undo", turns.c.undone_by.is_(None))
            .scalar_subquery()
        )
        wanted = (
            _session_columns(user=self.key(user))
            .add_columns(standing)
            .order_by(sessions.c.updated.desc(), sessions.c.pk.desc())
            .limit(limit)
        )
        with self.read() as connection:
            return [(StoredSession(*row[:-1]), int(row[-1])) for row in connection.execute(wanted)]

    def changes(self, session: StoredSession, version: int | None = None) -> list[tuple[int, dict[str, Any]]]:
        """The numbers and changes of the steps that stood at a version, oldest first, the opening with 0.

        Raises:
            NotFoundError: the session was deleted since it was read.
        """
        version = session.version if version is None else version
        joined = moments.outerjoin(
            turns, and_(turns.c.session_pk == moments.c.session_pk, turns.c.seq == moments.c.seq)
        )
        wanted = (
            select(moments.c.seq, moments.c.step)
            .select_from(joined)
            .where(moments.c.session_pk == session.pk, moments.c.seq <= version, _standing(version))
            .order_by(moments.c.seq)
        )
        with self.read() as connection:
            found = [(int(seq), step) for seq, step in connection.execute(wanted)]
        if not found:
            raise _no_session()
        return found

    def turns(self, session: StoredSession, version: int | None = None) -> list[StoredTurn]:
        """The steps that stood at a version, oldest first."""
        version = session.version if version is None else version
        wanted = (
            select(*_TURN)
            .where(turns.c.session_pk == session.pk, turns.c.seq <= version)
            .where(turns.c.kind != "undo", _standing(version))
            .order_by(turns.c.seq)
        )
        with self.read() as connection:
            return [StoredTurn(*row) for row in connection.execute(wanted)]

    def turn(self, session: StoredSession, seq: int) -> StoredTurn:
        """A step, whether it stands or not; raises NotFoundError."""
        wanted = select(*_TURN).where(turns.c.session_pk == session.pk, turns.c.seq == seq)
        with self.read() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            raise NotFoundError(f"no turn {seq}")
        return StoredTurn(*row)

    def trace(self, session: StoredSession, seq: int) -> list[Any]:
        """How a step's reply was made; raises NotFoundError."""
        wanted = select(turns.c.trace).where(turns.c.session_pk == session.pk, turns.c.seq == seq)
        with self.read() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            raise NotFoundError(f"no turn {seq}")
        return row[0] or []

    def append(
        self, user: str, session: StoredSession, step: Step, answer: Answer | None = None
    ) -> StoredTurn:
        """Write the next step with all that belongs to it, whole or not at all.

        Args:
            user: Whose session it is.
            session: As it was when the step was made.
            step: What is to be written.
            answer: What the request is known by.

        Raises:
            ConflictError: another step was written since, or the request id was answered.
            NotFoundError: the session was deleted since.
        """
        seq, at = session.version + 1, now()
        with self.write() as connection:
            self._user(connection, user, lock="use")
            user_pk = self._next(connection, session, step, at)
            turn = StoredTurn(
                seq, step.kind, step.text, step.reply, step.item_id, step.feedback,
                step.shown.id if step.shown else None, step.undoes, None, at,
            )  # fmt: skip
            row = {name: getattr(turn, name) for name in StoredTurn.__slots__}
            connection.execute(insert(turns).values(session_pk=session.pk, trace=step.trace, **row))
            if step.change is not None:
                connection.execute(insert(moments).values(session_pk=session.pk, seq=seq, step=step.change))
            if step.shown is not None:
                self._insert_list(connection, user_pk, step.shown, session.pk, seq)
            if step.event is not None:
                self._insert_events(connection, user_pk, [step.event], session.pk, seq)
            if step.undoes is not None:
                self._take_back(connection, session, step.undoes, seq)
            if answer is not None:
                self._insert_answer(connection, user_pk, answer)
        return turn

    def reword(self, session: StoredSession, seq: int, reply: str, trace: list[Any] | None) -> None:
        """Put the complete words in the place of a turn's plain reply; a turn that is gone stays gone."""
        values: dict[str, Any] = {"reply": reply} if trace is None else {"reply": reply, "trace": trace}
        with self.write() as connection:
            connection.execute(
                update(turns).where(turns.c.session_pk == session.pk, turns.c.seq == seq).values(values)
            )

    def delete_session(self, user: str, session_id: str) -> None:
        """Delete a session with all that belongs to it; raises NotFoundError."""
        with self.write() as connection:
            session = self._session(connection, user, session_id)
            self._forget_memories(connection, memories.c.session_pk == session.pk)
            connection.execute(delete(sessions).where(sessions.c.pk == session.pk))

    def _session(self, connection: Connection, user: str, session_id: str) -> StoredSession:
        wanted = _session_columns(user=self.key(user)).where(sessions.c.id == session_id)
        row = connection.execute(wanted).first()
        if row is None:
            raise _no_session()
        return StoredSession(*row)

    @staticmethod
    def _next(connection: Connection, session: StoredSession, step: Step, at: Any) -> int:
        """Take the next number; the row stays locked until the transaction ends."""
        title = {"title": step.title} if step.title and not session.title else {}
        taken = connection.execute(
            update(sessions)
            .where(sessions.c.pk == session.pk, sessions.c.version == session.version)
            .values(version=session.version + 1, updated=at, **title)
            .returning(sessions.c.user_pk)
        ).scalar()
        if taken is not None:
            return int(taken)
        there = connection.execute(select(sessions.c.pk).where(sessions.c.pk == session.pk)).first()
        if there is None:
            raise _no_session()
        raise ConflictError("the session went on at the same time", hint="read it again, and try again")

    @staticmethod
    def _take_back(connection: Connection, session: StoredSession, undone: int, by: int) -> None:
        connection.execute(
            update(turns).where(turns.c.session_pk == session.pk, turns.c.seq == undone).values(undone_by=by)
        )
        connection.execute(delete(events).where(events.c.session_pk == session.pk, events.c.seq == undone))


def _no_session() -> NotFoundError:
    return NotFoundError("no such session", hint="open one first")


def _session_columns(user: str) -> Select[Any]:
    of_session = [sessions.c[name] for name in StoredSession.__slots__ if name != "remember"]
    return (
        select(*of_session, users.c.remember)
        .select_from(sessions.join(users, sessions.c.user_pk == users.c.pk))
        .where(users.c.key == user)
    )


def _standing(version: int) -> Any:
    return or_(turns.c.undone_by.is_(None), turns.c.undone_by > version)
