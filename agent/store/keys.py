"""Keys of the HTTP API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from agent.errors import ConflictError, NotFoundError
from agent.store.database import Database, Pseudonym, now
from agent.store.records import ApiKey
from agent.store.schema import api_keys

_COLUMNS = [api_keys.c[n] for n in ("hash", "name", "scopes", "user_key", "rate", "created", "revoked")]


class Keys(Database):
    """The API keys of a store."""

    def add_key(
        self,
        hash_: str,
        name: str,
        scopes: tuple[str, ...] = (),
        *,
        user: str | None = None,
        rate: int | None = None,
    ) -> ApiKey:
        """Keep a key's hash.

        Args:
            hash_: Of the key, as the caller makes and finds it again.
            name: What people call it.
            scopes: What it may do.
            user: Whose own it is.
            rate: Requests a minute.

        Raises:
            ConflictError: there is a key of this name.
        """
        key = None if user is None else self.key(user)
        made = ApiKey(hash_, name, tuple(scopes), key, rate, now())
        row = {"hash": hash_, "name": name, "scopes": made.scopes, "user_key": key, "rate": rate}
        try:
            with self.write() as connection:
                connection.execute(insert(api_keys).values(created=made.created, **row))
        except ConflictError:
            raise ConflictError(f"there is a key called {name!r} already", hint="use another name") from None
        return made

    def key_by_hash(self, hash_: str) -> ApiKey | None:
        """The key with this hash, also where it is revoked; None where there is none."""
        with self.read() as connection:
            row = connection.execute(select(*_COLUMNS).where(api_keys.c.hash == hash_)).first()
        return None if row is None else _key(row)

    def keys(self) -> list[ApiKey]:
        """All keys, oldest first."""
        with self.read() as connection:
            return [_key(row) for row in connection.execute(select(*_COLUMNS).order_by(api_keys.c.pk))]

    def revoke_key(self, name: str) -> None:
        """Let a key be good no longer, from now on; raises NotFoundError."""
        with self.write() as connection:
            changed = connection.execute(
                update(api_keys)
                .where(api_keys.c.name == name, api_keys.c.revoked.is_(None))
                .values(revoked=now())
            )
            if not changed.rowcount:
                raise NotFoundError(f"no good key is called {name!r}")


def _key(row: Any) -> ApiKey:
    hash_, name, scopes, user, rate, created, revoked = row
    return ApiKey(
        hash_, name, tuple(scopes), None if user is None else Pseudonym(user), rate, created, revoked
    )
