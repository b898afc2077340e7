"""Where a run is made, and how much memory it takes."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agent import __version__
from eval.results import Machine

_PACKAGES = (
    "numpy",
    "scipy",
    "ir-measures",
    "torch",
    "transformers",
    "sentence-transformers",
    "bitsandbytes",
    "llguidance",
    "bm25s",
    "rapidfuzz",
    "pyversity",
    "openai",
)


@cache
def this_machine() -> Machine:
    """The versions and the processor of this process."""
    return Machine(
        groundrec=__version__,
        revision=revision(),
        python=platform.python_version(),
        platform=platform.platform(),
        processor=platform.processor() or platform.machine(),
        cores=os.cpu_count() or 1,
        packages={name: found for name in _PACKAGES if (found := _version(name)) is not None},
    )


@cache
def revision() -> str | None:
    """The revision of our code, with ``+`` where files differ from it; None outside of a repository."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        head, changes = (
            subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, check=True, timeout=10
            ).stdout.strip()
            for words in (
                ("rev-parse", "--short=12", "HEAD"),
                ("status", "--porcelain", "--", "agent", "eval", "prompts"),
            )
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{head}+" if changes else head


def code() -> str:
    """Version and revision, as answers are stamped with."""
    return f"{__version__} {revision()}" if revision() else __version__


def forget_peak() -> None:
    """Measure the peak of memory from now on, where the system can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_megabytes() -> float | None:
    """The greatest resident memory of this process, in MiB, since it was last forgotten.

    None where the system does not tell.
    """
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(peak / unit, 1)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
