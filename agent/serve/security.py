"""Who may do what: API keys, scopes, rate limits, and doors that stay shut where there are no keys."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from pyrate_limiter import InMemoryBucket, Rate, RateItem
from pyrate_limiter.abstracts.algorithm import Decision

from agent.errors import ForbiddenError, QuotaError, SettingsError, UnauthorizedError
from agent.store import ApiKey, Store

Scope = Literal["recommend", "events", "act-as", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
NOBODY = "local"
"""Who asks where no key is needed and no user is named."""

_PREFIX = "groundrec-"
_RATE = re.compile(r"(\d+)(?:/(s|min))?")
_LOOK_AGAIN = 2.0
_MINUTE = 60_000
_BUCKETS = 10_000


def make_key() -> str:
    """A new key: 256 random bits behind a prefix that secret scanners can find."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """What is kept of a key. Keys are random, so a fast hash cannot be searched for them."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """``recommend,events`` as scopes; raises SettingsError."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in SCOPES:
            raise SettingsError(f"there is no scope {name!r}", hint=f"there are: {', '.join(SCOPES)}")
    if not names:
        raise SettingsError("a key needs a scope", hint=f"there are: {', '.join(SCOPES)}")
    return names  # type: ignore[return-value]


def parse_rate(text: str) -> int:
    """``60``, ``60/min`` or ``2/s`` as requests a minute; raises SettingsError."""
    found = _RATE.fullmatch(text.strip())
    if not found or not 1 <= int(found[1]) <= 1_000_000:
        raise SettingsError(f"{text!r} is no rate", hint="such as 60/min or 2/s")
    return int(found[1]) * (60 if found[2] == "s" else 1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from.

    Attributes:
        user: Whose sessions and events they are.
        scopes: What may be done.
        key: Name of the key; None where none is needed.
        rate: Requests a minute of the key, where it has a limit of its own.
        acts: Whether the user was named beside the key.
    """

    user: str
    scopes: frozenset[str]
    key: str | None = None
    rate: int | None = None
    acts: bool = False

    def need(self, *scopes: Scope) -> None:
        """Raise ForbiddenError where the caller has none of these scopes."""
        if not self.scopes.intersection(scopes):
            raise ForbiddenError(
                f"the key {self.key!r} may not do this", hint=f"it needs the scope {' or '.join(scopes)}"
            )


class Gate:
    """Tells who a request comes from.

    While the store has never had a key, anybody on this machine may do anything, under any name. From the
    first key on a key is needed, also when all have been revoked.

    Args:
        store: Where the keys are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._needs_key, self._looked = False, -_LOOK_AGAIN

    @property
    def needs_key(self) -> bool:
        """Whether a request needs a key; a key made by another process counts within two seconds."""
        if not self._needs_key and time.monotonic() - self._looked >= _LOOK_AGAIN:
            self._needs_key = bool(self._store.keys())
            self._looked = time.monotonic()
        return self._needs_key

    def caller(self, key: str | None, acting_for: str | None) -> Caller:
        """Who asks.

        Args:
            key: The key that was sent.
            acting_for: The user that was named.

        Raises:
            UnauthorizedError: a key is needed, or it is not good.
            ForbiddenError: the key may not act for others.
        """
        if not self.needs_key:
            return Caller(acting_for or NOBODY, frozenset(SCOPES), acts=acting_for is not None)
        found = self._find(key)
        caller = Caller(found.user or f"key:{found.name}", frozenset(found.scopes), found.name, found.rate)
        if acting_for is None or acting_for == caller.user:
            return caller
        if "act-as" not in caller.scopes:
            raise ForbiddenError(
                f"the key {found.name!r} may not act for other users", hint="it needs the scope act-as"
            )
        return Caller(acting_for, caller.scopes, found.name, found.rate, acts=True)

    def _find(self, key: str | None) -> ApiKey:
        if not key:
            raise UnauthorizedError("a key is needed", hint="send the header Authorization: Bearer KEY")
        digest = hash_key(key)
        found = self._store.key_by_hash(digest)
        if found is None or not hmac.compare_digest(found.hash, digest) or found.revoked is not None:
            raise UnauthorizedError("the key is not good", hint="ask whoever runs this service for another")
        return found


class RateLimits:
    """Counts requests in this process, over the last minute (a sliding log), by name."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, int], InMemoryBucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, per_minute: int) -> None:
        """Count a request; raises QuotaError where there were as many as may be in a minute."""
        with self._lock:
            bucket = self._buckets.setdefault((name, per_minute), InMemoryBucket([Rate(per_minute, _MINUTE)]))
            self._buckets.move_to_end((name, per_minute))
            while len(self._buckets) > _BUCKETS:
                self._buckets.popitem(last=False)
            now = bucket.now()
            bucket.leak(now)
            decision = cast(Decision, bucket.put_decision(RateItem(name, now)))
        if not decision.allowed:
            pause = (decision.retry_after_ms or _MINUTE) / 1000
            raise QuotaError(
                f"more than {per_minute:,} requests a minute",
                hint=f"try again in {pause:.0f} s",
                retry_after=max(1.0, pause),
            )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine, seen from itself."""
    try:
        return ipaddress.ip_address(host.strip("[]").split("%")[0]).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


def check_address(host: str, store: Store) -> None:
    """Refuse to listen on an address that others reach while there are no keys; raises SettingsError."""
    if not is_loopback(host) and not Gate(store).needs_key:
        raise SettingsError(
            f"{host} can be reached by other machines, and there are no keys",
            hint="make one with `groundrec keys create --name NAME`, or leave --host out",
        )


def check_open_door(
    client: str | None, host: str | None, origin: str | None, trusted: Collection[str] = ()
) -> None:
    """Let nobody in but programs and pages of this machine, for where no key is needed.

    A page from elsewhere can have a browser here send requests, and give its own name this machine's address
    (DNS rebinding): the Host header then holds that name, the Origin header the page's origin.

    Args:
        client: Address that the request comes from; None for a Unix socket.
        host: The Host header.
        origin: The Origin header.
        trusted: Origins that may call from browsers.

    Raises:
        ForbiddenError: it comes from elsewhere.
    """
    named = urlsplit(f"//{host or ''}")
    hint = "make a key: groundrec keys create --name NAME"
    if client is not None and not is_loopback(client):
        raise ForbiddenError("without keys this service answers to its own machine alone", hint=hint)
    if not named.hostname or not is_loopback(named.hostname):
        raise ForbiddenError(
            "without keys this service answers under the names localhost and 127.0.0.1 alone", hint=hint
        )
    if origin is None or origin in trusted:
        return
    page = urlsplit(origin)
    if page.netloc.lower() != (host or "").lower():
        raise ForbiddenError("pages of other sites may not call this service", hint="--cors ORIGIN lets one")
