"""A real server on loopback, and a real browser that looks at it."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from agent.serve.api.app import create_app
from agent.serve.api.settings import ApiSettings
from agent.serve.security import hash_key
from agent.serve.service import Service
from agent.serve.settings import ServiceSettings
from agent.store import Store

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 20_000
"""Milliseconds."""


@contextmanager
def serving(app):
    """An application on a free port; yields its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def serve(make_recommender, tmp_path_factory):
    """Serves a catalog without a model, to the users of some keys or to all; returns the address."""
    films = make_recommender()  # made once, since its first list takes a while
    with ExitStack() as running:

        def start(keys=(), **catalog):
            store = Store.open(str(tmp_path_factory.mktemp("store") / "store.db"))
            for user, key in keys:
                store.add_key(hash_key(key), f"of {user}", ("recommend",), user=user)
            service = Service(make_recommender(**catalog) if catalog else films, store, ServiceSettings())
            return running.enter_context(serving(create_app(service, ApiSettings())))

        yield start


@pytest.fixture(scope="module")
def films_server(serve):
    return serve()


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None:
        pytest.skip("NO BROWSER: the web page is not tested; install chromium (`apt-get install chromium`)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


class Chat:
    """A page as one person uses it. What it should never do is watched, and told by :meth:`faults`."""

    def __init__(self, browser: Browser, address: str, **options) -> None:
        self.address = address
        self.context = browser.new_context(reduced_motion="reduce", base_url=address, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(_PATIENCE)
        self.expected: list[str] = []
        """Words of console errors that a test causes on purpose."""
        self._faults: list[str] = []
        self._open = set()
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self._faults.append(f"uncaught: {error}"))
        self.page.on("dialog", self._asked)
        self.page.on("request", self._requested)
        self.page.on("requestfinished", self._ended)
        self.page.on("requestfailed", self._ended)

    def open(self, path: str = "/") -> Chat:
        self.page.goto(path)
        self.page.wait_for_selector("#message, dialog[open], .broken")
        return self

    def say(self, text: str) -> None:
        """Say something and wait until it is answered to the end."""
        turns = self.page.locator(".turn").count()
        self.page.fill("#message", text)
        self.page.press("#message", "Enter")
        self.answered(turns + 1)

    def answered(self, turns: int) -> None:
        self.page.wait_for_selector(f".turn:nth-child({turns})[data-seq]", state="attached")
        self.settled()

    def settled(self) -> None:
        """Wait until nothing is asked of the server any more."""
        quiet, until = 0, time.monotonic() + _PATIENCE / 1000
        while quiet < 3:
            self.page.wait_for_timeout(10)
            quiet = 0 if self._open else quiet + 1
            assert time.monotonic() < until, f"never answered: {[request.url for request in self._open]}"

    def listed(self) -> list[str]:
        """The labels of the last list."""
        return [card.get_attribute("data-label") for card in self.page.locator(".turn.last .card").all()]

    def card(self, label: str):
        return self.page.locator(f'.turn.last .card[data-label="{label}"]')

    def first_said(self, text: str) -> None:
        """Wait until the conversation that began with these words is shown."""
        self.page.locator(".turn:first-child .said", has_text=text).wait_for()

    def panel(self, name: str) -> None:
        self.page.click(f'.opener[data-panel="{name}"]')
        self.settled()

    def module(self, name: str):
        """One of the page's modules, as a handle to evaluate on."""
        own = "document.querySelector('script[type=module]').src"
        return self.page.evaluate_handle(f"(name) => import({own}.replace('app.js', name))", name)

    def faults(self) -> list[str]:
        """Console errors, uncaught errors, requests that left the origin, dialogs that a script opened."""
        return [fault for fault in self._faults if not any(word in fault for word in self.expected)]

    def _told(self, message) -> None:
        if message.type in ("error", "warning"):
            self._faults.append(f"console: {message.text}")

    def _asked(self, dialog) -> None:
        self._faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _ended(self, request) -> None:
        self._open.discard(request)

    def _requested(self, request) -> None:
        # A conversation is closed while the page goes away, which nobody waits for.
        if not request.url.endswith("/close"):
            self._open.add(request)
        if not request.url.startswith((self.address, "blob:", "data:")):
            self._faults.append(f"request: {request.url}")


@pytest.fixture
def chat(browser):
    """Opens pages, each as another person, and sees at the end that none did what it should not."""
    chats = []

    def start(address: str, **options) -> Chat:
        chats.append(Chat(browser, address, **options))
        return chats[-1]

    yield start
    faults = [fault for each in chats for fault in each.faults()]
    for each in chats:
        each.context.close()
    assert not faults
