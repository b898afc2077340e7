"""The service: what every front end calls, whatever it speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from agent.context import UserContext
from agent.errors import GroundrecError, NotFoundError, RequestError
from agent.recommender import Recommender
from agent.serve.asked import LONGEST_LIST, asked_well
from agent.serve.conversations import Conversations
from agent.serve.finding import ItemFinder
from agent.serve.once import Answering, once
from agent.serve.settings import ServiceSettings
from agent.serve.shown import item_view, list_view, stored_list
from agent.serve.views import (
    Deleted,
    EventIn,
    ItemView,
    ListView,
    PartStatus,
    Readiness,
    Recorded,
)
from agent.store import Store, StoredEvent, StoredList, now, storable
from agent.trace import LANGUAGE_MODEL, VECTORS

_MOST_EVENTS = 1_000


class Service(Conversations):
    """Conversations with a recommender that outlive the process, for many users.

    A session is read from the store for each request, so that several services may share a store. Every
    change is committed before anything of the answer is given. Methods may be called from several threads;
    what changes a session takes turns, and where another process was faster raises ConflictError.

    ``user`` is who the caller has authenticated. What is another user's is not found. A ``request_id`` that
    was answered is answered the same again, and nothing is done twice.

    Args:
        recommender: Who answers.
        store: Where everything is kept; its conversation memory joins the recommender's.
        settings: From the environment by default.
    """

    def __init__(
        self, recommender: Recommender, store: Store, settings: ServiceSettings | None = None
    ) -> None:
        super().__init__(recommender, store, settings)
        self._finder = ItemFinder(recommender)

    def warm_up(self) -> None:
        """Load everything that the first request would wait for."""
        with self.lane("list"):
            _ = self.recommender.parts.model, self.recommender.parts.sources, self.recommender.parts.rules
            self.recommender.recommend("a story about friendship", n=1)
        self._finder.find("a", 1)
        self._expire_when_due()

    def recommend(
        self,
        user: str,
        text: str = "",
        *,
        n: int | None = None,
        strategy: str | None = None,
        like: Sequence[str] = (),
        dislike: Sequence[str] = (),
        seen: Sequence[str] = (),
        seed: int | None = None,
        request_id: str | None = None,
    ) -> ListView:
        """One list, outside of any session; what the user is on record to like or own counts.

        Raises:
            RequestError: a value is not allowed.
            NotFoundError: an item is not in the catalog.
        """
        user, text = self._user(user), self._text(text)
        chosen = self._strategy(n, strategy, seed)

        def do(answer: Answering) -> ListView:
            self._memory.catch_up()
            with asked_well(), self.lane("list"):
                context = UserContext.of(
                    self._catalog,
                    like=like,
                    dislike=dislike,
                    seen=seen,
                    user_id=user,
                    locale=self.recommender.settings.locale,
                    history=self._history(user),
                )
                made = self.recommender.recommend(text, context, n=n, strategy=chosen, seed=seed)
                self.on_list(made)
                shown = stored_list(made, chosen or self.recommender.strategy, self.recommender)
            self.store.add_list(user, shown, answer({"list": shown.id}))
            return list_view(shown, self._catalog)

        def replay(answer: Mapping[str, Any]) -> ListView:
            return list_view(self._list(user, answer["list"]), self._catalog)

        asked = ("recommend", text, n, strategy, [*like], [*dislike], [*seen], seed)
        return once(self.store, user, request_id, asked, do, replay)

    def record(self, user: str, events: Sequence[EventIn]) -> Recorded:
        """Keep what a user did with items: all of it or, where an event is wrong, nothing.

        Raises:
            RequestError: there are more than 1,000 events.
            NotFoundError: an event names an item, list or session that is not there.
        """
        if len(events) > _MOST_EVENTS:
            raise RequestError(f"{len(events):,} events at once", hint=f"send at most {_MOST_EVENTS:,}")
        for place, event in enumerate(events):
            if event.item_id not in self._catalog:
                raise NotFoundError("no such item", where=f"events[{place}].item_id")
        kept = [
            StoredEvent(
                storable(e.id) if e.id else uuid4().hex,
                e.kind,
                e.item_id,
                storable(e.list_id) if e.list_id else None,
                storable(e.session_id) if e.session_id else None,
                e.rank,
                e.value,
                e.at or now(),
            )
            for e in events
        ]
        accepted = self.store.record(self._user(user), kept)
        return Recorded(accepted=accepted, duplicates=len(kept) - accepted)

    def item(self, item_id: str) -> ItemView:
        """An item of the catalog; raises NotFoundError."""
        with asked_well():
            return item_view(self._catalog.item(item_id), self._catalog)

    def search(self, text: str, limit: int = 10) -> tuple[ItemView, ...]:
        """Items by id, title or words, best first; raises RequestError."""
        if not 1 <= limit <= LONGEST_LIST:
            raise RequestError(f"limit is {limit}", hint=f"1 to {LONGEST_LIST}")
        return tuple(item_view(item, self._catalog) for item in self._finder.find(self._text(text), limit))

    def export(self, user: str) -> dict[str, Any]:
        """Everything that is kept of the user, as JSON-ready rows by table."""
        return self.store.export(self._user(user))

    def delete(self, user: str) -> Deleted:
        """Delete everything that is kept of the user, here and from the memory of the recommender."""
        user = self._user(user)
        pks = [session.pk for session, _ in self.store.sessions(user, limit=1 << 31)]
        rows = self.store.delete_user(user)
        self._states.drop(pks)
        self._memory.catch_up()
        return Deleted(rows=rows)

    def set_memory(self, user: str, remember: bool) -> None:
        """Say whether the user's conversations may join the memory; where not, those that did leave it."""
        self.store.set_memory(self._user(user), remember)
        self._memory.catch_up()

    def ready(self) -> Readiness:
        """Whether the store, the language model and the embeddings answer."""
        parts = [self._store_status(), *self._model_status()]
        worst = {part.status for part in parts}
        store_down = parts[0].status == "down"
        down = store_down or not self._loaded
        return Readiness(status="down" if down else "degraded" if worst - {"ok"} else "ok", parts=parts)

    def caches(self) -> dict[str, Any]:
        """What is kept in memory to be faster, by name; each counts its ``hits`` and ``misses``."""
        embedder = vars(self.recommender.parts).get("embedder")
        queries = {"query_vectors": embedder} if hasattr(embedder, "hits") else {}
        return {"sessions": self._states, **queries}

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    @property
    def _loaded(self) -> bool:
        return {"sources", "rules"} <= vars(self.recommender.parts).keys()

    def _store_status(self) -> PartStatus:
        try:
            self.store.ping()
        except GroundrecError as error:
            return PartStatus(name="store", status="down", words=error.what)
        return PartStatus(name="store", status="ok")

    def _model_status(self) -> list[PartStatus]:
        if not self._loaded:
            return [
                PartStatus(name=name, status="down", words="not loaded yet")
                for name in ("model", "embeddings")
            ]
        model = self.recommender.parts.model
        words = "none: lists come from retrieval alone" if model is None else model.name
        status = {
            "model": PartStatus(name="model", status="ok", words=words),
            "embeddings": PartStatus(
                name="embeddings", status="ok", words=self.recommender.parts.embedder.name
            ),
        }
        names = {LANGUAGE_MODEL: "model", VECTORS: "vectors"}
        for what, why in self.recommender.parts.down.items():
            status[names[what]] = PartStatus(name=names[what], status="degraded", words=why)
        return list(status.values())

    def _list(self, user: str, list_id: str) -> StoredList:
        found = self.store.lists(user, [list_id])
        if list_id not in found:
            raise NotFoundError("no such list")
        return found[list_id]
