"""The service's own endpoints, asked over HTTP."""

import json
import threading
import time

import httpx2
import pytest
from serve.api.conftest import events
from serving import serving
from sse_starlette import ServerSentEvent
from starlette.applications import Starlette
from starlette.routing import Route

from agent.lm import ScriptedModel
from agent.serve.api.access import Api
from agent.serve.api.settings import ApiSettings
from agent.serve.api.streams import event_stream
from agent.serve.ops.metrics import Metrics

STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def session(api):
    return api.post("/v1/sessions", json={"n": 3}).json()["id"]


def say(api, session, text="a comedy", **options):
    return api.post(f"/v1/sessions/{session}/turns", json={"text": text}, **options)


def code(response):
    return response.status_code, response.json()["error"]["code"]


def test_a_list_without_a_conversation(api):
    made = api.post("/v1/recommend", json={"text": "a comedy", "n": 2, "seen": ["airplane"]}).json()
    assert [place["rank"] for place in made["items"]] == [1, 2]
    assert all("Comedy" in place["item"]["categories"] for place in made["items"])
    assert "airplane" not in [place["item"]["id"] for place in made["items"]]


def test_a_conversation_from_beginning_to_end(api):
    opened = api.post("/v1/sessions", json={"id": "mine", "n": 2})
    assert opened.status_code == 201
    path = "/v1/sessions/mine"
    turn = say(api, "mine", "I loved Alien. Something scary").json()
    first = turn["list"]["items"][0]["item"]["id"]
    assert turn["seq"] == 1
    assert len(turn["list"]["items"]) == 2
    assert api.get(f"{path}/items/{first}/why").json()["text"]
    liked = api.post(f"{path}/feedback", json={"item": 1, "kind": "dislike"}).json()
    assert liked["feedback"] == {first: ["dislike"]}
    assert [a["item"]["id"] for a in api.get(f"{path}/beliefs").json()["attitudes"]] == ["alien", first]
    edited = api.patch(f"{path}/beliefs", json={"attitudes": {first: 2}}).json()
    assert {a["item"]["id"]: a["attitude"] for a in edited["attitudes"]}[first] == 2
    assert api.post(f"{path}/undo").json()["can_undo"]
    assert any(point["kind"] == "liked" for point in api.get(f"{path}/map").json()["points"])
    assert api.get(f"{path}/turns/1/trace").json()[0]["stage"] == "understand"
    assert [s["id"] for s in api.get("/v1/sessions").json()] == ["mine"]
    assert api.post(f"{path}/close").status_code == 204
    assert api.delete(path).status_code == 204
    assert code(api.get(path)) == (404, "not_found")


def test_a_stream_is_the_list_then_words_then_the_turn(api, session):
    with api.stream(
        "POST", f"/v1/sessions/{session}/turns", json={"text": "a comedy"}, headers=STREAM
    ) as got:
        assert got.headers["content-type"].startswith("text/event-stream")
        found = events(got)
    names = [name for name, _ in found]
    assert names == ["list", *["word"] * (len(names) - 2), "turn"]
    assert "".join(data["text"] for name, data in found if name == "word") == found[-1][1]["reply"]
    assert found[0][1] == found[-1][1]["list"]
    assert api.get(f"/v1/sessions/{session}").json()["turns"] == [found[-1][1]]


def test_the_turn_stands_though_its_reader_leaves(make_recommender, make_service, serve):
    model = ScriptedModel(["", "words " * 20])
    api = serve(make_service(make_recommender(model=model, strategy="n=3,generation=none,scorer=none")))
    session = api.post("/v1/sessions", json={}).json()["id"]
    with api.stream(
        "POST", f"/v1/sessions/{session}/turns", json={"text": "a comedy"}, headers=STREAM
    ) as got:
        next(got.iter_lines())
    (turn,) = api.get(f"/v1/sessions/{session}").json()["turns"]
    assert len(turn["list"]["items"]) == 3


def test_nobody_works_for_a_reader_who_has_left():
    made, stopped = [], threading.Event()

    def pieces():
        try:
            for number in range(1_000):
                made.append(number)
                yield str(number)
                time.sleep(0.02)
        finally:
            stopped.set()

    metrics = Metrics()
    api = Api(None, None, None, metrics, ApiSettings(heartbeat=0.01))

    async def answer(request):
        return event_stream(pieces(), lambda piece: iter([ServerSentEvent(piece)]), api, "1")

    with serving(Starlette(routes=[Route("/", answer)])) as address, httpx2.stream("GET", address) as got:
        lines = got.iter_lines()
        while ": still here" not in next(lines):
            pass
        got.close()
        assert stopped.wait(5)
    assert len(made) < 900
    assert metrics.abandoned._value.get() == 1


def test_an_error_in_the_middle_of_a_stream_is_told():
    def pieces():
        yield "one"
        raise ValueError("what a user said")

    async def answer(request):
        api = Api(None, None, None, Metrics(), ApiSettings())
        return event_stream(pieces(), lambda piece: iter([ServerSentEvent(piece)]), api, "id-1")

    with serving(Starlette(routes=[Route("/", answer)])) as address, httpx2.stream("GET", address) as got:
        sent = list(got.iter_lines())
    assert sent[:1] == ["data: one"]
    assert "event: error" in sent
    error = json.loads(next(line for line in sent if "id-1" in line).removeprefix("data: "))
    assert error["error"]["message"] == "something went wrong here"


def test_a_request_that_is_sent_again_is_done_once(api, session):
    again = {"Idempotency-Key": "turn-1"}
    first, second = (say(api, session, headers=again).json() for _ in range(2))
    assert first == second
    assert len(api.get(f"/v1/sessions/{session}").json()["turns"]) == 1
    assert code(say(api, session, "a western", headers=again)) == (409, "conflict")


def test_events_count_once(api):
    body = {"events": [{"id": "e1", "kind": "click", "item_id": "up"}, {"kind": "view", "item_id": "heat"}]}
    assert api.post("/v1/events", json=body).json() == {"accepted": 2, "duplicates": 0}
    assert api.post("/v1/events", json=body).json() == {"accepted": 1, "duplicates": 1}
    body["events"].append({"kind": "like", "item_id": "nowhere"})
    assert code(api.post("/v1/events", json=body)) == (404, "not_found")


def test_what_is_kept_can_be_had_and_deleted(api, session):
    say(api, session, "a rainy evening with aunt Zenobia")
    assert "Zenobia" in api.get("/v1/me/export").text
    assert api.put("/v1/me/memory", json={"remember": False}).status_code == 204
    assert not api.get(f"/v1/sessions/{session}").json()["remember"]
    assert api.delete("/v1/me").json()["rows"]["sessions"] == 1
    assert "Zenobia" not in api.get("/v1/me/export").text


def test_users_do_not_see_each_other(api, session):
    eve = {"X-Groundrec-User": "eve"}
    theirs = api.get(f"/v1/sessions/{session}", headers=eve)
    nowhere = api.get("/v1/sessions/none-such", headers=eve)
    assert theirs.status_code == 404
    assert theirs.json()["error"] | {"request_id": 0} == nowhere.json()["error"] | {"request_id": 0}
    assert api.get("/v1/sessions", headers=eve).json() == []


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        (lambda api, s: api.post("/v1/recommend", json={"n": 101}), (422, "invalid_request")),
        (lambda api, s: api.post("/v1/recommend", json={"nn": 1}), (422, "invalid_request")),
        (lambda api, s: api.post("/v1/recommend", json={"strategy": "nonsense"}), (400, "invalid_request")),
        (lambda api, s: api.post("/v1/recommend", json={"like": ["nowhere"]}), (404, "not_found")),
        (lambda api, s: api.post("/v1/recommend", json={"text": "x" * 20_001}), (400, "invalid_request")),
        (lambda api, s: api.post("/v1/recommend", content=b"{"), (422, "invalid_request")),
        (lambda api, s: api.post("/v1/recommend", content=b'{"text": "\\ud800"}'), (422, "invalid_request")),
        (lambda api, s: api.get("/v1/recommend"), (405, "method_not_allowed")),
        (lambda api, s: api.get("/v1/nothing"), (404, "not_found")),
        (lambda api, s: api.post("/v1/sessions", json={"id": "a/b"}), (422, "invalid_request")),
        (lambda api, s: api.post(f"/v1/sessions/{s}/undo"), (400, "invalid_request")),
        (lambda api, s: api.get("/v1/items/nowhere"), (404, "not_found")),
        (lambda api, s: api.get("/v1/items?q=x&limit=0"), (422, "invalid_request")),
    ],
)
def test_what_cannot_be_is_refused(api, session, send, expected):
    answer = send(api, session)
    assert code(answer) == expected
    error = answer.json()["error"]
    assert error.keys() == {"message", "type", "code", "param", "hint", "request_id"}
    assert error["request_id"] == answer.headers["x-request-id"]


def test_bodies_that_are_too_large_are_refused(serve):
    api = serve(largest_body=1_000)
    assert api.post("/v1/recommend", json={"text": "x" * 900}).status_code == 200
    assert api.post("/v1/recommend", json={"text": "x" * 1_000}).status_code == 413
    in_pieces = api.post("/v1/recommend", content=(b"x" * 100 for _ in range(100)))
    assert code(in_pieces) == (413, "too_large")


def test_request_ids_come_back(api):
    assert api.get("/health", headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert api.get("/health", headers={"X-Request-Id": "<script>"}).headers["x-request-id"] != "<script>"


def test_browsers_are_told_to_be_careful(api):
    headers = api.get("/v1/items?q=alien").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    page = api.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in page
    assert "unsafe" not in page


def test_pages_of_other_sites_are_let_in_by_name_alone(serve):
    asks = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    closed, opened = serve(), serve(cors=("https://shop.example",))
    assert "access-control-allow-origin" not in closed.options("/v1/recommend", headers=asks).headers
    assert closed.get("/v1/sessions", headers=asks).status_code == 403
    allowed = opened.options("/v1/recommend", headers=asks).headers["access-control-allow-origin"]
    assert allowed == "https://shop.example"
    assert opened.get("/v1/sessions", headers=asks).status_code == 200


def test_readiness_and_what_the_page_asks(serve, make_service):
    service = make_service()
    api = serve(service)
    assert api.get("/health").json() == {"status": "ok"}
    assert api.get("/ready").status_code == 503
    service.warm_up()
    assert api.get("/ready").json()["status"] == "ok"
    config = api.get("/v1/config").json()
    assert config["catalog"] == {"name": "films", "kind": "movie", "items": 16}
    assert config["locales"] == ["en", "zh"]


def test_metrics_hold_what_happened_and_nobodys_words(api, session):
    say(api, session, "a comedy with Zenobia")
    api.get("/v1/sessions/Zenobia")
    api.get("/Zenobia")
    text = api.get("/metrics").text
    assert "groundrec_lists_total 1.0" in text
    assert 'groundrec_stage_seconds_count{stage="retrieve"} 1.0' in text
    turns = "/v1/sessions/{session_id}/turns"
    assert f'groundrec_requests_total{{method="POST",route="{turns}",status="200"}} 1.0' in text
    assert 'groundrec_requests_total{method="any",route="other",status="404"} 1.0' in text
    assert 'groundrec_cache_requests_total{cache="sessions",outcome="hit"} 1.0' in text
    assert "Zenobia" not in text
    assert session not in text


def test_the_schema_has_examples_that_work(api):
    schema = api.get("/openapi.json").json()
    recommend = schema["components"]["schemas"]["RecommendIn"]["examples"][0]
    assert api.post("/v1/recommend", json=recommend | {"like": ["alien"]}).status_code == 200
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
        for path in schema["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    assert all(
        schema["components"]["schemas"][name].get("examples") for name in bodies if name != "BeliefsEdit"
    )
