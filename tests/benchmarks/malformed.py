"""Malformed requests: none may end in a 5xx or without an answer.

    python tests/benchmarks/malformed.py [--count 10000] [--seed 0]

A server of its own over `movies`, by retrieval alone, on a port of this machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from malformed import send_malformed, summary
from served import Served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Served(Path(folder), "--model", "none", "--store", f"{folder}/store.db")
        with server:
            start = time.monotonic()
            report = send_malformed(server.address, options.count, options.seed)
            print(f"{time.monotonic() - start:.0f} s, memory {server.memory():.0f} MiB")
    print(summary(report))
    sys.exit(bool(report.failures))


if __name__ == "__main__":
    main()
