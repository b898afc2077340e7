"""A service that is killed at any point loses nothing that it has answered, and leaves nothing half done."""

import itertools
import os
import random
import signal
import time
import traceback

import pytest
from support import FILMS

from agent import Session, UserContext
from agent.errors import ConflictError
from agent.serve.service import Service
from agent.serve.settings import ServiceSettings
from agent.serve.views import EventIn
from agent.store import Store
from agent.store.schema import metadata

KILLS = int(os.environ.get("GROUNDREC_TEST_KILLS", "20"))
UTTERANCES = (
    "a crime film",
    "something scary",
    "less dark",
    "more like the first",
    "something else please",
    "I loved Heat",
)
KINDS = ("like", "dislike", "seen", "more_like")
STRATEGY = "fast,n=3,explain=none,ask=false"


def steps(number):
    """What the client does as its request of this number: alone, it is the same in every run."""
    kind = number % 5
    if kind in (0, 3):
        return "say", UTTERANCES[number // 5 % len(UTTERANCES)]
    if kind == 1:
        return "feedback", (FILMS[number // 5 % len(FILMS)].id, KINDS[number // 5 % len(KINDS)])
    return ("event", FILMS[number % len(FILMS)].id) if kind == 2 else ("undo", None)


def ask(service, number):
    """Make a request of the service and wait until it is answered."""
    what, value = steps(number)
    request_id = f"r{number}"
    if what == "say":
        for _ in service.say("ann", "s", value, request_id=request_id):
            pass
    elif what == "feedback":
        service.feedback("ann", "s", *value, request_id=request_id)
    elif what == "event":
        service.record("ann", [EventIn(id=request_id, kind="click", item_id=value)])
    else:
        service.undo("ann", "s", request_id=request_id)


def in_child(work):
    """Run something in a process of its own; returns its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def serve_until_killed(recommender, address, first, answers, seconds):
    """Requests from a number on, in a process that is killed so long after so many answers.

    Returns:
        How many were answered.
    """
    reader, writer = os.pipe()

    def work():
        service = Service(recommender, Store.open(address), ServiceSettings())
        for number in itertools.count(first):
            ask(service, number)
            os.write(writer, b".")

    child = in_child(work)
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as answered:
        seen = sum(len(answered.read(1)) for _ in range(answers))
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        return seen + len(answered.read())


def check_whole(store):
    """Nothing in the store is half of anything."""
    with store.read() as connection:
        rows = {
            table.name: [
                row._asdict() for row in connection.execute(table.select().order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }
    (session,) = rows["sessions"]
    assert [turn["seq"] for turn in rows["turns"]] == list(range(1, session["version"] + 1))
    changed = {turn["seq"] for turn in rows["turns"] if turn["kind"] != "undo"}
    assert {moment["seq"] for moment in rows["moments"]} == changed | {0}
    listed = {turn["list_id"]: turn["seq"] for turn in rows["turns"] if turn["list_id"]}
    assert listed == {made["id"]: made["seq"] for made in rows["lists"]}
    shown = {moment["seq"]: moment["step"].get("shown") for moment in rows["moments"]}
    for name, seq in listed.items():
        exposed = [e["item_id"] for e in rows["exposures"] if e["list_id"] == name]
        assert shown[seq] in (exposed, None)  # None where the list is the one before
    undone = {turn["seq"]: turn["undone_by"] for turn in rows["turns"] if turn["undone_by"]}
    assert undone == {turn["undoes"]: turn["seq"] for turn in rows["turns"] if turn["kind"] == "undo"}
    asked = [answer["request_id"] for answer in rows["answers"]]
    assert len(asked) == len(set(asked)) == session["version"]


@pytest.fixture(scope="module")
def recommender(make_recommender):
    recommender = make_recommender(strategy=STRATEGY)
    for utterance in UTTERANCES:
        recommender.recommend(utterance)
    return recommender


def test_nothing_that_was_answered_is_lost_and_nothing_is_half_done(store_address, recommender):
    draw = random.Random(store_address)
    store = Store.open(store_address)
    service = Service(recommender, store, ServiceSettings())
    service.open_session("ann", session_id="s")
    answered = 0
    for _ in range(KILLS):
        answers, seconds = draw.randrange(6), draw.uniform(0.0, 0.05)
        answered += serve_until_killed(recommender, store_address, answered, answers, seconds)
        check_whole(store)
        kept = {answer["request_id"] for answer in service.export("ann")["answers"]}
        kept |= {event["id"] for event in service.export("ann")["events"]}
        assert {f"r{number}" for number in range(answered)} <= kept
    ask(service, answered)  # the one that was being answered, which the client asks again
    assert answered > KILLS
    session = Session(recommender, UserContext(user_id="ann"))
    clicked = {}
    for number in range(answered + 1):
        what, value = steps(number)
        if what == "say":
            session.say(value)
        elif what == "feedback":
            session.feedback(*value)
        elif what == "undo":
            session.undo()
        else:
            clicked[f"r{number}"] = value
    moments = service._states.read("ann", "s").moments
    assert [(m.context.state, m.shown, m.context.wish) for m in moments] == [
        (m.context.state, m.shown, m.context.wish) for m in session.moments
    ]
    events = {event["id"]: event["item_id"] for event in service.export("ann")["events"]}
    assert {name: item for name, item in events.items() if name.startswith("r")} == clicked


def test_two_processes_on_one_store(store_address, recommender):
    service = Service(recommender, Store.open(store_address), ServiceSettings())
    service.open_session("ann", session_id="shared")
    each = 25

    def work(name):
        own = Service(recommender, Store.open(store_address), ServiceSettings())
        own.open_session("ann", session_id=name)
        for number in range(each):
            for _ in own.say("ann", name, UTTERANCES[number % len(UTTERANCES)]):
                pass
            own.record("ann", [EventIn(id=f"{name}-{number}", kind="view", item_id="up")])
            while True:
                try:
                    own.feedback(
                        "ann", "shared", FILMS[number % len(FILMS)].id, "like", request_id=f"{name}-{number}"
                    )
                    break
                except ConflictError:
                    pass  # the other was faster: read it again, and try again

    children = [in_child(lambda name=name: work(name)) for name in ("one", "two")]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    assert [len(service.session("ann", name).turns) for name in ("one", "two", "shared")] == [
        each,
        each,
        2 * each,
    ]
    events = service.export("ann")["events"]
    assert sum(event["kind"] == "view" for event in events) == 2 * each
    assert sum(event["kind"] == "like" for event in events) == 2 * each
