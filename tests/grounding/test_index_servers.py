"""Uploads to vector engines: shared, begun twice, broken off; and servers that go away and come back."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
from servers import Milvus
from stores import postgres_server

from agent.breaker import Breaker
from agent.errors import VectorEngineError
from agent.grounding.index import MilvusIndex, NumpyIndex, PostgresIndex, RemoteIndex


def unit(count: int, dimension: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = unit(2000, 8, 5)
QUERY = unit(1, 8, 6)
NEAREST = NumpyIndex(VECTORS).search(QUERY, 3)[0].tolist()


def together(*tasks: Callable[[], object]) -> None:
    """Run tasks at the same time; raises what they raise."""
    errors: list[BaseException] = []

    def run(task: Callable[[], object]) -> None:
        try:
            task()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for error in errors:
        raise error


def finds(index: RemoteIndex) -> bool:
    return index.search(QUERY, 3)[0].tolist() == NEAREST


def finds_again(index: RemoteIndex, patience: float = 90) -> bool:
    """Whether a server that was started anew finds: it has its collections back some seconds later."""
    end = time.monotonic() + patience
    while True:
        try:
            return finds(index)
        except VectorEngineError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def impatient(index: RemoteIndex) -> RemoteIndex:
    """An index that tries again at once: tests have no time to wait."""
    index.breaker = Breaker(index.where, VectorEngineError, pause=0)
    return index


def test_the_name_is_made_from_the_vectors_and_the_kind_of_index() -> None:
    address = "milvus://127.0.0.1:1"
    name = MilvusIndex(VECTORS, address).name
    assert MilvusIndex(VECTORS.copy(), address).name == name
    assert MilvusIndex(VECTORS, f"{address}?index=hnsw").name != name
    changed = VECTORS.copy()
    changed[1999, 7] += 1e-6
    assert MilvusIndex(changed, address).name != name
    assert MilvusIndex(VECTORS.reshape(1000, 16), address).name != name


def test_a_table_is_shared_by_replicas_and_made_once(postgres_url: str) -> None:
    replicas = [PostgresIndex(VECTORS, postgres_url) for _ in range(2)]
    together(*(replica.prepare for replica in replicas))
    assert all(finds(replica) for replica in replicas)
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE tablename = %s"
        assert connection.execute(tables, [replicas[0].name]).fetchone() == (1,)
    for replica in replicas:
        replica.close()


def test_half_a_table_is_never_there(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    index = impatient(PostgresIndex(unit(500, 4, 9), postgres_url))
    broken = np.array(index._vectors, dtype=object)
    broken[499] = "no vector"
    whole, index._vectors = index._vectors, broken
    index.__dict__["name"] = PostgresIndex(whole, postgres_url).name
    with pytest.raises(ValueError, match="could not convert"):
        index.prepare()
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT to_regclass(%s)", [index.name]).fetchone() == (None,)
    index._vectors = whole
    assert index.search(unit(1, 4, 1), 2)[0].shape == (1, 2)
    index.close()


@pytest.fixture
def kept() -> Iterator[Path]:
    """A folder apart from pytest's own, which other runs of it clear away."""
    with tempfile.TemporaryDirectory(prefix="groundrec-postgres-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def test_postgres_goes_away_and_comes_back(kept: Path) -> None:
    with postgres_server(kept) as url:
        index = impatient(PostgresIndex(VECTORS, url, timeout=8))
        assert finds(index)
    with pytest.raises(VectorEngineError):
        index.search(QUERY, 3)
    with postgres_server(kept) as again:
        assert again == url
        assert finds_again(index)
        index.close()


@pytest.mark.engine
def test_milvus_is_filled_once_goes_away_and_comes_back(milvus: Milvus) -> None:
    replicas = [impatient(MilvusIndex(VECTORS, milvus.url, timeout=20)) for _ in range(2)]
    first = replicas[0]
    client = first._milvus.MilvusClient(milvus.url.replace("milvus", "http"))
    half = f"{first.name}_left"
    client.create_collection(half, dimension=8)
    together(*(replica.prepare for replica in replicas))
    assert all(finds(replica) for replica in replicas)
    held = [name for name in client.list_collections() if name.startswith(first.name)]
    assert len(held) == 1
    assert held[0] != half
    milvus.stop()
    with pytest.raises(VectorEngineError):
        first.search(QUERY, 3)
    milvus.start()
    assert finds_again(first)
    assert finds(MilvusIndex(VECTORS, milvus.url, timeout=20))
