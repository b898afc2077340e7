"""The engine behind a store: connections, transactions, and errors that hold nothing of what was stored."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Table, create_engine, event, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from agent.errors import BusyError, ConflictError, SettingsError, StoreError
from agent.store.schema import users

_BUSY_SECONDS = 10
_WRITE = "groundrec_write"
_LATE = ("40001", "40P01")
"""What PostgreSQL calls a transaction that could not be fitted in among others."""

Lock = Literal["use", "delete"]
_LOCKED = "database is locked"


class Pseudonym(str):
    """A user's key as the store keeps it, which is not hashed again."""


def parse_url(text: str) -> URL:
    """The address of a store: a URL of SQLite or PostgreSQL, or the path of an SQLite file.

    Raises:
        SettingsError: it is neither.
    """
    hint = "sqlite:///groundrec.db, a path, or postgresql://user@host/database"
    try:
        url = make_url(text if "://" in text else f"sqlite:///{text}")
    except (ArgumentError, ValueError):
        raise SettingsError("the store's address cannot be read", hint=hint) from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise SettingsError(f"there is no store on {url.drivername!r}", hint=hint)
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise SettingsError("a store that outlives its process needs a file", hint=hint)
    return url


def make_engine(url: URL) -> Engine:
    """An engine whose transactions begin as they go on: ``read`` ones alone, ``write`` ones one by one.

    SQLite keeps a write-ahead log, waits ten seconds for other writers and syncs every commit to disk.

    Raises:
        SettingsError: the driver is not installed.
    """
    if url.drivername != "sqlite":
        try:
            return create_engine(
                url,
                hide_parameters=True,
                pool_pre_ping=True,
                pool_timeout=_BUSY_SECONDS,
                connect_args={"connect_timeout": _BUSY_SECONDS},
            )
        except (ImportError, NoSuchModuleError):
            raise SettingsError(
                "psycopg is not installed", hint="pip install 'groundrec[postgres]'"
            ) from None
    engine = create_engine(
        url, hide_parameters=True, pool_timeout=_BUSY_SECONDS, connect_args={"timeout": _BUSY_SECONDS}
    )
    event.listen(engine, "do_connect", lambda *_: _open_file(Path(str(url.database))))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_file(path: Path) -> None:
    """Make a file that is not there, for nobody else on the machine to read; those beside it get its mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(f"cannot be opened: {error.strerror}", where=str(path)) from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    _begin_log(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_log(connection: Any) -> None:
    """Keep a write-ahead log; SQLite does not wait for others here, so where they begin it too, ask again."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except OperationalError as error:
            if _LOCKED not in str(error) or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


class Database:
    """Transactions on an engine.

    Args:
        engine: Where the tables are.
        pseudonym_key: With it, users are known by the HMAC-SHA256 of their ids alone.
    """

    def __init__(self, engine: Engine, pseudonym_key: str | None = None) -> None:
        self.engine = engine
        self._one_writer = threading.Lock()
        self._writer = engine.execution_options(**{_WRITE: True})
        of_one_moment = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        self._reader = engine.execution_options(**of_one_moment)
        self._pseudonym_key = pseudonym_key.encode() if pseudonym_key else None

    @property
    def address(self) -> str:
        """Where it is, without the password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def exists(self) -> bool:
        """Whether there is something to open; a server is asked only when it is used."""
        return self.engine.dialect.name != "sqlite" or Path(str(self.engine.url.database)).is_file()

    def key(self, user: str) -> Pseudonym:
        """What a user is known by here."""
        if self._pseudonym_key is None or isinstance(user, Pseudonym):
            return Pseudonym(user)
        return Pseudonym(hmac.new(self._pseudonym_key, user.encode(), hashlib.sha256).hexdigest())

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads everything as it is at one moment; raises StoreError."""
        with self._failing_clearly(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes, whole or not at all.

        Raises:
            ConflictError: what was written is there already.
            BusyError: others have been writing for ten seconds.
            StoreError: the store cannot be written.
        """
        with self._turn_to_write(), self._failing_clearly(), self._writer.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Ask the engine for a sign of life; raises StoreError."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Let the threads of this process queue for SQLite's one writer; its own waiting is by chance."""
        if self.engine.dialect.name != "sqlite":
            yield
            return
        if not self._one_writer.acquire(timeout=_BUSY_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            self._one_writer.release()

    @contextmanager
    def _failing_clearly(self) -> Iterator[None]:
        # The original error may hold what was to be stored, so only its kind is told.
        try:
            yield
        except IntegrityError:
            raise _conflict() from None
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            if getattr(cause, "sqlstate", None) in _LATE:
                raise _conflict() from None
            if _LOCKED in str(cause):
                raise _busy() from None
            raise StoreError(
                f"the store failed: {type(cause).__name__}",
                where=self.address,
                hint="is it running, and is there room on its disk?",
            ) from None

    def _user(
        self, connection: Connection, user: str, *, make: bool = False, lock: Lock | None = None
    ) -> int | None:
        """The number of a user; None where nothing is known of them, unless they are to be made.

        Whoever writes rows of a user first locks the user's own, ``use`` beside others and ``delete`` alone:
        who locked their sessions first would wait for one that waits for them.
        """
        key = self.key(user)
        wanted = select(users.c.pk).where(users.c.key == key)
        if lock is not None:
            wanted = wanted.with_for_update(read=lock == "use", key_share=lock == "use")
        found = connection.execute(wanted).scalar()
        if found is None and make:
            row = {"key": key, "remember": True, "created": now()}
            connection.execute(self._insert_new(users).values(row))
            found = connection.execute(wanted).scalar()
            if found is None:  # somebody made them, so we did not, and somebody deleted them
                raise _conflict()
        return None if found is None else int(found)

    def _insert_new(self, table: Table) -> Any:
        """An insert that leaves rows alone which are there already."""
        if self.engine.dialect.name == "postgresql":
            return postgresql.insert(table).on_conflict_do_nothing()
        return sqlite.insert(table).on_conflict_do_nothing()


def _conflict() -> ConflictError:
    return ConflictError("somebody else wrote the same at the same time", hint="read it again, and try again")


def _busy() -> BusyError:
    return BusyError("the store is busy", hint="try again", retry_after=1.0)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
