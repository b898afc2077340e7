"""Sessions as a service holds them: read from the store for each request, and what it may keep of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from agent.catalog import Catalog
from agent.errors import BusyError
from agent.moments import Moment, moments_from_steps, opening_from_json
from agent.store import Store, StoredSession

_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session at one version: its standing moments, and the numbers of the steps that made them."""

    stored: StoredSession
    seqs: tuple[int, ...]
    moments: tuple[Moment, ...]

    @property
    def last(self) -> Moment:
        """How things stand."""
        return self.moments[-1]


class SessionStates:
    """Reads the states of sessions, and keeps those used last.

    A step is never overwritten, so what is kept of a session holds as long as its version does; that is read
    for each request. Everything kept is immutable.

    Args:
        store: Where sessions are.
        catalog: Items that it does not have are left out of what is read.
        size: How many are kept.

    Attributes:
        hits: How often a state was kept.
        misses: How often it was read anew.
    """

    def __init__(self, store: Store, catalog: Catalog, size: int) -> None:
        self.hits = self.misses = 0
        self._store, self._catalog, self._size = store, catalog, size
        self._kept: OrderedDict[int, SessionState] = OrderedDict()
        self._dropped: set[int] = set()
        self._lock = threading.Lock()

    def read(self, user: str, session_id: str, version: int | None = None) -> SessionState:
        """A session as it is, or as it was at a version; raises NotFoundError."""
        stored = self._store.session(user, session_id)
        now = version in (None, stored.version)
        if now:
            with self._lock:
                kept = self._kept.get(stored.pk)
                is_kept = kept is not None and kept.stored.version == stored.version
                self.hits, self.misses = self.hits + is_kept, self.misses + (not is_kept)
            if kept is not None and is_kept:
                return replace(kept, stored=stored)
        changes = self._store.changes(stored, version)
        opening = opening_from_json(stored.opening, user)
        opening = opening.with_(history=tuple(e for e in opening.history if e.item_id in self._catalog))
        moments = moments_from_steps(opening, [change for _, change in changes])
        state = SessionState(
            stored, tuple(seq for seq, _ in changes), tuple(m.within(self._catalog) for m in moments)
        )
        if now:
            self.keep(state)
        return state

    def keep(self, state: SessionState) -> None:
        """Keep a state that is in the store."""
        if not self._size:
            return
        with self._lock:
            if state.stored.pk in self._dropped:
                return
            kept = self._kept.get(state.stored.pk)
            if kept is None or kept.stored.version < state.stored.version:
                self._kept[state.stored.pk] = state
            self._kept.move_to_end(state.stored.pk)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Keep nothing of what was kept so far."""
        with self._lock:
            self._kept.clear()

    def drop(self, pks: Sequence[int]) -> None:
        """Keep nothing of some sessions any more, whoever still works on them."""
        with self._lock:
            self._dropped.update(pks)
            for pk in pks:
                self._kept.pop(pk, None)


class Turns:
    """Lets the requests to one session take turns; those to others do not wait.

    Args:
        patience: Seconds that a request waits for those before it.
    """

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._locks: WeakValueDictionary[tuple[str, str], _Lock] = WeakValueDictionary()
        self._guard = threading.Lock()

    @contextmanager
    def of(self, user: str, session_id: str) -> Iterator[None]:
        """Wait for one's turn; raises BusyError where it does not come."""
        with self._guard:
            lock = self._locks.get((user, session_id))
            if lock is None:
                lock = self._locks[(user, session_id)] = _Lock()
        if not lock.lock.acquire(timeout=self._patience):
            raise BusyError(
                "earlier requests to this session are still being answered", hint="try again", retry_after=1.0
            )
        try:
            yield
        finally:
            lock.lock.release()


class _Lock:
    """A lock that can be referred to weakly."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
