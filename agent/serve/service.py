"""The service: what every front end calls, whatever it speaks."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from agent.catalog import Interaction
from agent.context import FeedbackKind, UserContext
from agent.dialogues import dialogue_from_json, dialogue_to_json
from agent.errors import (
    ConflictError,
    ConstraintError,
    GroundrecError,
    ModelError,
    NotFoundError,
    RequestError,
    SessionError,
    SettingsError,
    UnknownItemError,
)
from agent.moments import Moment, opening_to_json, step_to_json
from agent.recommendation import Recommendations
from agent.recommender import Recommender
from agent.serve.beliefs import beliefs_of, corrected
from agent.serve.finding import ItemFinder
from agent.serve.settings import ServiceSettings
from agent.serve.shown import bounded, item_view, list_view, stored_list, turn_view
from agent.serve.state import SessionState, SessionStates, Turns
from agent.serve.taste import TasteMapper
from agent.serve.views import (
    Beliefs,
    BeliefsEdit,
    Deleted,
    EventIn,
    ItemView,
    ListView,
    PartStatus,
    Readiness,
    Recorded,
    SessionSummary,
    SessionView,
    TasteMap,
    TurnView,
)
from agent.session import Session, Turn
from agent.settings import Strategy
from agent.store import Answer, Step, Store, StoredEvent, StoredList, StoredTurn
from agent.store.database import now
from agent.store.schema import LONGEST_ID, storable
from prompts.errors import PromptError

T = TypeVar("T")
Said = ListView | str | TurnView

_LONGEST_TITLE = 80
_MOST_EVENTS = 1_000
_LONGEST_LIST = 100
_KEPT_KINDS = ("like", "dislike", "purchase")
_EVENTS: dict[str, str] = {
    "like": "like",
    "accept": "like",
    "more_like": "like",
    "dislike": "dislike",
    "less_like": "dislike",
    "reject": "dislike",
}


class Lane(Protocol):
    """Lets work on the recommender in: one at a time, or as many as there is room for.

    It is the place for queue limits, breakers and measurements: ``service.lane`` may be replaced.
    """

    def __call__(self, what: str) -> AbstractContextManager[None]:
        """Wait to be let in for ``list``, ``words``, ``why``, ``beliefs``, ``map`` or ``memory``.

        Raises:
            BusyError: too many wait already.
        """
        ...


class OneAtATime:
    """A lane for one."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Wait to be let in."""
        with self._lock:
            yield


class Service:
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
        self.recommender, self.store = recommender, store
        self.settings = settings or ServiceSettings()
        self.lane: Lane = OneAtATime()
        self._catalog = recommender.catalog
        self._states = SessionStates(store, self._catalog, self.settings.cached_sessions)
        self._turns = Turns()
        self._finder, self._mapper = ItemFinder(recommender), TasteMapper(recommender)
        self._remembered = 0
        self._memory_lock = threading.Lock()
        self._follow_memory()

    def warm_up(self) -> None:
        """Load everything that the first request would wait for."""
        with self.lane("list"):
            _ = self.recommender.parts.model, self.recommender.parts.sources, self.recommender.parts.rules
            self.recommender.recommend("a story about friendship", n=1)
        self._finder.find("a", 1)

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
        chosen = self._checked(n, strategy, seed)

        def do(answer: _Answering) -> ListView:
            self._follow_memory()
            with _asked_well(), self.lane("list"):
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
                shown = stored_list(made, chosen or self.recommender.strategy, self.recommender)
            self.store.add_list(user, shown, answer({"list": shown.id}))
            return list_view(shown, self._catalog)

        def replay(answer: Mapping[str, Any]) -> ListView:
            return list_view(self._list(user, answer["list"]), self._catalog)

        asked = ("recommend", text, n, strategy, [*like], [*dislike], [*seen], seed)
        return self._once(user, request_id, asked, do, replay)

    def open_session(
        self,
        user: str,
        *,
        locale: str | None = None,
        n: int | None = None,
        strategy: str | None = None,
        seed: int | None = None,
        session_id: str | None = None,
    ) -> SessionView:
        """Begin a conversation, or find the one that the user has under this id.

        Raises:
            RequestError: a value is not allowed.
        """
        user = self._user(user)
        session_id = uuid4().hex if session_id is None else self._id(session_id, "session id")
        self._checked(n, strategy, seed)
        context = UserContext(
            user_id=user,
            history=self._history(user),
            locale=storable(locale or self.recommender.settings.locale)[:16],
            dialogue_id=uuid4().hex,
        )
        self.store.open_session(
            user,
            session_id,
            opening=opening_to_json(context),
            change=step_to_json(None, Moment(context)),
            n=n,
            strategy=strategy,
            seed=seed,
        )
        return self._view(user, session_id)

    def sessions(self, user: str) -> tuple[SessionSummary, ...]:
        """The user's conversations, the latest used first."""
        return tuple(
            SessionSummary(id=s.id, title=s.title, created=s.created, updated=s.updated, turns=turns)
            for s, turns in self.store.sessions(self._user(user))
        )

    def session(self, user: str, session_id: str) -> SessionView:
        """A conversation; raises NotFoundError."""
        return self._view(self._user(user), session_id)

    def delete_session(self, user: str, session_id: str) -> None:
        """Delete a conversation, also from the memory; raises NotFoundError."""
        user = self._user(user)
        with self._turns.of(user, session_id):
            pk = self.store.session(user, session_id).pk
            self.store.delete_session(user, session_id)
            self._states.drop([pk])
        self._follow_memory()

    def say(
        self,
        user: str,
        session_id: str,
        text: str,
        *,
        n: int | None = None,
        strategy: str | None = None,
        request_id: str | None = None,
    ) -> Iterator[Said]:
        """Answer an utterance: the list, where there is one, then words, then the turn.

        When this returns, the utterance, the list and a reply in plain words are kept. The words of the
        language model come while they are read, and are kept when they are complete.

        Raises:
            NotFoundError: there is no such session.
            RequestError: a value is not allowed.
            ConflictError: the session went on elsewhere at the same time.
        """
        user, text = self._user(user), self._text(text)
        chosen = self._checked(n, strategy, None)

        def do(answer: _Answering) -> Iterator[Said]:
            with self._turns.of(user, session_id):
                state = self._states.read(user, session_id)
                self._follow_memory()
                with _asked_well(), self.lane("list"):
                    session = self._resume(state, n=n, strategy=chosen)
                    pieces = session.stream(text)
                    first = next(pieces)
                    made = first if isinstance(first, Recommendations) else None
                    shown = None
                    if made is not None:
                        used = session.strategy or self.recommender.strategy
                        shown = stored_list(made, used, self.recommender)
                step = Step(
                    "say",
                    text,
                    session.plain,
                    step_to_json(state.last, session.moments[-1]),
                    shown=shown,
                    trace=self._trace(made),
                    title=" ".join(text.split())[:_LONGEST_TITLE],
                )
                turn = self._append(user, state, session, step, answer)
            if made is None or shown is None:
                return iter((session.plain, turn_view(turn, {}, self._catalog)))
            return self._worded(state, turn, shown, made, pieces)

        def replay(answer: Mapping[str, Any]) -> Iterator[Said]:
            turn = self.store.turn(self.store.session(user, session_id), answer["seq"])
            shown = self.store.lists(user, [turn.list_id] if turn.list_id else [])
            view = turn_view(turn, shown, self._catalog)
            return iter((*((view.list,) if view.list else ()), turn.reply, view))

        return self._once(user, request_id, ("say", session_id, text, n, strategy), do, replay)

    def feedback(
        self,
        user: str,
        session_id: str,
        item: int | str,
        kind: FeedbackKind,
        *,
        request_id: str | None = None,
    ) -> SessionView:
        """Take in feedback on an item of the last list (by rank from 1) or of the catalog (by id).

        Raises:
            NotFoundError: there is no such session or item.
            RequestError: the last list has no such rank.
            ConflictError: the session went on elsewhere at the same time.
        """

        def step(state: SessionState, session: Session) -> Step:
            with _asked_well():
                session.feedback(item, kind)
            item_id = state.last.shown[item - 1] if isinstance(item, int) else item
            label = self._catalog.label(self._catalog.item(item_id))
            event = self._event(user, state, item_id, kind)
            return Step("feedback", f"{kind}: {label}", item_id=item_id, feedback=kind, event=event)

        return self._change(user, session_id, request_id, ("feedback", session_id, item, kind), step)

    def undo(self, user: str, session_id: str, *, request_id: str | None = None) -> SessionView:
        """Take back the last step that stands.

        Raises:
            NotFoundError: there is no such session.
            RequestError: there is nothing to take back.
            ConflictError: the session went on elsewhere at the same time.
        """

        def step(state: SessionState, session: Session) -> Step:
            if not session.undo():
                raise RequestError("there is nothing to undo")
            return Step("undo", undoes=state.seqs[-1])

        return self._change(user, session_id, request_id, ("undo", session_id), step)

    def why(self, user: str, session_id: str, item_id: str) -> str:
        """All that speaks for an item in a conversation; raises NotFoundError."""
        state = self._states.read(self._user(user), session_id)
        with _asked_well(), self.lane("why"):
            return self.recommender.why(item_id, state.last.context, state.last.request)

    def beliefs(self, user: str, session_id: str) -> Beliefs:
        """What is believed of the user in a conversation; raises NotFoundError."""
        return self._beliefs(self._states.read(self._user(user), session_id))

    def edit_beliefs(
        self, user: str, session_id: str, edit: BeliefsEdit, *, request_id: str | None = None
    ) -> Beliefs:
        """Correct what is believed of the user, as one step that can be undone.

        Raises:
            NotFoundError: there is no such session or item.
            RequestError: the edit drops a constraint that is not there.
            ConflictError: the session went on elsewhere at the same time.
        """

        def step(state: SessionState, session: Session) -> Step:
            with _asked_well():
                session.believe(corrected(session.context, edit, self.recommender))
            changed = ", ".join(sorted(edit.model_dump(exclude_defaults=True)))
            return Step("edit", changed)

        asked = ("edit", session_id, edit.model_dump())
        seq = self._changed(user, session_id, request_id, asked, step)
        return self._beliefs(self._states.read(self._user(user), session_id, seq))

    def taste_map(self, user: str, session_id: str) -> TasteMap:
        """The user's items among others, in two dimensions; raises NotFoundError."""
        last = self._states.read(self._user(user), session_id).last
        with self.lane("map"):
            return self._mapper.map(last.context, last.shown)

    def trace(self, user: str, session_id: str, seq: int) -> list[dict[str, Any]]:
        """How a turn was answered, stage by stage; raises NotFoundError."""
        return self.store.trace(self.store.session(self._user(user), session_id), seq)

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
        with _asked_well():
            return item_view(self._catalog.item(item_id), self._catalog)

    def search(self, text: str, limit: int = 10) -> tuple[ItemView, ...]:
        """Items by id, title or words, best first; raises RequestError."""
        if not 1 <= limit <= _LONGEST_LIST:
            raise RequestError(f"limit is {limit}", hint=f"1 to {_LONGEST_LIST}")
        return tuple(item_view(item, self._catalog) for item in self._finder.find(self._text(text), limit))

    def export(self, user: str) -> dict[str, Any]:
        """Everything that is kept of the user, as JSON-ready rows by table."""
        return self.store.export(self._user(user))

    def delete(self, user: str) -> Deleted:
        """Delete everything that is kept of the user, here and from the memory of the recommender."""
        user = self._user(user)
        pks = [session.pk for session, _ in self.store.sessions(user)]
        rows = self.store.delete_user(user)
        self._states.drop(pks)
        self._follow_memory()
        return Deleted(rows=rows)

    def set_memory(self, user: str, remember: bool) -> None:
        """Say whether the user's conversations may join the memory; where not, those that did leave it."""
        self.store.set_memory(self._user(user), remember)
        self._follow_memory()

    def close_session(self, user: str, session_id: str) -> None:
        """Let a conversation join the memory, unless the user has opted out; raises NotFoundError.

        It may go on, and be closed again.
        """
        user = self._user(user)
        with self._turns.of(user, session_id):
            state = self._states.read(user, session_id)
            dialogue = self._resume(state).recollection()
            if state.stored.remember and dialogue.items:
                self.store.remember(user, session_id, dialogue.id, dialogue_to_json(dialogue))
        self._follow_memory()

    def expire(self) -> dict[str, int]:
        """Delete what is older than the settings allow; returns how many rows, by table."""
        if self.settings.retention_days is None:
            return {}
        counts = self.store.expire(now() - timedelta(days=self.settings.retention_days))
        self._follow_memory()
        return counts

    def ready(self) -> Readiness:
        """Whether the store, the language model and the embeddings answer."""
        parts = [self._store_status(), *self._model_status()]
        worst = {part.status for part in parts}
        store_down = parts[0].status == "down"
        down = store_down or not self._loaded
        return Readiness(status="down" if down else "degraded" if worst - {"ok"} else "ok", parts=parts)

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
        return [
            PartStatus(name="model", status="ok", words=words),
            PartStatus(name="embeddings", status="ok", words=self.recommender.parts.embedder.name),
        ]

    def _worded(
        self,
        state: SessionState,
        turn: StoredTurn,
        shown: StoredList,
        made: Recommendations,
        pieces: Iterator[Recommendations | str | Turn],
    ) -> Iterator[Said]:
        """The list, then the words as they come, then the turn with all of them."""
        view = list_view(shown, self._catalog)
        yield view
        reply = ""
        while True:
            try:
                with self.lane("words"):
                    piece = next(pieces)
            except ModelError:
                break  # the plain reply stands
            if isinstance(piece, Turn):
                reply = storable(piece.reply)
                break
            if isinstance(piece, str):
                yield piece
        if reply and reply != turn.reply:
            self.store.reword(state.stored, turn.seq, reply, self._trace(made))
            turn = replace(turn, reply=reply)
        yield turn_view(turn, {shown.id: shown}, self._catalog)

    def _change(
        self,
        user: str,
        session_id: str,
        request_id: str | None,
        asked: tuple[Any, ...],
        step: Callable[[SessionState, Session], Step],
    ) -> SessionView:
        seq = self._changed(user, session_id, request_id, asked, step)
        return self._view(self._user(user), session_id, seq)

    def _changed(
        self,
        user: str,
        session_id: str,
        request_id: str | None,
        asked: tuple[Any, ...],
        step: Callable[[SessionState, Session], Step],
    ) -> int:
        """Make and write the next step, unless the request was answered; returns the step's number."""
        user = self._user(user)

        def do(answer: _Answering) -> int:
            with self._turns.of(user, session_id):
                state = self._states.read(user, session_id)
                session = self._resume(state)
                made = step(state, session)
                if made.undoes is None:
                    made = replace(made, change=step_to_json(state.last, session.moments[-1]))
                return self._append(user, state, session, made, answer).seq

        return self._once(user, request_id, asked, do, lambda answer: int(answer["seq"]))

    def _append(
        self, user: str, state: SessionState, session: Session, step: Step, answer: _Answering
    ) -> StoredTurn:
        """Write a step, and keep what the session is with it."""
        turn = self.store.append(user, state.stored, step, answer({"seq": state.stored.version + 1}))
        seqs = state.seqs[:-1] if step.undoes is not None else (*state.seqs, turn.seq)
        title = state.stored.title or step.title
        stored = replace(state.stored, version=turn.seq, updated=turn.created, title=title)
        self._states.keep(SessionState(stored, seqs, session.moments))
        return turn

    def _once(
        self,
        user: str,
        request_id: str | None,
        asked: tuple[Any, ...],
        do: Callable[[_Answering], T],
        replay: Callable[[Mapping[str, Any]], T],
    ) -> T:
        """Do what is asked, or replay the answer that the request id had."""
        if request_id is None:
            return do(lambda content: None)
        name = self._id(request_id, "request id")
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        if (found := self.store.answered(user, name, digest)) is not None:
            return replay(found.answer)
        try:
            return do(lambda content: Answer(name, digest, content))
        except ConflictError:
            if (found := self.store.answered(user, name, digest)) is None:
                raise
            return replay(found.answer)

    def _resume(
        self, state: SessionState, *, n: int | None = None, strategy: Strategy | None = None
    ) -> Session:
        stored = state.stored
        return Session.resume(
            self.recommender,
            state.moments,
            n=n or stored.n,
            strategy=strategy or stored.strategy,
            seed=stored.seed,
        )

    def _view(self, user: str, session_id: str, version: int | None = None) -> SessionView:
        """A session as it is, or as it was at a version."""
        state = self._states.read(user, session_id, version)
        turns = self.store.turns(state.stored, version)
        lists = self.store.lists(user, [turn.list_id for turn in turns if turn.list_id])
        feedback: dict[str, list[FeedbackKind]] = {}
        for turn in turns:
            if turn.item_id is not None:
                feedback.setdefault(turn.item_id, []).append(turn.feedback)  # type: ignore[arg-type]
        last = next((turn.list_id for turn in reversed(turns) if turn.list_id), None)
        updated = state.stored.updated
        if version is not None and version != state.stored.version:
            updated = self.store.turn(state.stored, version).created
        return SessionView(
            id=state.stored.id,
            locale=state.last.context.locale,
            n=state.stored.n,
            strategy=state.stored.strategy,
            created=state.stored.created,
            updated=updated,
            turns=[turn_view(turn, lists, self._catalog) for turn in turns],
            shown=list_view(lists[last], self._catalog) if last in lists else None,
            feedback=feedback,
            can_undo=len(state.moments) > 1,
            remember=state.stored.remember,
        )

    def _beliefs(self, state: SessionState) -> Beliefs:
        with self.lane("beliefs"):
            return beliefs_of(state.last.context, self.recommender)

    def _list(self, user: str, list_id: str) -> StoredList:
        found = self.store.lists(user, [list_id])
        if list_id not in found:
            raise NotFoundError("no such list")
        return found[list_id]

    def _history(self, user: str) -> tuple[Interaction, ...]:
        """What the user is on record to like, dislike or own."""
        if not self.settings.history:
            return ()
        events = self.store.history(user, _KEPT_KINDS, self.settings.history)
        return tuple(
            Interaction("", e.item_id, e.kind, e.value, e.at.timestamp())  # type: ignore[arg-type]
            for e in events
            if e.item_id in self._catalog
        )

    @staticmethod
    def _event(user: str, state: SessionState, item_id: str, kind: str) -> StoredEvent | None:
        """What is counted of feedback in a conversation."""
        if kind not in _EVENTS:
            return None
        shown = state.last.shown
        rank = shown.index(item_id) + 1 if item_id in shown else None
        return StoredEvent(uuid4().hex, _EVENTS[kind], item_id, rank=rank)

    def _follow_memory(self) -> None:
        """Let the recommender remember and forget what the store's memory has since gained and lost."""
        with self._memory_lock:
            rows = self.store.remembered(self._remembered)
            if not rows:
                return
            with self.lane("memory"):
                gone = [row.dialogue_id for row in rows if row.dialogue is None]
                there = [
                    dialogue_from_json(row.dialogue, private=True) for row in rows if row.dialogue is not None
                ]
                if gone:
                    self.recommender.forget(*gone)
                if there:
                    self.recommender.remember(*there)
            self._remembered = rows[-1].pk

    def _trace(self, made: Recommendations | None) -> list[Any] | None:
        return None if made is None else bounded(made.trace, self.settings.longest_trace)

    def _user(self, user: str) -> str:
        return self._id(user, "user id")

    @staticmethod
    def _id(name: str, what: str) -> str:
        if not 1 <= len(name) <= LONGEST_ID:
            raise RequestError(f"a {what} has {len(name):,} characters", hint=f"1 to {LONGEST_ID}")
        if storable(name) != name:
            raise RequestError(f"a {what} has characters that are no text")
        return name

    def _text(self, text: str) -> str:
        if len(text) > self.settings.longest_text:
            most = f"{self.settings.longest_text:,}"
            raise RequestError(f"{len(text):,} characters of text", hint=f"send at most {most}")
        return storable(text)

    def _checked(self, n: int | None, strategy: str | None, seed: int | None) -> Strategy | None:
        """The strategy that is asked for; raises RequestError where a value is not allowed."""
        if n is not None and not 1 <= n <= _LONGEST_LIST:
            raise RequestError(f"n is {n}", hint=f"1 to {_LONGEST_LIST}")
        if seed is not None and not 0 <= seed < 1 << 63:
            raise RequestError("a seed is a whole number from 0", hint="below 2^63")
        if strategy is None:
            return None
        with _asked_well():
            chosen = Strategy.parse(strategy)
            for prompt in (chosen.prompt, chosen.score_prompt):
                if prompt != "auto":
                    self.recommender.parts.prompts.get(prompt)
        return chosen


_Answering = Callable[[dict[str, Any]], Answer | None]
"""Makes what a request id is answered with, for those requests that have one."""


@contextmanager
def _asked_well() -> Iterator[None]:
    """Tell what is wrong with a request as errors of the service."""
    try:
        yield
    except UnknownItemError:
        raise NotFoundError("no such item", hint="search for it") from None
    except (SettingsError, SessionError, ConstraintError) as error:
        raise RequestError(error.what, where=error.where, hint=error.hint) from None
    except PromptError as error:
        raise RequestError(str(error)) from None
