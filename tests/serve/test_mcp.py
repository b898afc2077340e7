"""The MCP server, asked by the official client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp_types import TextContent

from agent.serve.mcp import make_server
from agent.serve.service import Service

CSV = """id,title,year,categories,description
alien,Alien,1979,Horror|Sci-Fi,A crew in space meets something that hunts them
up,Up,2009,Animation|Adventure,An old man ties balloons to his house
heat,Heat,1995,Action|Crime,A thief and a detective
drive,Drive,2011,Crime|Drama,A driver helps thieves
"""


def converse(service: Service, talk: Callable[[Client], Awaitable[Any]], user: str = "ann") -> Any:
    """What a client makes of a server in this process."""

    async def run() -> Any:
        async with Client(make_server(service, lambda context: user)) as client:
            return await talk(client)

    return anyio.run(run)


def words(result: Any) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_tools_are_described_for_assistants(service: Service) -> None:
    async def talk(client: Client) -> Any:
        assert client.instructions is not None
        assert "catalog of 16" in client.instructions
        return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in converse(service, talk)}
    assert set(tools) == {"recommend", "say", "feedback", "search_catalog", "get_item", "explain"}
    for tool in tools.values():
        assert len(tool.description or "") > 40
        assert tool.annotations is not None
        assert tool.annotations.open_world_hint is False
        assert tool.output_schema is not None
        assert "context" not in tool.input_schema["properties"]
    reads = {name for name, tool in tools.items() if tool.annotations.read_only_hint}
    assert reads == {"search_catalog", "get_item", "explain"}
    assert tools["say"].input_schema["required"] == ["text"]


def test_a_list_with_reasons_as_words_and_as_data(service: Service) -> None:
    result = converse(
        service,
        lambda client: client.call_tool("recommend", {"text": "a crime film", "n": 2, "seen": ["heat"]}),
    )
    assert not result.is_error
    items = result.structured_content["items"]
    assert len(items) == 2
    assert "heat" not in [r["item"]["id"] for r in items]
    first = items[0]
    assert f"1. {first['item']['label']} [{first['item']['id']}]: {first['reasons'][0]['text']}" in words(
        result
    )


def test_a_conversation_with_feedback_and_an_explanation(service: Service) -> None:
    async def talk(client: Client) -> Any:
        begun = (await client.call_tool("say", {"text": "a crime film", "n": 3})).structured_content
        session = begun["session_id"]
        shown = [r["item"]["id"] for r in begun["turn"]["list"]["items"]]
        first = {"session_id": session, "item": "1", "kind": "reject"}
        noted = (await client.call_tool("feedback", first)).structured_content
        assert noted == {"session_id": session, "item_id": shown[0], "kinds": ["reject"]}
        why = await client.call_tool("explain", {"session_id": session, "item_id": shown[1]})
        assert words(why) == why.structured_content["text"]
        assert why.structured_content["text"]
        on = await client.call_tool("say", {"text": "more, please", "session_id": session})
        assert f"session_id: {session}" in words(on)
        return shown, [r["item"]["id"] for r in on.structured_content["turn"]["list"]["items"]]

    shown, then = converse(service, talk)
    assert shown[0] not in then


def test_finding_and_looking_up(service: Service) -> None:
    async def talk(client: Client) -> Any:
        found = await client.call_tool("search_catalog", {"text": "thing"})
        item = await client.call_tool("get_item", {"item_id": "thing82"})
        return found, item

    found, item = converse(service, talk)
    assert {i["id"] for i in found.structured_content["items"][:2]} == {"thing82", "thing11"}
    assert "The Thing (1982) [thing82]: Horror, Mystery" in words(found)
    assert item.structured_content["attributes"]["minutes"] == 109
    assert "minutes: 109" in words(item)


@pytest.mark.parametrize(
    ("tool", "arguments", "problem"),
    [
        ("get_item", {"item_id": "nope"}, "item"),
        ("say", {"text": "hello", "session_id": "nope"}, "no such session"),
        ("explain", {"session_id": "nope", "item_id": "up"}, "no such session"),
        ("recommend", {"n": 5000}, "less than or equal to 50"),
        ("feedback", {"session_id": "x", "item": "up", "kind": "adore"}, "'like', 'dislike'"),
        ("recommend", {"like": ["nope"]}, "no such item"),
    ],
)
def test_errors_are_tool_errors_in_our_words(
    service: Service, tool: str, arguments: dict[str, Any], problem: str
) -> None:
    result = converse(service, lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    assert problem in words(result)


def test_what_is_not_foreseen_tells_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*args: Any, **options: Any) -> None:
        raise RuntimeError("password is swordfish")

    monkeypatch.setattr(service, "item", break_down)
    result = converse(service, lambda client: client.call_tool("get_item", {"item_id": "up"}))
    assert result.is_error
    assert words(result) == "Error executing tool get_item"


def test_another_users_conversation_is_not_there(service: Service) -> None:
    async def begin(client: Client) -> str:
        return (await client.call_tool("say", {"text": "a crime film"})).structured_content["session_id"]

    session = converse(service, begin)

    async def pry(client: Client) -> list[Any]:
        return [
            await client.call_tool("say", {"text": "go on", "session_id": session}),
            await client.call_tool("explain", {"session_id": session, "item_id": "heat"}),
            await client.call_tool("feedback", {"session_id": session, "item": "1", "kind": "like"}),
            await client.call_tool("feedback", {"session_id": session, "item": "heat", "kind": "like"}),
        ]

    for result in converse(service, pry, user="bob"):
        assert result.is_error
        assert "no such session" in words(result)


def test_the_catalog_and_the_prompts_can_be_read(service: Service) -> None:
    async def talk(client: Client) -> Any:
        listed = [str(r.uri) for r in (await client.list_resources()).resources]
        facts = json.loads((await client.read_resource("groundrec://catalog")).contents[0].text)
        prompts = json.loads((await client.read_resource("groundrec://prompts")).contents[0].text)
        text = (await client.read_resource("groundrec://prompts/recommend/zero_shot")).contents[0].text
        with pytest.raises(MCPError, match="unknown prompt 'recommend/nope'"):
            await client.read_resource("groundrec://prompts/recommend/nope")
        return listed, facts, prompts, text

    listed, facts, prompts, text = converse(service, talk)
    assert listed == ["groundrec://catalog", "groundrec://prompts"]
    assert (facts["name"], facts["items"]) == ("films", 16)
    assert "groundrec://prompts/recommend/zero_shot" in [prompt["uri"] for prompt in prompts]
    assert text.startswith("---")


@pytest.fixture
def process(tmp_path: Path) -> StdioServerParameters:
    """A server over four films, without a language model."""
    catalog = tmp_path / "films.csv"
    catalog.write_text(CSV)
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "agent.cli", "mcp", "--catalog", str(catalog), "--model", "none"],
        env={
            "GROUNDREC_CACHE_DIR": str(tmp_path / "cache"),
            "GROUNDREC_STORE": str(tmp_path / "store.db"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
    )


@pytest.mark.model
def test_a_real_process_on_stdin_and_stdout(process: StdioServerParameters) -> None:
    async def run() -> Any:
        with anyio.fail_after(120):
            async with Client(process) as client:
                return await client.call_tool("say", {"text": "something with thieves", "n": 2})

    result = anyio.run(run)
    assert not result.is_error
    found = {r["item"]["id"] for r in result.structured_content["turn"]["list"]["items"]}
    assert found == {"heat", "drive"}


@pytest.mark.model
def test_nothing_but_the_protocol_is_on_stdout(process: StdioServerParameters) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    call = {"name": "recommend", "arguments": {"text": "thieves", "n": 1}}
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    environment = {**os.environ, **(process.env or {})}
    running = subprocess.Popen(
        [process.command, *process.args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    for line in lines:
        running.stdin.write(json.dumps(line) + "\n")
    running.stdin.flush()
    answers = [json.loads(running.stdout.readline()) for _ in range(2)]
    running.stdin.close()
    rest = running.stdout.read()
    assert running.wait(30) == 0
    assert [answer["id"] for answer in answers] == [1, 2]
    assert not answers[1]["result"]["isError"]
    assert rest == ""
