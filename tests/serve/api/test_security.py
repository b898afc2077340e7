"""Keys, scopes, limits and closed doors, over HTTP and on the command line."""

import json
import re
import socket

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.errors import QuotaError, SettingsError
from agent.serve.security import RateLimits, check_address, is_loopback, parse_rate, parse_scopes


def code(response):
    return response.status_code, response.json()["error"]["code"]


def run(*words):
    return CliRunner().invoke(app, list(words))


def test_a_key_is_shown_once_and_kept_as_a_hash(store, store_address, serve):
    made = run("keys", "create", "--name", "shop", "--user", "ann", "--store", store_address)
    key = made.stdout.strip()
    assert re.fullmatch(r"groundrec-[\w-]{43}", key)
    listed = run("keys", "list", "--json", "--store", store_address).stdout
    assert key not in listed
    assert key not in str(store.keys())
    assert json.loads(listed)[0] | {"created": 0} == {
        "name": "shop",
        "scopes": ["recommend", "events"],
        "user": "ann",
        "per_minute": None,
        "created": 0,
        "revoked": None,
    }
    api = serve()
    header = {"Authorization": f"Bearer {key}"}
    assert api.post("/v1/sessions", json={"id": "s"}, headers=header).status_code == 201
    assert [s.id for s, _ in store.sessions("ann")] == ["s"]
    run("keys", "revoke", "shop", "--store", store_address)
    assert code(api.get("/v1/sessions", headers=header)) == (401, "invalid_api_key")


def test_the_first_key_shuts_the_open_door(serve, new_key, store, monkeypatch):
    monkeypatch.setattr("agent.serve.security._LOOK_AGAIN", 0)
    api = serve()
    assert api.get("/v1/sessions").status_code == 200
    key = new_key()
    assert code(api.get("/v1/sessions")) == (401, "invalid_api_key")
    assert api.get("/v1/sessions").headers["www-authenticate"] == "Bearer"
    assert api.get("/v1/sessions", headers=key).status_code == 200
    store.revoke_key("shop")
    # Without a good key left, nobody is let in: not everybody.
    assert serve().get("/v1/sessions").status_code == 401


@pytest.mark.parametrize(
    "sent", ["Bearer groundrec-wrong", "Bearer \xff\xfe", "Basic abc", "Bearer", "x" * 5_000]
)
def test_keys_that_are_no_keys(serve, new_key, sent):
    new_key()
    answer = serve().get("/v1/sessions", headers={b"Authorization": sent.encode("latin-1")})
    assert code(answer) == (401, "invalid_api_key")


def test_a_key_may_do_what_its_scopes_say(serve, new_key):
    api = serve()
    reader, sender = new_key("reader", ("recommend",)), new_key("sender", ("events",))
    admin = new_key("admin", ("admin",))
    event = {"events": [{"kind": "click", "item_id": "up"}]}
    assert code(api.post("/v1/events", json=event, headers=reader)) == (403, "forbidden")
    assert api.post("/v1/events", json=event, headers=sender).status_code == 202
    assert code(api.post("/v1/recommend", json={}, headers=sender)) == (403, "forbidden")
    assert api.get("/v1/items/up", headers=sender).status_code == 200
    assert code(api.get("/metrics", headers=reader)) == (403, "forbidden")
    assert api.get("/metrics", headers=admin).status_code == 200
    assert [api.get(path).status_code for path in ("/health", "/v1/config", "/")] == [200] * 3


def test_acting_for_others_needs_its_scope(serve, new_key):
    api = serve()
    shop, own = new_key("shop", ("recommend", "act-as")), new_key("own", ("recommend",), user="ann")
    bob = {"X-Groundrec-User": "bob"}
    api.post("/v1/sessions", json={"id": "of-bob"}, headers=shop | bob)
    assert [s["id"] for s in api.get("/v1/sessions", headers=shop | bob).json()] == ["of-bob"]
    assert api.get("/v1/sessions", headers=shop).json() == []
    assert code(api.get("/v1/sessions", headers=own | bob)) == (403, "forbidden")
    assert api.get("/v1/sessions", headers=own | {"X-Groundrec-User": "ann"}).json() == []


def test_keys_of_nobody_have_sessions_of_their_own(serve, new_key):
    api, one, two = serve(), new_key("one"), new_key("two")
    api.post("/v1/sessions", json={"id": "s"}, headers=one)
    assert api.get("/v1/sessions/s", headers=one).status_code == 200
    assert api.get("/v1/sessions/s", headers=two).status_code == 404


def test_who_asks_too_often_waits(serve, new_key):
    api, key = serve(user_rate=3), new_key(rate=2)
    assert [api.get("/v1/sessions", headers=key).status_code for _ in range(2)] == [200, 200]
    refused = api.get("/v1/sessions", headers=key)
    assert code(refused) == (429, "quota_exceeded")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    busy, other = new_key("act", ("recommend", "act-as")), {"X-Groundrec-User": "bob"}
    statuses = [api.get("/v1/sessions", headers=busy | other).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert api.get("/v1/sessions", headers=busy | {"X-Groundrec-User": "eve"}).status_code == 200


def test_a_limit_is_a_sliding_minute(monkeypatch):
    from pyrate_limiter import InMemoryBucket

    now = [0]
    monkeypatch.setattr(InMemoryBucket, "now", lambda self: now[0])
    limits = RateLimits()
    limits.take("a", 2)
    now[0] = 40_000
    limits.take("a", 2)
    limits.take("b", 2)
    with pytest.raises(QuotaError) as caught:
        limits.take("a", 2)
    assert caught.value.retry_after == pytest.approx(20, abs=0.1)
    now[0] = 60_100
    limits.take("a", 2)
    with pytest.raises(QuotaError):
        limits.take("a", 2)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost.evil.example:8000"}, 403),
        ({"Host": "127.0.0.1.nip.io"}, 403),
        ({"Host": ""}, 403),
        ({"Host": "localhost:8000"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:8000", "Origin": "http://localhost:9000"}, 403),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, 200),
        ({"X-Forwarded-For": "203.0.113.9"}, 403),
    ],
)
def test_without_keys_only_this_machine_is_let_in(api, headers, status):
    assert api.get("/v1/sessions", headers=headers).status_code == status


def test_listening_to_others_needs_a_key(store, new_key, store_address):
    with pytest.raises(SettingsError, match="there are no keys"):
        check_address("0.0.0.0", store)
    check_address("127.0.0.1", store)
    refused = run("serve", "--host", "0.0.0.0", "--store", store_address)
    assert refused.exit_code == 1
    new_key()
    check_address("0.0.0.0", store)


def test_a_port_that_is_taken(store_address):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = run("serve", "--port", port, "--store", store_address)
    assert refused.exit_code == 1


def test_loopback_by_name_and_number():
    assert all(map(is_loopback, ("127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST.")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "localhost.example", "", "::ffff:8.8.8.8")))


def test_scopes_and_rates_are_read():
    assert parse_scopes("recommend, admin,recommend") == ("recommend", "admin")
    assert [parse_rate(text) for text in ("60", "60/min", "2/s")] == [60, 60, 120]
    for text in ("", "admin,root"):
        with pytest.raises(SettingsError):
            parse_scopes(text)
    for text in ("0", "60/h", "-1", "fast", "9999999999"):
        with pytest.raises(SettingsError):
            parse_rate(text)


def test_logs_hold_neither_keys_nor_words(serve, new_key, make_service, logged):
    service = make_service()

    def fail(item_id):
        raise ValueError(f"cannot cope with {item_id}")

    service.item = fail
    api, key = serve(service), new_key()
    api.post("/v1/sessions", json={"id": "secret-session"}, headers=key)
    said = {"text": "a rainy evening with aunt Zenobia"}
    api.post("/v1/sessions/secret-session/turns", json=said, headers=key | {"X-Request-Id": "r-1"})
    failed = api.get("/v1/items/Zenobia", headers=key)
    api.get("/v1/sessions", headers={"Authorization": "Bearer groundrec-wrong"})
    assert code(failed) == (500, "server_error")
    assert "Zenobia" not in failed.text
    text = logged.getvalue()
    for secret in ("Zenobia", "secret-session", "groundrec-wrong", key["Authorization"].split()[1]):
        assert secret not in text
    lines = [json.loads(line) for line in text.splitlines()]
    (turn,) = [line for line in lines if line.get("request_id") == "r-1" and line["event"] == "request"]
    assert turn["route"] == "/v1/sessions/{session_id}/turns"
    assert turn["key"] == "shop"
    (error,) = [line for line in lines if line.get("error") == "ValueError"]
    assert error["at"][-1].endswith("fail")
