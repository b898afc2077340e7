"""One thread for everything that torch computes.

oneDNN keeps kernels and buffers for each thread that computes: hundreds of megabytes where requests come on
dozens of threads. One forward pass at a time fills a CPU anyway.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

_NAME = "computing"
_worker = ThreadPoolExecutor(1, thread_name_prefix=_NAME)


def computed(function: Callable[[], Result]) -> Result:
    """What the function returns or raises, called on the thread that computes; safe to nest."""
    if threading.current_thread().name.startswith(_NAME):
        return function()
    return _worker.submit(function).result()


def _begin_anew() -> None:
    """A forked process has no threads but its own."""
    global _worker  # noqa: PLW0603
    _worker = ThreadPoolExecutor(1, thread_name_prefix=_NAME)


os.register_at_fork(after_in_child=_begin_anew)
