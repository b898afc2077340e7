"""A tiny random GPT-2 without a chat template, and the real small model."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from servers import Llama, free_port
from tiny_model import save_gpt2

from agent.lm import TransformersModel, load_model
from agent.lm.bundled import bundled_gguf
from agent.lm.converted import converted_folder
from agent.settings import settings

FILMS = (
    "Alien",
    "Aliens",
    "Alien Resurrection",
    "Alien: Covenant",
    "The Thing (1982)",
    "The Thing (2011)",
    "The Third Man",
    "12 Monkeys",
    "2001: A Space Odyssey",
    "...And Justice for All",
    "Amélie",
    "千と千尋の神隠し",
    "(500) Days of Summer",
    "M",
    "Heat",
)


@pytest.fixture(scope="session")
def film_titles() -> tuple[str, ...]:
    return FILMS


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_gpt2(tmp_path_factory.mktemp("models") / "tiny-gpt2", FILMS)


@pytest.fixture(scope="session")
def make_tiny(tiny_folder: Path) -> Callable[[], TransformersModel]:
    """Loads the tiny model afresh: nothing is cached yet."""

    def make() -> TransformersModel:
        model = load_model(f"{tiny_folder}:fp32")
        assert isinstance(model, TransformersModel)
        return model

    return make


@pytest.fixture
def tiny(make_tiny: Callable[[], TransformersModel]) -> TransformersModel:
    return make_tiny()


@pytest.fixture(scope="session")
def smollm2() -> TransformersModel:
    model = load_model("smollm2-135m-instruct:bf16")
    assert isinstance(model, TransformersModel)
    return model


@pytest.fixture(scope="session")
def served(smollm2: TransformersModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``model@address`` of a ``transformers serve`` process with the real small model."""
    folder = converted_folder(bundled_gguf(), settings())
    port = free_port()
    log = tmp_path_factory.mktemp("serve") / "log"
    program = Path(sys.executable).with_name("transformers")
    command = [program, "serve", folder, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with log.open("w") as output:
        process = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=output, env={**os.environ, "HF_HUB_OFFLINE": "1"}
        )
    try:
        wait = time.monotonic() + 120
        while not _healthy(port):
            if process.poll() is not None or time.monotonic() > wait:
                pytest.fail(f"the server did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield f"{folder}@http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def llama() -> Iterator[Llama]:
    server = Llama()
    server.start()
    yield server
    server.kill()


def _healthy(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
