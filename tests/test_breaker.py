"""When a server that fails is asked, and when it is not."""

from __future__ import annotations

import threading

import pytest

from agent.breaker import Breaker
from agent.errors import GroundrecError, ModelError, ServerDownError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("server:1", ServerDownError, pause=5, longest=15, clock=clock)


def fail(breaker: Breaker, error: GroundrecError | None = None) -> None:
    with pytest.raises(GroundrecError), breaker.guard():
        raise error or ServerDownError("no answer within 2 s")


def ask(breaker: Breaker) -> str:
    with breaker.guard():
        return "an answer"


def test_a_server_that_answers_is_asked_every_time(breaker: Breaker) -> None:
    assert [ask(breaker), ask(breaker)] == ["an answer"] * 2
    assert breaker.state == "closed"


def test_after_a_failure_it_is_not_asked_until_the_pause_is_over(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now = 2
    assert breaker.state == "open"
    with pytest.raises(ServerDownError, match=r"server:1.*no answer within 2 s.*asked again in 3 s"):
        ask(breaker)
    clock.now = 5
    assert breaker.state == "half-open"
    assert ask(breaker) == "an answer"
    assert breaker.state == "closed"


def test_each_failed_trial_doubles_the_pause_up_to_the_longest(breaker: Breaker, clock: Clock) -> None:
    pauses = []
    for _ in range(4):
        fail(breaker)
        before = clock.now
        while breaker.state == "open":
            clock.now += 1
        pauses.append(clock.now - before)
    assert pauses == [5, 10, 15, 15]
    ask(breaker)
    fail(breaker)
    clock.now += 5
    assert breaker.state == "half-open"


def test_one_caller_alone_tries(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now = 6
    begun, go_on = threading.Event(), threading.Event()

    def trial() -> None:
        with breaker.guard():
            begun.set()
            go_on.wait(5)

    thread = threading.Thread(target=trial)
    thread.start()
    assert begun.wait(5)
    with pytest.raises(ServerDownError):
        ask(breaker)
    go_on.set()
    thread.join()
    assert breaker.state == "closed"


def test_a_caller_that_goes_away_says_nothing_of_the_server(breaker: Breaker, clock: Clock) -> None:
    def stream() -> object:
        with breaker.guard():
            yield "a word"
            yield "another"

    fail(breaker)
    clock.now = 6
    pieces = stream()
    next(pieces)
    pieces.close()
    assert breaker.state == "half-open"


def test_an_error_of_another_class_comes_from_a_living_server(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now = 6
    fail(breaker, ModelError("the prompt is too long"))
    assert breaker.state == "closed"


def test_several_failures_in_a_row_may_be_allowed(clock: Clock) -> None:
    breaker = Breaker("s", ServerDownError, failures=2, clock=clock)
    fail(breaker)
    ask(breaker)
    fail(breaker)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"
