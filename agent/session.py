"""A conversation: say, feedback, undo, save, resume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent import explain
from agent.answering import read_answer
from agent.clarification import Clarification
from agent.context import Feedback, FeedbackKind, UserContext
from agent.dialogues import PastDialogue
from agent.errors import SessionError
from agent.feedback import apply_feedback, apply_understanding
from agent.localisation import text
from agent.moments import Moment
from agent.prompting import kind_names
from agent.recollection import recollect
from agent.recommendation import Recommendations
from agent.recommender import Recommender
from agent.session_file import read_moments, write_moments
from agent.settings import Strategy
from agent.understanding import Understanding
from prompts import Message

_WORDED = 1
"""How many of a list's first items the streamed reply speaks of; the list itself holds a reason for each."""

_LIST_INTENTS = frozenset({"recommend", "critique", "inform", "reject", "relax"})
_PHRASES = {
    "greet": "reply.greet",
    "thank": "reply.thank",
    "accept": "reply.accept",
    "goodbye": "reply.goodbye",
    "off_topic": "reply.off_topic",
    "ask_why": "reply.no_list",
    "ask_item": "reply.which_item",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said, what was understood, and what came back."""

    text: str
    reply: str
    understanding: Understanding
    recommendations: Recommendations | None = None


class Session:
    """One user's conversation with a recommender.

    Args:
        recommender: Who answers.
        context: What is known of the user beforehand.
        n: Length of the lists; else what the user asks for, else the strategy's.
        strategy: How lists are made; else the recommender's.
        seed: Makes sampling repeatable (temperature above 0).

    Attributes:
        last: The last list that was made here.
        plain: The last reply without the language model's words, complete before the first piece is out.
    """

    def __init__(
        self,
        recommender: Recommender,
        context: UserContext | None = None,
        *,
        n: int | None = None,
        strategy: Strategy | str | None = None,
        seed: int | None = None,
    ) -> None:
        self.recommender = recommender
        self.n, self.seed = n, seed
        self.strategy = Strategy.parse(strategy) if isinstance(strategy, str) else strategy
        self.last: Recommendations | None = None
        self.plain = ""
        self._moments = [Moment(context or UserContext(locale=recommender.settings.locale))]

    @classmethod
    def resume(
        cls,
        recommender: Recommender,
        moments: Sequence[Moment],
        *,
        n: int | None = None,
        strategy: Strategy | str | None = None,
        seed: int | None = None,
    ) -> Session:
        """Go on from what a conversation went through: at least one moment, oldest first."""
        session = cls(recommender, n=n, strategy=strategy, seed=seed)
        session._moments = list(moments)
        return session

    @property
    def moments(self) -> tuple[Moment, ...]:
        """What the conversation went through, oldest first; what was undone is not part of it."""
        return tuple(self._moments)

    @property
    def context(self) -> UserContext:
        """What is known of the user now."""
        return self._moments[-1].context

    @property
    def asked(self) -> Clarification | None:
        """The clarifying question that awaits an answer."""
        return self._moments[-1].asked

    @property
    def shown(self) -> tuple[str, ...]:
        """Ids of the last list, in rank order."""
        return self._moments[-1].shown

    def say(self, utterance: str) -> Turn:
        """Answer an utterance; raises what :meth:`Recommender.recommend` raises."""
        *_, turn = self.stream(utterance)
        assert isinstance(turn, Turn)
        return turn

    def stream(self, utterance: str) -> Iterator[Recommendations | str | Turn]:
        """Answer piece by piece: the list as soon as it is made, the reply as it is worded, the turn.

        The session has taken the utterance in before the first piece is out, so a reader that stops
        early loses words, not state.
        """
        said, context = self._read(utterance)
        talk = self._talk(said)
        if talk and not self._wants_list(said):
            context = apply_understanding(context, said, self.recommender.catalog, self.shown)
            self._commit(replace(self._moments[-1], context=context, offer=()), said, reply=talk)
            self.plain = talk
            yield talk
            yield Turn(utterance, talk, said)
            return
        made = self.recommender.recommend(
            said, context, n=self.n, strategy=self.strategy, seed=self.seed, last=self.shown
        )
        assert made.context is not None
        self.last = made
        listed = "; ".join(r.label for r in made) or (made.question or "")
        moment = Moment(made.context, made.ids, made.offer, made.asked, said)
        self._commit(moment, said, reply=listed)
        self.plain = "".join(self._prose(talk, made, worded=False))
        yield made
        pieces = []
        for piece in self._prose(talk, made):
            pieces.append(piece)
            yield piece
        yield Turn(utterance, "".join(pieces), said, made)

    def feedback(self, item: int | str, kind: FeedbackKind) -> None:
        """Take in feedback on an item of the last list (by rank from 1) or of the catalog (by id).

        Raises:
            SessionError: the last list has no such rank.
            UnknownItemError: the catalog has no such item.
        """
        item_id = self._at(item) if isinstance(item, int) else item
        state = apply_feedback(self.context.state, Feedback(item_id, kind), self.recommender.catalog)
        self.believe(self.context.with_(state=state))

    def believe(self, context: UserContext) -> None:
        """Replace what is known of the user, as one step that can be undone."""
        self._moments.append(replace(self._moments[-1], context=context))

    def undo(self) -> bool:
        """Take back the last step exactly; False where there is nothing to take back."""
        if len(self._moments) == 1:
            return False
        self._moments.pop()
        self.last = None
        return True

    def why(self, rank: int) -> str:
        """Why the item at this rank of the last list is there; raises SessionError."""
        return self.recommender.why(self._at(rank), self.context, self._moments[-1].request)

    def recollection(self, dialogue_id: str | None = None) -> PastDialogue:
        """The conversation as a past dialogue, for :meth:`Recommender.remember`."""
        return recollect(self._moments, dialogue_id)

    def save(self, path: str | Path) -> None:
        """Write the conversation to a JSON file, whole or not at all; raises SessionError."""
        write_moments(Path(path), self._moments, self.recommender.catalog)

    @classmethod
    def load(
        cls,
        path: str | Path,
        recommender: Recommender,
        *,
        n: int | None = None,
        strategy: Strategy | str | None = None,
        seed: int | None = None,
    ) -> Session:
        """Resume a saved conversation, with all that can be undone.

        Raises:
            SessionError: the file is missing, broken, of another version, or speaks of items that this
                catalog does not have.
        """
        moments = read_moments(Path(path), recommender.catalog)
        return cls.resume(recommender, moments, n=n, strategy=strategy, seed=seed)

    def _at(self, rank: int) -> str:
        if not 1 <= rank <= len(self.shown):
            have = f"it has {len(self.shown)}" if self.shown else "there is no list yet"
            raise SessionError(f"the last list has no number {rank}", hint=have)
        return self.shown[rank - 1]

    def _read(self, utterance: str) -> tuple[Understanding, UserContext]:
        """What is said, and the context that it is said in: without what a yes agrees to drop."""
        offer, asked = self._moments[-1].offer, self._moments[-1].asked
        said = self.recommender.understand(
            utterance,
            self.shown,
            self.strategy,
            dialogue=self.context.dialogue,
            answering=bool(offer) or asked is not None,
        )
        if asked is not None:
            said = read_answer(said, asked)
        if offer and "accept" in said.intents and not said.mentions:
            kept = tuple(c for c in self.context.constraints if c not in offer)
            return replace(said, intents=("relax",)), self.context.with_(constraints=kept)
        return said, self.context

    def _commit(self, moment: Moment, said: Understanding, *, reply: str) -> None:
        exchange = (Message("user", said.text), Message("assistant", reply))
        context = moment.context.with_(dialogue=moment.context.dialogue + exchange)
        self._moments.append(replace(moment, context=context))

    def _wants_list(self, said: Understanding) -> bool:
        intents = set(said.intents)
        if "off_topic" in intents and not (said.mentions or said.constraints or said.critiques):
            return False
        opening = "greet" in intents and not self.shown
        return not intents or opening or bool(intents & _LIST_INTENTS)

    def _talk(self, said: Understanding) -> str:
        """What is answered in words alone: greetings, questions about items, thanks."""
        locale, catalog = self.context.locale, self.recommender.catalog
        kinds = kind_names(catalog.kind, locale)[1]
        items = [(m, catalog.item(m.item_ids[0])) for m in said.mentions if m.item_ids]
        lines = []
        for intent in said.intents:
            if intent == "ask_why" and self.shown:
                lines += [self.why(m.rank or 1) for m, _ in items] or [self.why(1)]
            elif intent == "ask_item" and items:
                lines += [explain.describe(item, catalog, locale) for _, item in items]
            elif intent == "accept" and items:
                titles = [catalog.label(item) for _, item in items]
                lines.append(text("reply.enjoy", locale, titles=", ".join(titles)))
            elif intent in _PHRASES:
                lines.append(text(_PHRASES[intent], locale, kinds=kinds))
        return "\n".join(dict.fromkeys(lines))

    def _prose(self, talk: str, made: Recommendations, *, worded: bool = True) -> Iterator[str]:
        """The words around a list: what is to be known, why the first items, and the question."""
        if talk:
            yield talk + "\n"
        for note in made.notes:
            yield note + "\n"
        for best in self.recommender.reword(made, first=_WORDED, strategy=self.strategy) if worded else ():
            yield text("reply.start_with", made.context.locale, title=best.label, why=best.reasons[0].text)
        if made.question:
            yield made.question + "\n"
