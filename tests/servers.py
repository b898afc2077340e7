"""Real servers that tests start, on addresses of this machine alone, and stop."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from agent.lm.bundled import bundled_gguf

HOST = "127.0.0.1"
_ISOLATED = ("unshare", "--map-root-user", "--net")


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


class Milvus:
    """A Milvus that keeps its files in a folder, as ``milvus://127.0.0.1:port``.

    It listens on all interfaces and can't be told not to. So it runs in a network namespace of its own, in
    which there is loopback alone, and a relay brings its port out through a Unix socket. Where a namespace
    may not be made, the tests are skipped.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"milvus://{HOST}:{self.port}"
        self._inside: subprocess.Popen[str] | None = None
        self._door = socket.create_server((HOST, self.port))
        threading.Thread(target=self._relay, daemon=True).start()

    def start(self, patience: float = 60) -> None:
        """Start it, as it was left."""
        path = self.folder / "milvus.socket"
        program = [
            sys.executable,
            str(Path(__file__).with_name("milvus_inside.py")),
            str(self.folder),
            str(path),
        ]
        self._inside = subprocess.Popen(
            [*_ISOLATED, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        timer = threading.Timer(patience, self._inside.kill)
        timer.start()
        assert self._inside.stdout is not None
        said = []
        for line in self._inside.stdout:
            said.append(line)
            if line.strip() == "ready":
                break
        timer.cancel()
        if not said or said[-1].strip() != "ready":
            pytest.fail(f"Milvus did not start within {patience:g} s:\n{''.join(said)[-2000:]}")

    def stop(self) -> None:
        """Stop it; whoever asks then finds nobody."""
        if self._inside is not None:
            assert self._inside.stdin is not None
            self._inside.stdin.close()
            try:
                self._inside.wait(15)
            except subprocess.TimeoutExpired:
                self._inside.kill()
            self._inside = None

    def close(self) -> None:
        self.stop()
        self._door.close()

    def _relay(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._door.accept()
                line = socket.socket(socket.AF_UNIX)
                try:
                    line.connect(str(self.folder / "milvus.socket"))
                except OSError:
                    caller.close()
                    continue
                join(caller, line)


class Llama:
    """llama.cpp's server with the real small model, at a port of its own; may be killed and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._process: subprocess.Popen[str] | None = None

    def start(self, patience: float = 60) -> None:
        program = [sys.executable, str(Path(__file__).parent / "lm" / "llama_server.py"), str(bundled_gguf())]
        self._process = subprocess.Popen(
            [*program, str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        timer = threading.Timer(patience, self._process.kill)
        timer.start()
        assert self._process.stdout is not None
        if not self._process.stdout.readline().startswith("ready"):
            raise RuntimeError(f"llama.cpp did not start within {patience:g} s")
        timer.cancel()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)


def can_isolate() -> bool:
    """Whether a process of this user may have a network namespace of its own."""
    with suppress(OSError):
        tried = subprocess.run([*_ISOLATED, "true"], check=False, capture_output=True)
        return tried.returncode == 0
    return False


def join(one: socket.socket, other: socket.socket) -> None:
    """Send on what comes from either until one is closed."""

    def send_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    threads = [
        threading.Thread(target=send_on, args=pair, daemon=True) for pair in ((one, other), (other, one))
    ]
    for thread in threads:
        thread.start()
