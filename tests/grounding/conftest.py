"""Vector engines for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers import Milvus, can_isolate
from stores import postgres_server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Milvus]:
    pytest.importorskip("milvus")
    if not can_isolate():
        pytest.skip("Milvus listens on all interfaces, and this user may not put it in a network namespace")
    server = Milvus(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.close()
