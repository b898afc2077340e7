"""Whole commands over a small catalog with the real embedder, through pipes and through a terminal."""

import errno
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.cli.demo import SCRIPTS
from agent.settings import settings

pytestmark = pytest.mark.model

GAMES = str(Path(__file__).parents[1] / "data" / "catalogs" / "boardgames.csv")
OFFLINE = ["--catalog", GAMES, "--model", "none", "--strategy", "fast"]
CHAT = [sys.executable, "-m", "agent.cli", "chat", *OFFLINE]
CARD = re.compile(r"^ ?(\d+)  (.+)$", re.MULTILINE)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDREC_CACHE_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def test_recommend_prints_json_and_nothing_else(cache):
    words = [
        "recommend",
        "a game for two",
        *OFFLINE,
        "--like",
        "ticket to rdie",
        "--seen",
        "catan",
        "-n",
        "4",
        "--json",
    ]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0
    made = json.loads(ran.stdout)
    assert [r["rank"] for r in made["recommendations"]] == [1, 2, 3, 4]
    kept = {"rank", "id", "title", "score", "reasons", "sources", "propensity"}
    assert set(made["recommendations"][0]) == kept
    assert made["trace"][0]["stage"] == "understand"
    assert "is taken as Ticket to Ride" in ran.stderr


def test_recommend_reads_the_request_from_stdin_whatever_bytes_it_holds(cache):
    request = b"a game \xff\xfe for two\x00\x1b[2J\n" + b"with trains " * 400_000
    ran = CliRunner().invoke(app, ["recommend", "-", *OFFLINE, "-n", "3"], input=request)
    assert ran.exit_code == 0
    assert [rank for rank, _ in CARD.findall(ran.stdout)] == ["1", "2", "3"]
    assert "\x1b" not in ran.stdout


def test_a_title_that_is_not_there_names_the_nearest(cache):
    ran = CliRunner().invoke(app, ["recommend", *OFFLINE, "--like", "Ticket to Nowhere in Particular"])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "is neither an id nor a title. nearest: " in ran.stderr


def test_ground_answers_every_line(cache):
    lines = "Catan\n\nNo such game at all\nticket to ride\n"
    ran = CliRunner().invoke(app, ["ground", "--catalog", GAMES, "--json"], input=lines)
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [r["text"] for r in records] == ["Catan", "", "No such game at all", "ticket to ride"]
    assert [r["method"] for r in records] == ["exact", "rejected", "rejected", "exact"]
    assert [r["id"] is None for r in records] == [False, True, True, False]
    assert records[0]["title"].startswith("Catan")


def test_index_says_what_was_embedded(cache):
    ran = CliRunner().invoke(app, ["catalog", "index", GAMES])
    assert ran.stdout == "boardgames: 42 embeddings of 384 dimensions\n"
    assert str(cache) in ran.stderr
    assert list(cache.rglob("*.npy"))


def test_chat_through_pipes(cache, tmp_path):
    saved = tmp_path / "talk.json"
    lines = (
        f"a game for two\n+2\n/seen 1\nsomething shorter\n/save {saved}\n/nonsense\n\xff\n/quit\nnever read\n"
    )
    ran = subprocess.run(CHAT, input=lines.encode("latin-1"), capture_output=True, timeout=120, check=False)
    shown = ran.stdout.decode()
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "\x1b" not in shown
    assert "you › a game for two" in shown
    assert "Noted: you like" in shown
    assert "There is no /nonsense" in shown
    assert "never read" not in shown
    first, second = [CARD.findall(part) for part in shown.split("you › something shorter")]
    assert len(first) == 5
    assert not {first[0][1], first[1][1]} & {label for _, label in second}
    resumed = subprocess.run(
        [*CHAT, "--load", str(saved)], input=b"", capture_output=True, timeout=120, check=False
    )
    assert resumed.returncode == 0
    assert "Going on after 2 exchanges" in resumed.stdout.decode()


def test_demo_plays_both_conversations():
    ran = CliRunner().invoke(app, ["demo", "--model", "none", "--strategy", "fast", "-n", "2"])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.count("you › ") == sum(map(len, SCRIPTS.values())) == 6
    assert [rank for rank, _ in CARD.findall(ran.stdout)] == ["1", "2"] * 5
    assert ran.stdout.rstrip().endswith("chat --catalog items.csv")


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, command):
        leader, follower = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=follower, stdout=follower, stderr=follower, start_new_session=True, close_fds=True
        )
        os.close(follower)
        self._leader = leader
        self.shown = ""

    def type(self, keys):
        os.write(self._leader, keys.encode())

    def wait_for(self, text, seconds=60):
        """Read until the text is shown; returns what was shown before it since the last wait."""
        end, seen = time.monotonic() + seconds, ""
        while text not in seen:
            ready, _, _ = select.select([self._leader], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} is not in {seen!r}"
            seen += self._read()
        self.shown += seen
        return seen

    def leave(self, seconds=20):
        """Read to the end; returns the exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            if select.select([self._leader], [], [], 0.1)[0]:
                self._read()
        os.close(self._leader)
        return self.process.wait(timeout=1)

    def _read(self):
        try:
            return os.read(self._leader, 65536).decode("utf-8", "replace")
        except OSError as error:  # what a closed terminal gives on Linux
            if error.errno != errno.EIO:
                raise
            return ""


def test_chat_at_a_terminal(cache):
    terminal = Terminal(CHAT)
    terminal.wait_for("you › ")
    terminal.type("a game for two\r")
    terminal.wait_for(" 5  ")
    terminal.wait_for("you › ")
    terminal.type("\x1b[A")  # the up arrow
    terminal.wait_for("a game for two")
    terminal.type("\x03")  # Ctrl-C drops the line
    terminal.wait_for("you › ")
    terminal.type("/like 1\r")
    terminal.wait_for("Noted: you like")
    terminal.wait_for("you › ")
    terminal.type("\x04")  # Ctrl-D leaves
    assert terminal.leave() == 0
    assert "Traceback" not in terminal.shown
    assert "a game for two" in (cache / "typed.txt").read_text()
