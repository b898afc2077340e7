"""Vector engines for the tests of this folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Milvus, can_isolate
from stores import postgres_server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def milvus() -> Iterator[Milvus]:
    pytest.importorskip("milvus")
    if not can_isolate():
        pytest.skip("Milvus listens on all interfaces, and this user may not put it in a network namespace")
    # Not in pytest's own folder, which other runs of it clear away.
    with tempfile.TemporaryDirectory(prefix="groundrec-milvus-", ignore_cleanup_errors=True) as folder:
        server = Milvus(Path(folder))
        server.start()
        yield server
        server.close()
