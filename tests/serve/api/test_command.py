"""`groundrec serve` as people start it, and what the README says of it."""

import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest
from served import Served

README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
SECTION = README.split("## Service: HTTP API")[1].split("\n## ")[0]
CURLS = re.findall(r"^\$ (curl .+)$", SECTION, re.M)
CODE = re.search(r"```py\n(.*?)```", SECTION, re.S)[1]

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serve")
    with Served(folder, "--model", "none", "--store", f"{folder}/store.db", "--catalog", "movies") as running:
        yield running


def test_curl_works_as_pasted(server):
    assert len(CURLS) == 5
    answers = []
    for line in CURLS:
        command = shlex.split(line.replace("http://127.0.0.1:8000", server.address))
        done = subprocess.run(
            [*command, "-sS", "-f"], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        answers.append(done.stdout)
    assert '"rank":3' in answers[0]
    assert re.findall(r"^event: (\w+)", answers[2], re.M)[:1] == ["list"]
    assert '"accepted":1' in answers[4]


def test_the_openai_example_works_as_pasted(server):
    code = CODE.replace("http://127.0.0.1:8000", server.address)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"1. {lines[-1]} — ")


def test_it_says_one_line_and_finishes_what_runs(tmp_path):
    with Served(tmp_path, "--model", "none", "--store", f"{tmp_path}/store.db") as server:
        answers = []

        def ask():
            body = {"text": "a comedy like Airplane!"}
            answers.append(httpx2.post(f"{server.address}/v1/recommend", json=body, timeout=60))

        asking = threading.Thread(target=ask)
        running = f"{server.address}/metrics"
        asking.start()
        while not asking_is_seen(running) and not answers:
            time.sleep(0.01)
        process = server._process
        process.send_signal(signal.SIGTERM)
        asking.join(60)
        assert answers[0].status_code == 200
        assert process.wait(30) in (0, -signal.SIGTERM)
        assert process.stdout.read() == ""
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(running)


def asking_is_seen(address):
    """Whether another request than this one is being answered."""
    found = re.search(r"^groundrec_requests_running (\S+)", httpx2.get(address).text, re.M)
    return float(found[1]) > 1
