"""The queue, the watched model, what the doctor finds."""

import json
import logging
import socket
import threading
import time

import pytest
import sqlalchemy
from typer.testing import CliRunner

from agent.cli import app
from agent.errors import BusyError, ServerDownError, ServerError
from agent.lm import ScriptedModel
from agent.serve.ops import logs
from agent.serve.ops.lane import BoundedLane
from agent.serve.ops.metrics import Metrics
from agent.serve.ops.model import WatchedModel
from agent.settings import settings
from agent.store import Store
from prompts import Message


class Queue:
    """Threads that enter a lane one after the other, once each before it waits."""

    def __init__(self, lane):
        self.lane, self.order, self.threads = lane, [], []

    def join(self, what, name):
        def run():
            with self.lane(what):
                self.order.append(name)

        before = self.lane.waiting
        thread = threading.Thread(target=run)
        thread.start()
        self.threads.append(thread)
        while self.lane.waiting == before:
            time.sleep(0.001)

    def finish(self):
        for thread in self.threads:
            thread.join(5)
        return self.order


def test_quick_work_goes_first_then_what_has_begun():
    lane = BoundedLane(1, queue=8, patience=5)
    queue = Queue(lane)
    with lane("list"):
        for what, name in (("list", 1), ("words", 2), ("why", 3), ("list", 4), ("beliefs", 5)):
            queue.join(what, name)
    assert queue.finish() == [3, 5, 2, 1, 4]
    assert lane.waiting == 0


def test_a_full_queue_refuses_at_once():
    metrics = Metrics()
    lane = BoundedLane(1, queue=1, patience=5, watcher=metrics)
    queue = Queue(lane)
    with lane("list"):
        queue.join("list", 1)
        with pytest.raises(BusyError) as refused, lane("list"):
            pass
        with pytest.raises(ServerError), lane("words"):
            pass
        assert refused.value.retry_after >= 1
    assert queue.finish() == [1]
    assert 'groundrec_queue_refusals_total{reason="full",work="list"} 1.0' in metrics.text().decode()


def test_who_waits_too_long_leaves_the_queue():
    lane = BoundedLane(1, queue=4, patience=0.02)
    with lane("list"):
        caught = []

        def run():
            try:
                with lane("list"):
                    pass
            except BusyError as error:
                caught.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(5)
        assert len(caught) == 1
        assert lane.waiting == 0
    with lane("list"):
        pass


def test_the_wait_ahead_is_what_such_work_took_of_late(monkeypatch):
    clock = iter(range(1000))
    lane = BoundedLane(1, queue=8, patience=5)
    monkeypatch.setattr("agent.serve.ops.lane.time.perf_counter", lambda: float(next(clock)))
    with lane("list"):  # a second, by this clock:  0.1 + 0.2 (1 - 0.1) = 0.28
        pass
    assert lane.wait == 0
    queue = Queue(lane)
    with lane("list"):
        queue.join("list", 1)
        queue.join("why", 2)
        assert lane.wait == pytest.approx(0.28 + 0.1)
    queue.finish()
    assert lane.wait == 0


def test_a_lane_has_room_for_so_many_and_loses_none():
    lane, inside, most = BoundedLane(3, queue=100, patience=5), [], []

    def run():
        for _ in range(20):
            with lane("list"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.0005)
                inside.pop()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert max(most) == 3
    assert len(most) == 160
    assert lane._free == 3


def busy(api, **body):
    return api.post("/v1/recommend", json={"text": "a comedy", **body})


def test_a_full_queue_is_a_503_with_a_time_to_try_again(serve, make_service):
    service = make_service()
    service.lane = BoundedLane(1, queue=1, patience=0.05)
    api = serve(service)
    with service.lane("list"):
        refused = busy(api)
        assert api.get("/health").status_code == 200
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
    assert int(refused.headers["retry-after"]) >= 1
    assert busy(api).status_code == 200


def test_in_a_crowd_lists_come_without_the_model_and_say_so(serve, make_service, make_recommender):
    metrics, crowded = Metrics(), [False]
    model = WatchedModel(
        ScriptedModel(["Up", "Up"], scores=lambda prefix, text: -1.0), metrics, lambda: crowded[0]
    )
    strategy = "n=3,generation=constrained,explain=plain,understand=rules,ask=false"
    api = serve(make_service(make_recommender(model=model, strategy=strategy)))
    assert busy(api).json()["degraded"] == []
    crowded[0] = True
    made = busy(api).json()
    assert made["degraded"] == ["language_model"]
    assert len(made["items"]) == 3
    crowded[0] = False
    assert busy(api).json()["degraded"] == []
    text = metrics.text().decode()
    assert 'groundrec_model_failures_total{reason="crowded"}' in text
    assert 'groundrec_model_seconds_count{call="list_titles"} 2.0' in text


def test_tokens_and_failures_of_the_model_are_counted():
    class Broken(ScriptedModel):
        def score(self, prefix, continuations):
            raise ServerDownError("gone")

    metrics = Metrics()
    model = WatchedModel(Broken(["four"], scores=lambda p, t: 0.0), metrics, lambda: False)
    model.generate([Message("user", "abc")])
    with pytest.raises(ServerDownError):
        model.score([Message("user", "x")], ["y"])
    text = metrics.text().decode()
    assert 'groundrec_model_tokens_total{kind="prompt"} 3.0' in text
    assert 'groundrec_model_tokens_total{kind="completion"} 4.0' in text
    assert 'groundrec_model_failures_total{reason="ServerDownError"} 1.0' in text


def test_titles_outside_the_catalog_are_counted(serve, make_service, make_recommender):
    model = ScriptedModel(["1. Up\n2. Casablanca\n3. The Seventh Seal"] * 2)
    strategy = "n=3,generation=free,explain=plain,understand=rules"
    api = serve(make_service(make_recommender(model=model, strategy=strategy)))
    busy(api)
    text = api.get("/metrics").text
    assert 'groundrec_titles_total{grounding="exact"} 1.0' in text
    assert 'groundrec_titles_total{grounding="rejected"} 2.0' in text


@pytest.fixture
def diagnose(tmp_path, store_address, monkeypatch):
    monkeypatch.setenv("GROUNDREC_CACHE_DIR", str(tmp_path / "cache"))

    def run(*words, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(f"GROUNDREC_{name}", value)
        settings.cache_clear()
        done = CliRunner().invoke(app, ["doctor", "--json", "--port", "0", "--store", store_address, *words])
        return done.exit_code, {finding["name"]: finding for finding in json.loads(done.stdout)}

    yield run
    settings.cache_clear()


def test_the_doctor_says_what_is_wrong_and_what_mends_it(diagnose, tmp_path):
    broken = tmp_path / "items.csv"
    broken.write_text("id,title\n1,\n")
    code, found = diagnose(
        "--model", "http://127.0.0.1:9/v1", "--catalog", str(broken),
        EMBEDDER=str(tmp_path / "none"), VECTORS="milvus://127.0.0.1:9",
    )  # fmt: skip
    assert code == 1
    wrong = {name for name, finding in found.items() if finding["health"] == "wrong"}
    assert wrong == {"model", "embedder", "catalog", "vectors"}
    assert found["model"]["mend"]
    assert found["Python"]["health"] == found["packages"]["health"] == found["store"]["health"] == "ok"


def test_the_doctor_finds_an_unusable_cache_and_port(diagnose, tmp_path):
    (tmp_path / "file").write_text("")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        _, found = diagnose("--model", "none", "--port", port, CACHE_DIR=str(tmp_path / "file" / "cache"))
    assert found["cache"]["health"] == "wrong"
    assert "GROUNDREC_CACHE_DIR" in found["cache"]["mend"]
    assert found["port"]["health"] == "wrong"


def test_a_store_of_another_version_is_found(diagnose, store_address):
    Store.open(store_address).close()
    engine = sqlalchemy.create_engine(
        store_address if "://" in store_address else f"sqlite:///{store_address}"
    )
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '0000'"))
    _, found = diagnose("--model", "none")
    assert found["store"]["health"] == "wrong"


def test_errors_of_libraries_are_logged_without_their_messages(logged):
    try:
        raise ValueError("aunt Zenobia")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    line = json.loads(logged.getvalue())
    assert (line["event"], line["error"]) == ("Exception in ASGI application", "ValueError")
    assert "Zenobia" not in logged.getvalue()


def test_a_library_that_chooses_its_own_level_is_heard_at_ours(logged):
    logs.configure(as_json=True, level="error", stream=logged)
    chatty = logging.getLogger("a library")
    chatty.setLevel(logging.DEBUG)
    chatty.debug("building an index")
    chatty.error("no index")
    assert [json.loads(line)["event"] for line in logged.getvalue().splitlines()] == ["no index"]
