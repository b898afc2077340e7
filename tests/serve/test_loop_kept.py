"""Any conversation with a service is the one that a session in memory would have had."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from agent import Session, UserContext
from agent.errors import RequestError
from agent.serve.beliefs import corrected
from agent.serve.service import Service
from agent.serve.settings import ServiceSettings
from agent.serve.state import SessionStates
from agent.serve.views import BeliefsEdit
from agent.store import Store

UTTERANCES = (
    "a crime film", "something scary, nothing before 1990", "less dark", "surprise me", "more like the first",
    "none of these", "the first", "don't care", "I loved Heat", "I hated Alien", "any year is fine",
    "no horror", "why the second?", "thanks", "yes",
)  # fmt: skip
KINDS = ("like", "dislike", "seen", "reject", "accept", "more_like", "less_like")
ITEMS = ("alien", "heat", "up", "superbad", "notebook", 1, 2)


class Kept(RuleBasedStateMachine):
    """The same steps to a service on a store and to a session in memory."""

    recommender = None
    address = ""

    @initialize()
    def begin(self):
        self.user = uuid4().hex  # who is known from an earlier session begins a new one differently
        self.restart()
        self.id = self.service.open_session(self.user).id
        context = UserContext(user_id=self.user, locale="en")
        self.session = Session(self.recommender, context)
        self.requests = 0
        self.latest = None

    def start(self):
        return Service(self.recommender, Store.open(type(self).address), ServiceSettings())

    @rule()
    def restart(self):
        if hasattr(self, "service"):
            self.service.close()
        self.service = self.start()

    @rule(text=st.sampled_from(UTTERANCES))
    def say(self, text):
        turn = self.session.say(text)
        kept = self.ask(lambda r: self.answered(text, r))
        assert kept.reply == turn.reply
        shown = None if turn.recommendations is None else [*turn.recommendations.ids]
        assert (kept.list and [r.item.id for r in kept.list.items]) == shown

    def answered(self, text, request):
        """The turn, after what came before it is found to be the same."""
        *pieces, turn = self.service.say(self.user, self.id, text, request_id=request)
        assert "".join(piece for piece in pieces if isinstance(piece, str)) == turn.reply
        assert [piece for piece in pieces if not isinstance(piece, str)] == [turn.list] * (
            turn.list is not None
        )
        return turn

    @rule(item=st.sampled_from(ITEMS), kind=st.sampled_from(KINDS))
    def feedback(self, item, kind):
        if isinstance(item, int) and item > len(self.session.shown):
            with pytest.raises(RequestError):
                self.service.feedback(self.user, self.id, item, kind)
            return
        self.session.feedback(item, kind)
        self.ask(lambda r: self.service.feedback(self.user, self.id, item, kind, request_id=r))

    @rule(attitude=st.integers(-2, 2), wish=st.sampled_from((None, "", "a heist")))
    def edit(self, attitude, wish):
        edit = BeliefsEdit(attitudes={"drive": attitude}, wish=wish, unsee=["up"], unreject=["heat"])
        self.session.believe(corrected(self.session.context, edit, self.recommender))
        self.ask(lambda r: self.service.edit_beliefs(self.user, self.id, edit, request_id=r))

    @rule()
    def undo(self):
        if not self.session.undo():
            with pytest.raises(RequestError):
                self.service.undo(self.user, self.id)
            return
        self.ask(lambda r: self.service.undo(self.user, self.id, request_id=r))

    @rule()
    def repeat(self):
        if self.latest is not None:
            call, request, answer = self.latest
            assert call(request) == answer

    def ask(self, call):
        self.requests += 1
        answer = call(f"{self.id}-{self.requests}")
        self.latest = call, f"{self.id}-{self.requests}", answer
        return answer

    @invariant()
    def same(self):
        if not hasattr(self, "id"):
            return
        unread = SessionStates(self.service.store, self.recommender.catalog, 0)
        for states in (self.service._states, unread):
            kept = states.read(self.user, self.id).moments
            kept = [replace(moment, context=moment.context.with_(dialogue_id=None)) for moment in kept]
            assert kept == [*self.session.moments]
        view = self.service.session(self.user, self.id)
        assert view.can_undo == (len(kept) > 1)
        assert len(view.turns) == len(kept) - 1

    def teardown(self):
        if hasattr(self, "service"):
            self.service.close()


@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 12), ("postgresql", 6)])
def test_a_kept_conversation_is_the_one_in_memory(engine, examples, make_address, make_recommender):
    machine = type("Machine", (Kept,), {})
    machine.recommender = make_recommender()
    machine.address = make_address(engine)
    options = settings(
        max_examples=examples, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=options)
