"""What outlives a process: users, sessions, lists, events, memory, keys."""

from agent.store.database import Database, Pseudonym, now
from agent.store.records import (
    Answer,
    ApiKey,
    Exposure,
    Remembered,
    Step,
    StoredEvent,
    StoredList,
    StoredSession,
    StoredTurn,
)
from agent.store.schema import storable
from agent.store.store import Store

__all__ = [
    "Answer",
    "ApiKey",
    "Database",
    "Exposure",
    "Pseudonym",
    "Remembered",
    "Step",
    "Store",
    "StoredEvent",
    "StoredList",
    "StoredSession",
    "StoredTurn",
    "now",
    "storable",
]
