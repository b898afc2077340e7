"""Requests that break a schema, HTTP or common sense, sent to a real server."""

from __future__ import annotations

import json
import random
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
import hypothesis
import schemathesis
from schemathesis import GenerationMode

TIMEOUT = 20.0
"""Seconds; an answer that takes longer counts as a hang. It is longer than any that is allowed."""

_BODIES = (
    b"", b"{", b"[]", b"null", b"0", b'"x"', b"\xff\xfe", b"\x00" * 100, b'{"text":' * 500, b"[" * 20_000,
    b'{"text": "\\ud800"}', b'{"text": "\\u0000"}', b'{"text": 1e999}', b'{"n": NaN}', b'{"n": 1e400}',
    b'{"text": "a", "text": {}}', b'{"messages": [{"role": "user", "content": "\\udfff"}]}',
    b'{"events": [{"kind": "click", "item_id": ""}]}', b'{"messages": [{}]}',
    b'{"item": 99999999999999999999}',
    b'{"item": true, "kind": "like"}', b'{"seed": -1}', b'{"strategy": "n=0"}', b'{"strategy": ",,=,"}',
    b'{"strategy": "prompt=../../etc/passwd"}', b'{"strategy": "sources=a|b|c"}', b'{"locale": "../en"}',
    b'{"text": "' + b"\xe2\x80\xae" * 300 + b'"}', b'{"text": "' + b"((((((((((" * 400 + b'"}',
    b'{"edit": {"facets": [{"field": "x", "value": "y", "weight": 9}]}}', b'{"drop_constraints": [-1]}',
)  # fmt: skip
_SESSION = "fuzzed"
_ITEMS, _SEQS = ("heat", "%00", "..", "x" * 300, "%F0%9F"), ("1", "-1", "9" * 30, "x")
_TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "multipart/form-data",
    "x",
    "",
)
_RAW = (
    b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /v1/sessions/%00%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"BREW /v1/recommend HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /v1/sessions HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
    b"GET /v1/sessions HTTP/1.1\r\n\r\n",
    b"POST /v1/recommend HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    b"POST /v1/recommend HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /v1/recommend HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /v1/sessions HTTP/1.1\r\nHost: localhost\r\nX-Groundrec-User: " + b"u" * 70_000 + b"\r\n\r\n",
    b"GET /v1/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: \xff\xfe\x00\r\n\r\n",
    b"GET /static/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET " + b"/a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
)  # fmt: skip


@dataclass
class Report:
    """What came of it: statuses (0 for a connection that was closed), and what must not have happened."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return sum(self.statuses.values())

    def count(self, what: str, send: Callable[[], int]) -> None:
        """Send one, and judge the answer: no 5xx, no hang."""
        try:
            status = send()
        except (httpx2.TimeoutException, TimeoutError):
            self.failures.append(f"no answer: {what}")
            status = -1
        except (httpx2.TransportError, OSError):
            status = 0
        if status >= 500:
            self.failures.append(f"{status}: {what}")
        self.statuses[status] += 1


def send_malformed(address: str, count: int, seed: int = 0) -> Report:
    """Send so many requests: by the schema, valid and broken; with odd bodies; and no HTTP at all.

    Args:
        address: Of a server on this machine.
        count: How many.
        seed: Draws them.
    """
    report, draw = Report(), random.Random(seed)
    with httpx2.Client(base_url=address, timeout=TIMEOUT) as client:
        schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations()]
        each = count // (3 * len(operations)) + 1
        for operation in operations:
            for mode in GenerationMode:
                _open(client)
                for case in _cases(operation, mode, each, seed):
                    report.count(
                        case.as_curl_command()[:300],
                        lambda c=case: c.call(base_url=address, timeout=TIMEOUT).status_code,
                    )
        for _ in range(count // 20):
            raw = draw.choice(_RAW)
            report.count(repr(raw[:60]), lambda r=raw: _send_raw(address, r))
        while report.sent < count:
            if report.sent % 20 == 0:
                _open(client)
            operation, body, kind = draw.choice(operations), draw.choice(_BODIES), draw.choice(_TYPES)
            path = operation.path.format(
                session_id=_SESSION, item_id=draw.choice(_ITEMS), seq=draw.choice(_SEQS), name="x"
            )
            report.count(
                f"{operation.method} {path} {kind} {body[:60]!r}",
                lambda m=operation.method, p=path, b=body, k=kind: (
                    client.request(m, p, content=b, headers={"Content-Type": k}).status_code
                ),
            )
    return report


def _open(client: httpx2.Client) -> None:
    """A conversation to talk in: some of the requests delete it."""
    client.post("/v1/sessions", json={"id": _SESSION}).raise_for_status()


def _cases(
    operation: schemathesis.APIOperation, mode: GenerationMode, count: int, seed: int
) -> Iterator[schemathesis.Case]:
    """Cases of an operation; an operation that nothing can be broken of has none that break it."""
    cases: list[schemathesis.Case] = []
    known = {"session_id": _SESSION} if re.findall(r"\{\w+\}", operation.path) == ["{session_id}"] else None

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, derandomize=False,
        suppress_health_check=list(hypothesis.HealthCheck), phases=[hypothesis.Phase.generate],
    )  # fmt: skip
    @hypothesis.given(operation.as_strategy(generation_mode=mode, path_parameters=known))
    def collect(case: schemathesis.Case) -> None:
        cases.append(case)

    with suppress(hypothesis.errors.HypothesisException, schemathesis.errors.SchemathesisError):
        collect()
    return iter(cases[:count])


def _send_raw(address: str, raw: bytes) -> int:
    url = urlsplit(address)
    with socket.create_connection((url.hostname, url.port), TIMEOUT) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(4096)
    return int(answer.split()[1]) if answer.startswith(b"HTTP/") else 0


def summary(report: Report) -> str:
    """A line of JSON."""
    return json.dumps(
        {
            "sent": report.sent,
            "statuses": dict(sorted(report.statuses.items())),
            "failures": report.failures[:20],
        }
    )
