"""Conversations of many users, each kept step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from agent.catalog import Interaction
from agent.context import FeedbackKind, UserContext
from agent.dialogues import dialogue_to_json
from agent.errors import BusyError, GroundrecError, RequestError, StoreError
from agent.moments import Moment, opening_to_json, step_to_json
from agent.recommendation import Recommendations
from agent.recommender import Recommender
from agent.serve.asked import asked_well, checked_id, checked_strategy, checked_text
from agent.serve.beliefs import beliefs_of, corrected
from agent.serve.lane import Lane, Slots
from agent.serve.memory import MemoryFollower
from agent.serve.once import Answering, once
from agent.serve.settings import ServiceSettings, service_settings
from agent.serve.shown import bounded, list_view, stored_list, turn_view
from agent.serve.state import SessionState, SessionStates, Turns
from agent.serve.taste import TasteMapper
from agent.serve.views import (
    Beliefs,
    BeliefsEdit,
    ListView,
    SessionSummary,
    SessionView,
    TasteMap,
    TurnView,
)
from agent.session import Session, Turn
from agent.settings import Strategy
from agent.store import Step, Store, StoredEvent, StoredList, StoredTurn, now, storable
from prompts import Message
from prompts.errors import PromptError

Said = ListView | str | TurnView
"""A piece of an answer: the list, words, or the turn with all of them."""

_LONGEST_TITLE = 80
_EXPIRES_EVERY = 3600.0
_KEPT_KINDS = ("like", "dislike", "purchase")
_EVENTS: dict[str, str] = {
    "like": "like",
    "accept": "like",
    "more_like": "like",
    "dislike": "dislike",
    "less_like": "dislike",
    "reject": "dislike",
}


class Conversations:
    """Conversations that outlive the process; see :class:`agent.serve.service.Service`."""

    def __init__(
        self, recommender: Recommender, store: Store, settings: ServiceSettings | None = None
    ) -> None:
        self.recommender, self.store = recommender, store
        self.settings = settings or service_settings()
        self.lane: Lane = Slots(self.settings.at_once)
        self.on_list: Callable[[Recommendations], None] = lambda made: None
        self._catalog = recommender.catalog
        self._states = SessionStates(store, self._catalog, self.settings.cached_sessions)
        self._turns = Turns()
        self._mapper = TasteMapper(recommender)
        self._memory = MemoryFollower(recommender, store, self.enter, self._clear_caches)
        self._memory.catch_up()
        self._next_expiry = 0.0

    def enter(self, what: str) -> AbstractContextManager[None]:
        """Wait for room in the lane that is there now."""
        return self.lane(what)

    def open_session(
        self,
        user: str,
        *,
        locale: str | None = None,
        n: int | None = None,
        strategy: str | None = None,
        seed: int | None = None,
        session_id: str | None = None,
        dialogue: Sequence[Message] = (),
        shown: Sequence[str] = (),
    ) -> SessionView:
        """Begin a conversation, or find the one that the user has under this id.

        Args:
            user: Whose it is.
            locale: Language of prompts and replies.
            n: Length of the lists.
            strategy: How lists are made.
            seed: Makes sampling repeatable.
            session_id: Its id; None for a new one.
            dialogue: What was said elsewhere, which a new conversation goes on from.
            shown: Ids of the last list in it, in rank order.

        Raises:
            RequestError: a value is not allowed.
        """
        user = self._user(user)
        session_id = uuid4().hex if session_id is None else checked_id(session_id, "session id")
        self._strategy(n, strategy, seed)
        self._expire_when_due()
        context = UserContext(
            user_id=user,
            history=self._history(user),
            locale=storable(locale or self.recommender.settings.locale)[:16],
            dialogue_id=uuid4().hex,
        )
        if dialogue:
            heard = [Message(m.role, self._text(m.content)) for m in dialogue]
            with self.lane("list"):
                context = self.recommender.listen(heard, context)
        self.store.open_session(
            user,
            session_id,
            opening=opening_to_json(context),
            change=step_to_json(None, Moment(context, tuple(shown))),
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
        self._memory.catch_up()

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
        chosen = self._strategy(n, strategy)

        def do(answer: Answering) -> Iterator[Said]:
            with self._turns.of(user, session_id):
                state = self._states.read(user, session_id)
                self._memory.catch_up()
                with asked_well(), self.lane("list"):
                    session = self._resume(state, n=n, strategy=chosen)
                    pieces = session.stream(text)
                    first = next(pieces)
                    made = first if isinstance(first, Recommendations) else None
                    shown = None
                    if made is not None:
                        self.on_list(made)
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

        return once(self.store, user, request_id, ("say", session_id, text, n, strategy), do, replay)

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
            with asked_well():
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
        with asked_well(), self.lane("why"):
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
            with asked_well():
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
        self._memory.catch_up()

    def expire(self) -> dict[str, int]:
        """Delete what is older than the settings allow; returns how many rows, by table."""
        if self.settings.retention_days is None:
            return {}
        counts = self.store.expire(now() - timedelta(days=self.settings.retention_days))
        self._memory.catch_up()
        return counts

    def _expire_when_due(self) -> None:
        """Delete what is too old once an hour; it is not the fault of this request where that fails."""
        if self.settings.retention_days is not None and time.monotonic() >= self._next_expiry:
            self._next_expiry = time.monotonic() + _EXPIRES_EVERY
            with suppress(GroundrecError):
                self.expire()

    def _clear_caches(self) -> None:
        """Keep nothing in memory of what was said; it is read again where it is still there."""
        self._states.clear()
        self.recommender.parts.forget_queries()

    def _worded(
        self,
        state: SessionState,
        turn: StoredTurn,
        shown: StoredList,
        made: Recommendations,
        pieces: Iterator[Recommendations | str | Turn],
    ) -> Iterator[Said]:
        """The list, then the words as they come, then the turn with all of them.

        Whatever fails from here on, the turn stands, with the plain reply or with what words there are.
        """
        yield list_view(shown, self._catalog)
        reply = ""
        with suppress(GroundrecError, PromptError):
            while not isinstance(piece := self._next(pieces), Turn):
                if isinstance(piece, str):
                    yield piece
            reply = storable(piece.reply)
        if reply and reply != turn.reply:
            turn = replace(turn, reply=reply)
            with suppress(StoreError, BusyError):
                self.store.reword(state.stored, turn.seq, reply, self._trace(made))
        yield turn_view(turn, {shown.id: shown}, self._catalog)

    def _next(self, pieces: Iterator[Recommendations | str | Turn]) -> Recommendations | str | Turn:
        with self.lane("words"):
            return next(pieces)

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

        def do(answer: Answering) -> int:
            with self._turns.of(user, session_id):
                state = self._states.read(user, session_id)
                session = self._resume(state)
                made = step(state, session)
                if made.undoes is None:
                    made = replace(made, change=step_to_json(state.last, session.moments[-1]))
                return self._append(user, state, session, made, answer).seq

        return once(self.store, user, request_id, asked, do, lambda answer: int(answer["seq"]))

    def _append(
        self, user: str, state: SessionState, session: Session, step: Step, answer: Answering
    ) -> StoredTurn:
        """Write a step, and keep what the session is with it."""
        turn = self.store.append(user, state.stored, step, answer({"seq": state.stored.version + 1}))
        seqs = state.seqs[:-1] if step.undoes is not None else (*state.seqs, turn.seq)
        title = state.stored.title or step.title
        stored = replace(state.stored, version=turn.seq, updated=turn.created, title=title)
        self._states.keep(SessionState(stored, seqs, session.moments))
        return turn

    def _resume(
        self, state: SessionState, *, n: int | None = None, strategy: Strategy | None = None
    ) -> Session:
        stored = state.stored
        if strategy is None and stored.strategy is not None:
            strategy = Strategy.parse(stored.strategy, self.recommender.strategy)
        return Session.resume(
            self.recommender,
            state.moments,
            n=n or stored.n,
            strategy=strategy,
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

    def _trace(self, made: Recommendations | None) -> list[Any] | None:
        return None if made is None else bounded(made.trace, self.settings.longest_trace)

    def _user(self, user: str) -> str:
        return checked_id(user, "user id")

    def _text(self, text: str) -> str:
        return checked_text(text, self.settings)

    def _strategy(self, n: int | None, strategy: str | None, seed: int | None = None) -> Strategy | None:
        return checked_strategy(n, strategy, seed, self.recommender.parts.prompts, self.recommender.strategy)
