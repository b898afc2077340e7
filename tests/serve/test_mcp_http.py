"""The MCP server over HTTP, asked by the official client: who gets in, and as whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import anyio
import httpx2 as httpx
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from servers import free_port

from agent.errors import SettingsError
from agent.serve.mcp import make_server
from agent.serve.mcp_http import check_address, make_app, user_of
from agent.serve.security import hash_key
from agent.serve.service import Service
from agent.store import Store


@pytest.fixture
def url(service: Service, store: Store) -> Iterator[str]:
    port = free_port()
    app = make_app(make_server(service, user_of), store)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/mcp"
    server.should_exit = True
    thread.join(10)


def call(url: str, tool: str, arguments: dict[str, Any], **headers: str) -> Any:
    async def run() -> Any:
        async with (
            httpx.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            return await client.call_tool(tool, arguments)

    return anyio.run(run)


def hello(url: str, **headers: str) -> httpx.Response:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    return httpx.post(url, json=body, headers={**accept, **headers})


def test_without_keys_this_machine_converses(url: str) -> None:
    begun = call(url, "say", {"text": "a crime film", "n": 2}).structured_content
    went_on = call(url, "say", {"text": "another", "session_id": begun["session_id"]})
    assert went_on.structured_content["session_id"] == begun["session_id"]


def test_without_keys_pages_of_elsewhere_are_refused(url: str) -> None:
    assert hello(url, Host="evil.example").status_code == 403
    assert hello(url, Origin="https://evil.example").status_code == 403


def test_with_keys_each_key_is_its_own_user(url: str, store: Store) -> None:
    for name in ("ann", "bob"):
        store.add_key(hash_key(f"{name}-key"), name, ("recommend",), user=name)
    store.add_key(hash_key("events-key"), "events", ("events",))
    time.sleep(2.1)  # a key counts within two seconds
    refused = hello(url)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.json()["error"]["hint"]
    assert hello(url, Authorization="Bearer wrong").status_code == 401
    assert hello(url, Authorization="Bearer events-key").status_code == 403
    ann, bob = {"Authorization": "Bearer ann-key"}, {"Authorization": "Bearer bob-key"}
    session = call(url, "say", {"text": "a crime film"}, **ann).structured_content["session_id"]
    pried = call(url, "explain", {"session_id": session, "item_id": "heat"}, **bob)
    assert pried.is_error
    assert "no such session" in pried.content[0].text
    assert not call(url, "explain", {"session_id": session, "item_id": "heat"}, **ann).is_error
    assert hello(url, **bob, **{"X-Groundrec-User": "ann"}).status_code == 403


def test_other_addresses_need_keys(store: Store) -> None:
    check_address("127.0.0.1", store)
    check_address("localhost", store)
    with pytest.raises(SettingsError, match="groundrec keys create"):
        check_address("0.0.0.0", store)
    store.add_key(hash_key("k"), "k", ("recommend",))
    check_address("0.0.0.0", store)
