"""Many conversations at once, for minutes: errors, lost turns and events, memory, waiting.

    python tests/benchmarks/load.py [--sessions 50] [--minutes 5] [--model none] [--think 1.0]

Starts a server of its own over `movies` on a port of this machine. Every session is another user, who opens a
conversation, talks (every other turn is streamed), gives feedback, sends events and looks at reasons, with a
pause of --think seconds on average between requests, and begins anew after six turns. In the end, everything
that was acknowledged is looked for in the store, by a server that was started anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from served import Served

TIMEOUT = 60.0
SAYINGS = (
    "I loved Alien and The Thing, what should I watch?",
    "something funnier please",
    "nothing before 1990",
    "more like the first one",
    "a slow, thoughtful film about space",
    "surprise me",
    "I hated the second one. Something with a happy ending",
    "a comedy from the 2000s",
    "什么好看的科幻片",
    "why the first one?",
)


@dataclass
class Tally:
    """What was acknowledged, how long it took, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    turns: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    events: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    degraded: int = 0
    memory: list[float] = field(default_factory=list)


class Person:
    """One user, who talks until the time is over."""

    def __init__(self, number: int, client: httpx2.AsyncClient, tally: Tally, think: float) -> None:
        self.name, self._client, self._tally, self._think = f"user-{number}", client, tally, think
        self._draw = random.Random(number)
        self._headers = {"X-Groundrec-User": self.name}

    async def live(self, until: float) -> None:
        """Hold conversations until the time is over."""
        await asyncio.sleep(self._draw.random() * self._think)
        while time.monotonic() < until:
            opened = await self._ask("open", "POST", "/v1/sessions", json={"n": 10})
            if opened is None:
                continue
            for turn in range(6):
                if time.monotonic() >= until:
                    return
                await self._turn(opened.json()["id"], streamed=turn % 2 == 0)
            await self._ask("close", "POST", f"/v1/sessions/{opened.json()['id']}/close")

    async def _turn(self, session: str, *, streamed: bool) -> None:
        path = f"/v1/sessions/{session}"
        turn = await (self._stream if streamed else self._say)(path, self._draw.choice(SAYINGS))
        if turn is None:
            return
        self._tally.turns[self.name, session].add(turn["seq"])
        shown = turn["list"]
        if not shown or not shown["items"]:
            return
        self._tally.degraded += bool(shown["degraded"])
        await self._pause()
        events = [
            {"id": uuid4().hex, "kind": "exposure", "item_id": place["item"]["id"], "list_id": shown["id"]}
            for place in shown["items"]
        ]
        if await self._ask("events", "POST", "/v1/events", json={"events": events}):
            self._tally.events[self.name].update(event["id"] for event in events)
        await self._pause()
        body = {
            "item": self._draw.randint(1, len(shown["items"])),
            "kind": self._draw.choice(["like", "dislike"]),
        }
        await self._ask("feedback", "POST", f"{path}/feedback", json=body)
        await self._pause()
        await self._ask("why", "GET", f"{path}/items/{shown['items'][0]['item']['id']}/why")
        await self._ask("beliefs", "GET", f"{path}/beliefs")
        await self._pause()

    async def _say(self, path: str, text: str) -> dict | None:
        answer = await self._ask("turn", "POST", f"{path}/turns", json={"text": text})
        return None if answer is None else answer.json()

    async def _stream(self, path: str, text: str) -> dict | None:
        """A turn piece by piece; how long the list took is noted apart."""
        start, name, turn = time.monotonic(), "", None
        headers = self._headers | {"Accept": "text/event-stream"}
        try:
            async with self._client.stream(
                "POST", f"{path}/turns", json={"text": text}, headers=headers
            ) as answer:
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    if line.startswith("event: "):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data: ") and name == "list":
                        self._tally.seconds["list of a stream"].append(time.monotonic() - start)
                    elif line.startswith("data: ") and name == "turn":
                        turn = json.loads(line.removeprefix("data: "))
                    elif line.startswith("data: ") and name == "error":
                        raise httpx2.RemoteProtocolError(line)
        except httpx2.HTTPError as error:
            self._fail("stream", error)
            return None
        if turn is None:
            self._tally.errors["stream: no turn"] += 1
        self._tally.seconds["stream"].append(time.monotonic() - start)
        return turn

    async def _ask(self, what: str, method: str, path: str, **options: object) -> httpx2.Response | None:
        start = time.monotonic()
        try:
            answer = await self._client.request(method, path, headers=self._headers, **options)
            answer.raise_for_status()
        except httpx2.HTTPError as error:
            self._fail(what, error)
            return None
        self._tally.seconds[what].append(time.monotonic() - start)
        return answer

    def _fail(self, what: str, error: httpx2.HTTPError) -> None:
        response = getattr(error, "response", None)
        self._tally.errors[
            f"{what}: {response.status_code if response is not None else repr(error)[:80]}"
        ] += 1

    async def _pause(self) -> None:
        if self._think:
            await asyncio.sleep(self._draw.expovariate(1 / self._think))


async def run(server: Served, options: argparse.Namespace) -> Tally:
    """Let everybody talk, and look at the server's memory meanwhile."""
    tally = Tally()
    until = time.monotonic() + 60 * options.minutes
    limits = httpx2.Limits(max_connections=options.sessions)
    async with httpx2.AsyncClient(base_url=server.address, timeout=TIMEOUT, limits=limits) as client:
        people = [Person(i, client, tally, options.think).live(until) for i in range(options.sessions)]

        async def watch() -> None:
            while time.monotonic() < until:
                tally.memory.append(server.memory())
                await asyncio.sleep(min(5.0, 3 * options.minutes))

        await asyncio.gather(watch(), *people)
    return tally


def lost(server: Served, tally: Tally) -> tuple[int, int]:
    """How many of the turns and events that were acknowledged are not in the store."""
    turns = events = 0
    with httpx2.Client(base_url=server.address, timeout=TIMEOUT) as client:
        for (user, session), seqs in tally.turns.items():
            found = client.get(f"/v1/sessions/{session}", headers={"X-Groundrec-User": user}).json()
            turns += len(seqs - {turn["seq"] for turn in found["turns"]})
        for user, ids in tally.events.items():
            kept = client.get("/v1/me/export", headers={"X-Groundrec-User": user}).json()["events"]
            events += len(ids - {event["id"] for event in kept})
    return turns, events


def main() -> None:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--model", default="none")
    parser.add_argument("--think", type=float, default=1.0)
    options = parser.parse_args()
    if not (1 <= options.sessions <= 200 and 0 < options.minutes <= 30):
        parser.error("1 to 200 sessions, for at most 30 minutes")
    with tempfile.TemporaryDirectory() as folder:
        server = Served(Path(folder), "--model", options.model, "--store", f"{folder}/store.db")
        with server:
            tally = asyncio.run(run(server, options))
            begun = time.monotonic()
            code = server.stop()
            stopped = time.monotonic() - begun
            server.start()
            turns, events = lost(server, tally)
    everything = sum(map(len, tally.seconds.values()))
    print(
        f"{options.sessions} sessions, {options.minutes:g} min, model {options.model}: {everything:,} answers"
    )
    print(f"errors: {sum(tally.errors.values())} {dict(tally.errors) or ''}")
    print(f"turns acknowledged: {sum(map(len, tally.turns.values())):,}, lost: {turns}")
    print(f"events acknowledged: {sum(map(len, tally.events.values())):,}, lost: {events}")
    print(f"lists made without the model: {tally.degraded:,}")
    half = tally.memory[len(tally.memory) // 2 :]
    third = len(half) // 3 or 1
    growth = np.mean(half[-third:]) - np.mean(half[:third])
    print(
        f"memory: {tally.memory[0]:.0f} MiB at first, {half[0]:.0f} half-way, {half[-1]:.0f} at the end; "
        f"growth in the second half {growth:+.1f} MiB"
    )
    print(f"stopped with code {code} in {stopped:.1f} s")
    for what, seconds in sorted(tally.seconds.items()):
        p50, p95, p99 = np.percentile(seconds, [50, 95, 99])
        print(f"  {what:17} n {len(seconds):6,}  p50 {p50:.3f}  p95 {p95:.3f}  p99 {p99:.3f} s")
    sys.exit(bool(tally.errors or turns or events))


if __name__ == "__main__":
    main()
