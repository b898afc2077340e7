"""The tables.

Users are known by a key: their id, or its keyed hash where the store keeps pseudonyms. A session is a log:
every step (an utterance, feedback, an edit, an undo) is a row of ``turns`` with the next number, and what it
changed of the state a row of ``moments``. An undo marks the step that it takes back; nothing is overwritten.
"""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

LONGEST_ID = 256
"""Characters of the ids that others give: of users, sessions, requests, events."""


def storable(words: str) -> str:
    """Text that every engine takes: NUL and lone surrogates become U+FFFD."""
    return words.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Json(TypeDecorator[Any]):
    """JSON as ASCII text: the same on every engine, for any text that Python can hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To text."""
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """From text."""
        return None if value is None else json.loads(value)


class Packed(TypeDecorator[Any]):
    """JSON, compressed: for what is large and seldom read."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """To bytes."""
        return None if value is None else zlib.compress(json.dumps(value, separators=(",", ":")).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """From bytes."""
        return None if value is None else json.loads(zlib.decompress(value))


class Words(TypeDecorator[str]):
    """Text of any kind; NUL and lone surrogates, which engines refuse, become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To what every engine takes."""
        return None if value is None else storable(value)


class Time(TypeDecorator[datetime]):
    """A time in UTC, which SQLite would give back without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_Big = BigInteger().with_variant(Integer(), "sqlite")


def _number() -> Column[int]:
    """A key that is never given twice, not even after rows were deleted."""
    return Column("pk", _Big, primary_key=True, autoincrement=True)


def _of(table: str, name: str, **options: Any) -> Column[Any]:
    """A column that points at a row which takes this one along when it is deleted."""
    return Column(name, _Big, ForeignKey(f"{table}.pk", ondelete="CASCADE"), **options)


users = Table(
    "users",
    metadata,
    _number(),
    Column("key", String(LONGEST_ID), nullable=False, unique=True),
    Column("remember", Boolean, nullable=False),
    Column("created", Time, nullable=False),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    _number(),
    _of("users", "user_pk", nullable=False),
    Column("id", String(LONGEST_ID), nullable=False),
    Column("version", Integer, nullable=False),  # the number of the latest step
    Column("title", Words, nullable=False),
    Column("n", Integer),
    Column("strategy", Text),
    Column("seed", _Big),
    Column("opening", Json, nullable=False),
    Column("created", Time, nullable=False),
    Column("updated", Time, nullable=False),
    UniqueConstraint("user_pk", "id"),
    Index(None, "updated"),
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    metadata,
    _of("sessions", "session_pk", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),  # say, feedback, edit, undo
    Column("text", Words, nullable=False),
    Column("reply", Words, nullable=False),
    Column("item_id", Words),  # of feedback
    Column("feedback", String(16)),
    Column("list_id", String(32)),
    Column("undoes", Integer),
    Column("undone_by", Integer),
    Column("trace", Packed),
    Column("created", Time, nullable=False),
)

moments = Table(
    "moments",
    metadata,
    _of("sessions", "session_pk", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("step", Json, nullable=False),
)

lists = Table(
    "lists",
    metadata,
    Column("id", String(32), primary_key=True),
    _of("users", "user_pk", nullable=False, index=True),
    _of("sessions", "session_pk", index=True),
    Column("seq", Integer),
    Column("strategy", Text, nullable=False),
    Column("prompt", Text),
    Column("prompt_hash", String(64)),
    Column("model", Text),
    Column("catalog", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("notes", Json, nullable=False),
    Column("question", Words),
    Column("options", Json, nullable=False),
    Column("degraded", Json, nullable=False),
    Column("created", Time, nullable=False),
    Index(None, "created"),
)

exposures = Table(
    "exposures",
    metadata,
    Column("list_id", String(32), ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("item_id", Words, nullable=False),
    Column("score", Float, nullable=False),
    Column("propensity", Float, nullable=False),
    Column("sources", Json, nullable=False),
    Column("reasons", Json, nullable=False),
)

events = Table(
    "events",
    metadata,
    _number(),
    _of("users", "user_pk", nullable=False),
    Column("id", String(LONGEST_ID), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("item_id", Words, nullable=False),
    Column("list_id", String(32)),
    _of("sessions", "session_pk", index=True),
    Column("seq", Integer),  # the step it came with, which takes it along when it is undone
    Column("rank", Integer),
    Column("value", Float),
    Column("at", Time, nullable=False),
    UniqueConstraint("user_pk", "id"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)

answers = Table(
    "answers",
    metadata,
    _of("users", "user_pk", primary_key=True),
    Column("request_id", String(LONGEST_ID), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("answer", Json, nullable=False),
    Column("created", Time, nullable=False),
    Index(None, "created"),
)

memories = Table(
    "memories",
    metadata,
    _number(),
    _of("users", "user_pk", index=True),
    _of("sessions", "session_pk", index=True),
    Column("dialogue_id", String(64), nullable=False, index=True),
    Column("dialogue", Json),  # null: it is to be forgotten
    Column("created", Time, nullable=False),
    sqlite_autoincrement=True,
)

api_keys = Table(
    "api_keys",
    metadata,
    _number(),
    Column("hash", String(128), nullable=False, unique=True),
    Column("name", String(LONGEST_ID), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("user_key", String(LONGEST_ID)),
    Column("rate", Integer),  # requests a minute
    Column("created", Time, nullable=False),
    Column("revoked", Time),
    sqlite_autoincrement=True,
)
