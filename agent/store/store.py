"""The store: everything that outlives a process."""

from __future__ import annotations

from typing import Self

from agent.store import migrate
from agent.store.database import make_engine, parse_url
from agent.store.keys import Keys
from agent.store.privacy import Privacy
from agent.store.sessions import Sessions


class Store(Sessions, Keys, Privacy):
    """Users, sessions, lists, events, memory and keys, on SQLite or PostgreSQL.

    Every method is one transaction; what it wrote is on disk when it returns. Methods may be called from
    several threads, and several processes may share a store.
    """

    @classmethod
    def open(cls, address: str, *, pseudonym_key: str | None = None, upgrade: bool = True) -> Self:
        """Open a store, making it where it is not there.

        Args:
            address: A URL (``sqlite:///file``, ``postgresql://user@host/database``) or the path of a file.
            pseudonym_key: With it, the store holds users' ids only as their HMAC-SHA256.
            upgrade: Whether missing tables are made and older ones brought up to date.

        Raises:
            SettingsError: the address cannot be read, or its driver is not installed.
            StoreError: the store cannot be reached, or a newer groundrec has written it.
        """
        store = cls(make_engine(parse_url(address)), pseudonym_key)
        if upgrade:
            migrate.upgrade(store)
        return store
