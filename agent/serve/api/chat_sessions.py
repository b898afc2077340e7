"""Which session a chat request goes on with.

Chat clients send the whole dialogue with every message and keep no id. Their session is found by what was
said so far: in this process by a digest, else in the store among the user's own; else the dialogue is read
into a new one. A message that was answered already gets the same answer again.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from agent.errors import NotFoundError
from agent.serve.api.chat_text import ListReader, turn_text
from agent.serve.service import Service
from agent.serve.views import SessionView, TurnView
from prompts import Message

_KEPT = 10_000
_LOOKED_AT = 20
"""Sessions in the store that begin with the same words; the latest are looked at."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message belongs.

    Attributes:
        session_id: The session it is said in.
        request_id: The same for the same message at the same place of a dialogue; None where that cannot
            be told.
        answered: The turn, where it is there already.
    """

    session_id: str
    request_id: str | None
    answered: TurnView | None = None


class ChatSessions:
    """Finds the sessions of chat requests.

    Args:
        service: Where sessions are.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = threading.Lock()
        self._reader = ListReader(service.recommender.catalog)

    def find(
        self,
        user: str,
        dialogue: Sequence[Message],
        *,
        named: str | None,
        of_user: str | None,
        again: bool,
    ) -> Place:
        """Where the last message of a dialogue belongs.

        Args:
            user: Whose session it is.
            dialogue: What was said, oldest first; the last message is the user's.
            named: The session that the client names.
            of_user: The session of a client that names only the user, and sends one message at a time.
            again: Whether the client says that it sends the message again.
        """
        before, message = dialogue[:-1], dialogue[-1]
        if named is None and not before:
            named = of_user
        if named is not None:
            return self._named(user, named, before, message, again)
        found = self._answered(user, dialogue) if before or again else None
        if found is None and before:
            found = self._going_on(user, before) or self._stored(user, before, message)
        return self._place(user, found or self._begun(user, before, message), dialogue)

    def said(self, user: str, dialogue: Sequence[Message], session_id: str) -> None:
        """Remember where a dialogue, which now ends with an answer, goes on."""
        self._keep(user, dialogue, session_id)

    def forget(self, user: str, dialogue: Sequence[Message]) -> None:
        """Look for the session anew next time: the one that was found is no longer there."""
        with self._lock:
            for said in (dialogue, dialogue[:-1]):
                self._known.pop((user, _digest(said)), None)

    def _named(
        self, user: str, session_id: str, before: Sequence[Message], message: Message, again: bool
    ) -> Place:
        """A session by its id; one that is not there yet begins with what was said so far."""
        try:
            session = self._service.session(user, session_id)
        except NotFoundError:
            self._open(user, session_id, before)
            return Place(session_id, _request(session_id, [*before, message]))
        if before:
            return Place(session_id, _request(session_id, [*before, message]))
        said = [turn for turn in session.turns if turn.kind == "say"]
        is_answered = again and said and said[-1].text == message.content
        return Place(session_id, None, said[-1] if is_answered else None)

    def _answered(self, user: str, dialogue: Sequence[Message]) -> str | None:
        """The session in which just this was said."""
        with self._lock:
            return self._known.get((user, _digest(dialogue)))

    def _going_on(self, user: str, before: Sequence[Message]) -> str | None:
        """The session that stands where this dialogue goes on; it will stand elsewhere from then on."""
        with self._lock:
            return self._known.pop((user, _digest(before)), None)

    def _stored(self, user: str, before: Sequence[Message], message: Message) -> str | None:
        """A session of the store in which this was said, with or without the last message."""
        first = next((m.content for m in before if m.role == "user"), "")
        title = " ".join(first.split())[:80]
        alike = [s.id for s in self._service.sessions(user) if s.title == title][:_LOOKED_AT]
        wanted = _plain(before)
        for session_id in alike:
            said = _dialogue(self._service.session(user, session_id))
            if _plain(said) == wanted or _plain(said[:-1]) == [*wanted, *_plain([message])]:
                return session_id
        return None

    def _begun(self, user: str, before: Sequence[Message], message: Message) -> str:
        """A new session, which has heard what was said so far."""
        if before:
            session_id = f"chat-{_digest(before)[:32]}"
            session = self._open(user, session_id, before)
            if [turn.text for turn in session.turns] in ([], [message.content]):
                return session_id
        session_id = uuid4().hex
        self._open(user, session_id, before)
        return session_id

    def _open(self, user: str, session_id: str, before: Sequence[Message]) -> SessionView:
        answers = [m.content for m in before if m.role == "assistant"]
        shown = self._reader.ids(answers[-1]) if answers else ()
        return self._service.open_session(user, session_id=session_id, dialogue=before, shown=shown)

    def _place(self, user: str, session_id: str, dialogue: Sequence[Message]) -> Place:
        self._keep(user, dialogue, session_id)
        return Place(session_id, _request(session_id, dialogue))

    def _keep(self, user: str, dialogue: Sequence[Message], session_id: str) -> None:
        with self._lock:
            self._known[(user, _digest(dialogue))] = session_id
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


def _plain(dialogue: Sequence[Message]) -> list[tuple[str, str]]:
    """A dialogue without the white space that clients change."""
    return [(m.role, " ".join(m.content.split())) for m in dialogue]


def _digest(dialogue: Sequence[Message]) -> str:
    return hashlib.sha256(json.dumps(_plain(dialogue)).encode()).hexdigest()


def _request(session_id: str, dialogue: Sequence[Message]) -> str:
    return f"chat-{_digest([Message('system', session_id), *dialogue])}"


def _dialogue(session: SessionView) -> list[Message]:
    """What was said in a session, as a chat client has it."""
    said = []
    for turn in session.turns:
        if turn.kind == "say":
            said += [Message("user", turn.text), Message("assistant", turn_text(turn))]
    return said
