"""`groundrec serve` as a process of its own, which tests may kill."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil


class Served:
    """A server on a free port of this machine, which always stops with the block.

    Args:
        folder: Where its log is written.
        options: Of the program.
        environment: More variables.
        program: What is run; ``groundrec serve``, or something that takes its --port and says its line.
        patience: Seconds until it must be ready.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        environment: dict[str, str] | None = None,
        program: Sequence[str] = ("-m", "agent.cli", "serve"),
        patience: float = 400,
    ) -> None:
        self.log = folder / "serve.log"
        self._options, self._environment = options, environment or {}
        self._program, self._port, self._patience = program, 0, patience
        self._process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start it, and return how many seconds it took to be ready."""
        begun = time.monotonic()
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program, "--port", str(self._port), *self._options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **self._environment},
            )
        timer = threading.Timer(self._patience, self._process.kill)
        timer.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        timer.cancel()
        if " at http://" not in line:
            raise RuntimeError(f"it did not start:\n{self.log.read_text()[-2000:]}")
        self._port = int(line.rsplit(":", 1)[1])
        return time.monotonic() - begun

    def kill(self) -> None:
        """Pull its plug (SIGKILL)."""
        self._end(kill=True)

    def stop(self, patience: float = 40) -> int:
        """Ask it to stop (SIGTERM); returns its exit code."""
        return self._end(kill=False, patience=patience)

    def memory(self) -> float:
        """Resident memory in MiB."""
        return psutil.Process(self.pid).memory_info().rss / (1 << 20)

    def _end(self, *, kill: bool, patience: float = 40) -> int:
        process = self._process
        assert process is not None
        process.kill() if kill else process.terminate()
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            if process.stdout is not None:
                process.stdout.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
