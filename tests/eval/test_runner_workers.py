"""Requests to a model server at the same time: a real local server, more than one request, one table."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from film_set import write_films
from support import FILMS, WordEmbedder

from agent.settings import Settings
from eval.matrix import Matrix
from eval.runner import run

QUESTIONS = 24


class Server(BaseHTTPRequestHandler):
    """Streams a list that hangs on the request alone; every third request is slow."""

    lock, active, most, asked = threading.Lock(), 0, 0, 0

    def do_GET(self):
        self._send("application/json", json.dumps({"object": "list", "data": [{"id": "films"}]}).encode())

    def do_POST(self):
        kind = type(self)
        if not self.path.endswith("/chat/completions"):
            self.send_error(404)
            return
        with kind.lock:
            kind.active += 1
            kind.asked += 1
            kind.most = max(kind.most, kind.active)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = sum(map(ord, json.dumps(body["messages"])))
        time.sleep(0.06 if number % 3 == 0 else 0.01)
        text = "\n".join(f"{i + 1}. {FILMS[(number + 5 * i) % len(FILMS)].title}" for i in range(3))
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "films"}
        said = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]}
        spent = {"usage": {"prompt_tokens": number, "completion_tokens": 9, "total_tokens": number + 9}}
        with kind.lock:
            kind.active -= 1
        self._send(
            "text/event-stream", f"data: {json.dumps(chunk | said | spent)}\n\ndata: [DONE]\n\n".encode()
        )

    def _send(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture
def server():
    handler = type("Handler", (Server,), {})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"films@http://127.0.0.1:{listening.server_port}/v1", handler
    listening.shutdown()


@pytest.fixture
def make(tmp_path, server):
    films = tmp_path / "films"
    write_films(films)
    words = ("funny", "scary", "slow", "loud", "old")
    lines = (
        {"id": f"q{i:02}", "dialogue": f"d{i // 2}", "context": f"A {words[i % 5]} film, number {i}",
         "targets": [FILMS[i % len(FILMS)].id]}
        for i in range(QUESTIONS)
    )  # fmt: skip
    (films / "conversations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    def run_films(out, workers):
        values = {
            "datasets": str(films),
            "models": server[0],
            "prompts": "recommend/zero_shot",
            "strategies": "free,scorer=none,understand=rules,explain=plain,n=3",
            "floors": ["lm-alone"],
        }
        settings = Settings(cache_dir=tmp_path / "cache")
        return run(
            Matrix.of(values), tmp_path / out, settings=settings, embedder=WordEmbedder(), workers=workers
        )

    return run_films


def figures(made):
    """Everything that does not hang on the clock or the machine."""
    return [
        (cell.id, cell.n, cell.failures, cell.rows, cell.slices, cell.comparisons, _measured(cell))
        for cell in made.cells
    ]


def _measured(cell):
    return {name: found for name, found in cell.measurements.items() if "milliseconds" not in name}


def questions(folder):
    lines = [
        line for path in sorted((folder / "answers").iterdir()) for line in path.read_text().splitlines()
    ]
    return [json.loads(line)["answer"]["question"] for line in lines]


def test_two_workers_make_the_table_of_one(make, server, tmp_path):
    one = make("one", workers=1)
    assert server[1].most == 1
    two = make("two", workers=2)
    assert server[1].most == 2
    assert server[1].asked == 2 * QUESTIONS, "each question is asked once"
    assert figures(one) == figures(two)
    assert [cell.failed for cell in two.cells] == [0, 0]
    assert (
        questions(tmp_path / "one") == questions(tmp_path / "two") == [f"q{i:02}" for i in range(QUESTIONS)]
    )


def test_no_more_is_asked_ahead_than_a_kill_may_lose(make, server, monkeypatch):
    """The first answer is kept alone; then at most twice as many as there are workers are under way."""
    kept = []

    def add(store, stored):
        kept.append(stored.answer.question)
        assert server[1].asked <= len(kept) + 2 * 2
        time.sleep(0.03)
        return stored

    monkeypatch.setattr("eval.store.Store.add", add)
    with pytest.raises(Exception, match="no question has been answered yet"):
        make("out", workers=2)
    assert len(kept) == QUESTIONS
