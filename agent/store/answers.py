"""Requests that were answered, so that none does anything twice."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from agent.errors import ConflictError
from agent.store.database import Database, now
from agent.store.records import Answer
from agent.store.schema import answers, users


class Answers(Database):
    """The answered request ids of a store."""

    def answered(self, user: str, request_id: str, digest: str) -> Answer | None:
        """What a user's request id was answered with; None where it was not.

        Raises:
            ConflictError: it was another request.
        """
        wanted = (
            select(answers.c.request_id, answers.c.digest, answers.c.answer)
            .select_from(answers.join(users, answers.c.user_pk == users.c.pk))
            .where(users.c.key == self.key(user), answers.c.request_id == request_id)
        )
        with self.read() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        found = Answer(*row)
        if found.digest != digest:
            raise ConflictError(
                "this request id was used for another request", hint="use a new id for each request"
            )
        return found

    @staticmethod
    def _insert_answer(connection: Connection, user_pk: int, answer: Answer) -> None:
        row = {"request_id": answer.request_id, "digest": answer.digest, "answer": answer.answer}
        connection.execute(insert(answers).values(user_pk=user_pk, created=now(), **row))
