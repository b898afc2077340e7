"""The HTTP API over sixteen films, behind a real server."""

from __future__ import annotations

import io
import json
import logging
from contextlib import ExitStack

import httpx2
import pytest
import structlog
from serving import serving

from agent.serve.api.app import create_app
from agent.serve.api.settings import ApiSettings
from agent.serve.ops import logs
from agent.serve.security import hash_key, make_key


@pytest.fixture
def store_address(make_address):
    """What the API does hangs on no engine: the store's own tests run on both."""
    return make_address("sqlite")


@pytest.fixture
def serve(make_service):
    """Serve the API; every server is a replica over the same store."""
    with ExitStack() as running:

        def start(service=None, **settings):
            app = create_app(service or make_service(), ApiSettings(**settings))
            # The store is the test's: a replica that stops must not close it for the others.
            app.state.api.service.close = lambda: None
            address = running.enter_context(serving(app))
            client = httpx2.Client(base_url=address, timeout=20)
            return running.enter_context(client)

        yield start


@pytest.fixture
def api(serve):
    """A client of a server without keys."""
    return serve()


@pytest.fixture
def new_key(store):
    """Make a key and return it."""

    def make(name="shop", scopes=("recommend", "events"), **options):
        key = make_key()
        store.add_key(hash_key(key), name, scopes, **options)
        return {"Authorization": f"Bearer {key}"}

    return make


@pytest.fixture
def logged():
    """Where logs go, as lines of JSON."""
    root = logging.getLogger()
    before, stream = (root.handlers, root.level), io.StringIO()
    logs.configure(as_json=True, level="debug", stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers, root.level = before


def events(response):
    """The events of a stream, as (name, data) pairs."""
    name, found = "message", []
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data = line.removeprefix("data: ")
            found.append((name, data if data == "[DONE]" else json.loads(data)))
            name = "message"
    return found
