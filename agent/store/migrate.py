"""Bringing a store's tables up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from agent.errors import StoreError
from agent.store.database import Database

_LOCK = 0x67726563  # "grec": one process upgrades at a time


def upgrade(database: Database) -> tuple[str | None, str]:
    """Run the migrations that are missing, all of them or none.

    Processes that start together take turns: SQLite lets one write, PostgreSQL keeps an advisory lock.

    Returns:
        The versions before and after; None for an empty store.

    Raises:
        StoreError: the store cannot be written, or a newer groundrec has written it.
    """
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = _version(connection)
        if before != latest():
            _refuse_newer(before, database)
            configuration = _configuration()
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, "head")
        return before, latest()


def check(database: Database) -> tuple[str | None, str]:
    """The version that a store has, and the one it should have.

    Raises:
        StoreError: the store cannot be read, or a newer groundrec has written it.
    """
    with database.read() as connection:
        found = _version(connection)
    _refuse_newer(found, database)
    return found, latest()


def latest() -> str:
    """The version that this groundrec writes."""
    head = ScriptDirectory.from_config(_configuration()).get_current_head()
    assert head is not None
    return head


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(found: str | None, database: Database) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_configuration()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"has version {found!r}, which this groundrec does not know",
            where=database.address,
            hint="upgrade groundrec",
        )
