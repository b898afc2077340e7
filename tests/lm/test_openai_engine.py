"""The engine for servers: against real local servers that work and that fail in known ways."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from agent.breaker import Breaker
from agent.errors import ContextWindowError, ModelError, ServerDownError, ServerError, UnsupportedError
from agent.lm import Generation, Grammar, OpenAICompatibleModel, Sampling, TransformersModel, load_model
from agent.lm.chat import transcript
from agent.settings import Settings
from prompts import Message

ASK = [Message("user", "Hello")]
KEY = "sk-a-very-secret-key"

Answer = Callable[["Server", str, dict[str, Any]], None]


class Server(BaseHTTPRequestHandler):
    """Answers every request by a function of its path and JSON body."""

    answer: Answer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        type(self).answer(self, self.path, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).answer(self, self.path, json.loads(body))

    def log_message(self, *args: Any) -> None:
        pass

    def say(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def piece(self, content: str | None = None, finish: str | None = None, usage: Any = None) -> None:
        choice = {"index": 0, "delta": {"content": content} if content else {}, "finish_reason": finish}
        chunk = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def whole(self, *pieces: str) -> None:
        self.begin_stream()
        for content in pieces:
            self.piece(content)
        self.piece(
            finish="stop", usage={"prompt_tokens": 7, "completion_tokens": len(pieces), "total_tokens": 0}
        )
        self.wfile.write(b"data: [DONE]\n\n")


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    servers = []

    def start(answer: Answer) -> str:
        handler = type("Handler", (Server,), {"answer": staticmethod(answer)})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def engine(url: str, **options: Any) -> OpenAICompatibleModel:
    return OpenAICompatibleModel(url, "m", **{"api_key": KEY, "timeout": 2, "retries": 0, **options})


def test_an_answer_is_streamed_with_its_usage(serve: Callable[[Answer], str]) -> None:
    asked: list[dict[str, Any]] = []

    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        assert path == "/v1/chat/completions"
        asked.append(body)
        server.whole("Hi", " there")

    model = engine(serve(answer))
    sampling = Sampling(max_tokens=9, temperature=0.5, top_p=0.9, seed=3, stop=("END",))
    *pieces, last = model.stream(ASK, sampling)
    assert pieces == ["Hi", " there"]
    assert isinstance(last, Generation)
    assert (last.text, last.usage.prompt_tokens, last.usage.completion_tokens) == ("Hi there", 7, 2)
    assert last.finish_reason == "stop"
    body = asked[0]
    assert body["messages"] == [{"role": "user", "content": "Hello"}]
    assert [body[k] for k in ("model", "max_tokens", "temperature", "top_p", "seed", "stop")] == [
        "m",
        9,
        0.5,
        0.9,
        3,
        ["END"],
    ]


def test_a_stop_string_that_the_server_ignores_still_stops(serve: Callable[[Answer], str]) -> None:
    url = serve(lambda server, path, body: server.whole("one E", "ND two"))
    generation = engine(url).generate(ASK, Sampling(stop=("END",)))
    assert (generation.text, generation.finish_reason) == ("one ", "stop")


def test_a_server_that_fails_twice_is_asked_again(serve: Callable[[Answer], str]) -> None:
    calls: list[int] = []

    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        calls.append(1)
        if len(calls) < 3:
            server.say(500, {"error": {"message": "overloaded"}})
        else:
            server.whole("at last")

    assert engine(serve(answer), retries=2).generate(ASK).text == "at last"
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (401, f"bad key {KEY}", r"answered 401: .*bad key \*\*\*.*GROUNDREC_API_KEY"),
        (403, "no", r"answered 403.*may not use"),
        (404, "no such model", r"answered 404: .*no such model.*model's name"),
        (429, "slow down", r"answered 429: .*slow down.*wait"),
        (500, "broken", r"answered 500: .*broken.*log"),
    ],
)
def test_a_refusal_says_what_to_do(
    serve: Callable[[Answer], str], status: int, message: str, expected: str
) -> None:
    url = serve(lambda server, path, body: server.say(status, {"error": {"message": message}}))
    with pytest.raises(ServerError, match=expected) as caught:
        engine(url).generate(ASK)
    assert url in str(caught.value)
    assert KEY not in str(caught.value)


def test_the_key_is_in_no_log(serve: Callable[[Answer], str], caplog: pytest.LogCaptureFixture) -> None:
    url = serve(lambda server, path, body: server.say(500, {"error": {"message": "broken"}}))
    with caplog.at_level(logging.DEBUG), pytest.raises(ServerError):
        engine(url, retries=1).generate(ASK)
    assert "chat/completions" in caplog.text
    assert KEY not in caplog.text


def test_a_prompt_that_the_server_finds_too_long_is_that_error(serve: Callable[[Answer], str]) -> None:
    message = "This model's maximum context length is 100 tokens"
    url = serve(lambda server, path, body: server.say(400, {"error": {"message": message}}))
    with pytest.raises(ContextWindowError, match="maximum context length is 100"):
        engine(url).generate(ASK)


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(ServerError, match=rf"http://127.0.0.1:{port}/v1: the server cannot be reached"):
            engine(f"http://127.0.0.1:{port}").generate(ASK)


def test_a_slow_server_times_out(serve: Callable[[Answer], str]) -> None:
    url = serve(lambda server, path, body: time.sleep(1.5))
    with pytest.raises(ServerError, match=r"no answer within 0.3 s.*GROUNDREC_TIMEOUT"):
        engine(url, timeout=0.3).generate(ASK)


@pytest.mark.parametrize("polite", [True, False], ids=["closes", "dies"])
def test_a_stream_that_breaks_off_says_how_much_had_come(
    serve: Callable[[Answer], str], polite: bool
) -> None:
    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        server.send_response(200)
        server.send_header("Content-Type", "text/event-stream")
        server.send_header("Connection", "close")
        if not polite:
            server.send_header("Content-Length", "100000")
        server.end_headers()
        server.piece("Once upon")
        server.close_connection = True

    pieces: list[Any] = []
    with pytest.raises(ServerError, match="broke off after 9 characters"):
        pieces.extend(engine(serve(answer)).stream(ASK))
    assert pieces == ["Once upon"]


def test_a_stream_that_hangs_says_how_much_had_come(serve: Callable[[Answer], str]) -> None:
    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        server.begin_stream()
        server.piece("Once")
        time.sleep(1.0)

    with pytest.raises(ServerError, match="broke off after 4 characters"):
        engine(serve(answer), timeout=0.3).generate(ASK)


def test_an_answer_that_is_no_protocol_is_a_server_error(serve: Callable[[Answer], str]) -> None:
    url = serve(lambda server, path, body: server.say(200, {"hello": "world"}))
    with pytest.raises(ServerError):
        engine(url).generate(ASK)


def test_a_json_schema_is_sent_and_its_answer_checked(serve: Callable[[Answer], str]) -> None:
    schema = {"type": "object"}
    grammar = Grammar("json_schema", json.dumps(schema))

    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        assert body["response_format"]["json_schema"]["schema"] == schema
        server.whole('{"a"', ": 1}")

    generation = engine(serve(answer)).generate(ASK, grammar=grammar)
    assert (generation.text, generation.finish_reason) == ('{"a": 1}', "grammar")
    ignoring = engine(serve(lambda server, path, body: server.whole("Sure! Here it is")))
    with pytest.raises(UnsupportedError, match="ignored the JSON schema"):
        ignoring.generate(ASK, grammar=grammar)


def test_other_grammars_are_refused_before_the_server_is_asked() -> None:
    model = engine("http://127.0.0.1:9")
    with pytest.raises(UnsupportedError, match="JSON schemas only"):
        model.generate(ASK, grammar=Grammar("lark", 'start: "a"'))
    with pytest.raises(ModelError, match="not valid"):
        model.generate(ASK, grammar=Grammar("json_schema", "{"))


def test_the_first_model_is_taken_where_none_is_named(serve: Callable[[Answer], str]) -> None:
    listed = {
        "object": "list",
        "data": [
            {"id": "first", "object": "model", "created": 0, "owned_by": "me", "max_model_len": 4096},
            {"id": "second", "object": "model", "created": 0, "owned_by": "me"},
        ],
    }

    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        assert path == "/v1/models"
        server.say(200, listed)

    url = serve(answer)
    model = load_model(url, settings=Settings(retries=0))
    assert (model.name, model.context_window) == (f"first@{url}/v1", 4096)
    assert load_model(settings=Settings(base_url=url, retries=0)).name == f"first@{url}/v1"


def test_names_address_models_on_servers() -> None:
    settings = Settings(base_url="http://127.0.0.1:9/api/v1")
    assert load_model("qwen", settings=settings).name == "qwen@http://127.0.0.1:9/api/v1"
    named = load_model("org/qwen:7b@http://me:pw@127.0.0.1:9", settings=settings)
    assert named.name == "org/qwen:7b@http://127.0.0.1:9/v1"


def test_tokens_are_estimated_or_counted() -> None:
    model = engine("http://127.0.0.1:9")
    assert model.count_tokens("12345678 ") == 3
    assert model.count_tokens([Message("user", "12345678"), Message("user", "1")]) == 2 + 4 + 1 + 4
    counting = engine("http://127.0.0.1:9", count=lambda text: len(text.split()))
    assert counting.count_tokens("one two three") == 3


def test_scores_come_from_echoed_log_probabilities(
    serve: Callable[[Answer], str], tiny: TransformersModel
) -> None:
    """A server around the tiny model must give the scores of the tiny model itself."""

    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        assert path == "/v1/completions"
        assert (body["echo"], body["max_tokens"]) == (True, 1)
        server.say(200, echoed(tiny, body["prompt"]))

    texts = [" Alien", " The Thing", " M"]
    model = engine(serve(answer))
    assert model.can_score
    scores = model.score(ASK, texts)
    local = tiny.score(ASK, texts)
    assert scores.logprobs == pytest.approx(local.logprobs, abs=1e-3)
    assert scores.tokens.tolist() == local.tokens.tolist()
    assert model.count_tokens(transcript(ASK)) == scores.usage.prompt_tokens


def echoed(model: TransformersModel, prompt: str) -> dict[str, Any]:
    """What a server answers to echo, logprobs and one more token."""
    import torch

    tokens = model.encode([prompt])[0]
    pieces = [model._decode([token]) for token in tokens]
    with torch.inference_mode():
        logits = model._decoder._model(torch.tensor([tokens])).logits[0]
    table = torch.log_softmax(logits, dim=-1)
    logprobs = [None, *(float(table[i, token]) for i, token in enumerate(tokens[1:]))]
    offsets = [len("".join(pieces[:i])) for i in range(len(pieces) + 1)]
    choice = {
        "index": 0,
        "text": prompt + "!",
        "finish_reason": "length",
        "logprobs": {
            "tokens": [*pieces, "!"],
            "token_logprobs": [*logprobs, -9.0],
            "text_offset": offsets,
            "top_logprobs": None,
        },
    }
    return {"id": "1", "object": "text_completion", "created": 0, "model": "m", "choices": [choice]}


def test_a_server_that_ignores_logprobs_cannot_score(serve: Callable[[Answer], str]) -> None:
    choice = {"index": 0, "text": "one two three", "finish_reason": "length"}
    completion = {"id": "1", "object": "text_completion", "created": 0, "model": "m", "choices": [choice]}
    model = engine(serve(lambda server, path, body: server.say(200, completion)))
    assert not model.can_score
    with pytest.raises(UnsupportedError, match="no log-probabilities"):
        model.score(ASK, [" Alien"])


def test_a_dead_server_costs_one_wait(serve: Callable[[Answer], str]) -> None:
    asked: list[str] = []

    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        asked.append(path)
        time.sleep(0.6)

    model = engine(serve(answer), timeout=0.2)
    for _ in range(3):
        with pytest.raises(ServerDownError):
            model.generate(ASK)
        with pytest.raises(ServerDownError, match=r"no answer within.*asked again in"):
            model.score(ASK, [" Alien"])
    assert asked == ["/v1/chat/completions"]


def test_a_refusal_is_no_reason_to_stop_asking(serve: Callable[[Answer], str]) -> None:
    model = engine(serve(lambda server, path, body: server.say(403, {"error": {"message": "no"}})))
    for _ in range(2):
        with pytest.raises(ServerError, match="answered 403"):
            model.generate(ASK)
    assert model.breaker.state == "closed"


def test_a_server_that_comes_up_later_is_found(serve: Callable[[Answer], str]) -> None:
    up: list[bool] = []

    def answer(server: Server, path: str, body: dict[str, Any]) -> None:
        if not up:
            server.say(503, {"error": {"message": "loading"}})
        elif path == "/v1/models":
            entry = {"id": "first", "object": "model", "created": 0, "owned_by": "me", "max_model_len": 99}
            server.say(200, {"object": "list", "data": [entry]})
        else:
            assert body["model"] == "first"
            server.whole("here I am")

    url = serve(answer)
    clock = iter(range(0, 10_000, 100))
    breaker = Breaker(url, ServerDownError, clock=lambda: next(clock))
    model = OpenAICompatibleModel(url, api_key=KEY, timeout=2, retries=0, breaker=breaker)
    assert model.name == f"auto@{url}/v1"
    assert model.can_score
    with pytest.raises(ServerDownError):
        model.generate(ASK)
    up.append(True)
    assert model.generate(ASK).text == "here I am"
    assert (model.name, model.context_window) == (f"first@{url}/v1", 99)
