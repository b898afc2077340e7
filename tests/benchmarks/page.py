"""How soon the web page can be used, and what it weighs.

    python tests/benchmarks/page.py [--catalog movies] [--times 10] [--groundrec groundrec]

Starts headless Chromium, then ``groundrec serve`` without a language model on a store of its own. From the
moment it says that it is ready, opens the page with an empty cache until something can be typed and the
suggestions are there; then often anew, with an empty cache and once more with what the browser kept. Then
asks for a list and prints the milliseconds until its first card is drawn.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

_USABLE = "#message:focus, #message:not(:disabled)"
_SAID = "Something like Blade Runner, but newer"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalog", default="movies")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--groundrec", default="groundrec", help="the command, such as 'python -m agent.cli'")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        command = [
            *arguments.groundrec.split(),
            "serve",
            "--port",
            "0",
            "--model",
            "none",
            "--strategy",
            "fast",
        ]
        command += [
            "--catalog",
            arguments.catalog,
            "--store",
            str(Path(folder) / "store.db"),
            "--log",
            "error",
        ]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = re.search(r"http://\S+", server.stdout.readline())[0]
            measure(chromium, address, time.perf_counter(), arguments.times)
        finally:
            server.terminate()
            server.wait()
            chromium.close()


def measure(chromium: Browser, address: str, ready: float, times: int) -> None:
    """Open the page often, print what it took."""
    first, cold, warm, cards, weights = 0.0, [], [], [], []
    for _ in range(times):
        context = chromium.new_context()
        page, sizes = context.new_page(), []
        page.on("requestfinished", lambda request, sizes=sizes: sizes.append(request.sizes()))
        cold.append(open_page(page, address))
        first = first or time.perf_counter() - ready
        page.wait_for_timeout(200)
        weights.append((len(sizes), sum(size["responseBodySize"] for size in sizes)))
        warm.append(open_page(page, address))
        page.fill("#message", _SAID)
        start = time.perf_counter()
        page.press("#message", "Enter")
        page.wait_for_selector(".turn .cards:not(.skeletons) .card")
        cards.append(time.perf_counter() - start)
        context.close()
    requests, size = weights[0]
    print(f"usable after ready: {first:.2f} s")
    for name, seconds in (("empty cache", cold), ("again", warm), ("first card of a list", cards)):
        print(f"{name}: median {median(seconds) * 1000:.0f} ms, most {max(seconds) * 1000:.0f} ms, n={times}")
    print(f"{requests} requests, {size / 1024:.0f} KiB")


def open_page(page: Page, address: str) -> float:
    """Seconds until one can type and choose a suggestion."""
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".starters button")
    page.wait_for_selector(_USABLE)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
