"""What every vector index must do, on every engine; those that are exact agree to the row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from agent.errors import SettingsError, VectorEngineError
from agent.grounding.index import FaissIndex, MilvusIndex, NumpyIndex, PostgresIndex, VectorIndex, open_index
from agent.settings import Settings

# Unit vectors at 0, 90, 180 and 45 degrees, and a second one at 0.
VECTORS = np.array([[1, 0], [0, 1], [-1, 0], [0.6, 0.8], [1, 0]], dtype=np.float32)
RIGHT = np.array([[1, 0]], dtype=np.float32)

Make = Callable[[np.ndarray], VectorIndex]

EXACT = ("numpy", "postgres", "milvus")
ENGINES = {
    "numpy": "numpy",
    "faiss": "faiss",
    "postgres": "{postgres_url}",
    "postgres_hnsw": "{postgres_url}&index=hnsw",
    "milvus": "{milvus}",
    "milvus_hnsw": "{milvus}?index=hnsw",
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.engine if "milvus" in name else ()) for name in ENGINES],
)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def make(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Make]:
    """Makes an index; one for the same vectors is made once."""
    if engine == "faiss":
        pytest.importorskip("faiss")
    address = ENGINES[engine]
    if "postgres_url" in address:
        address = address.format(postgres_url=request.getfixturevalue("postgres_url"))
    if "milvus" in address:
        address = address.format(milvus=request.getfixturevalue("milvus").url)
    cache_dir = tmp_path_factory.mktemp("cache")
    made: dict[bytes, VectorIndex] = {}

    def index(vectors: np.ndarray) -> VectorIndex:
        settings = Settings(vectors=address, vectors_timeout=20, cache_dir=cache_dir)
        return made.setdefault(vectors.tobytes(), open_index(vectors, settings))

    yield index
    for each in made.values():
        if isinstance(each, PostgresIndex):
            each.close()


def test_best_rows_first_and_ties_in_row_order(make: Make) -> None:
    rows, scores = make(VECTORS).search(np.array([[1, 0], [0, 1]], dtype=np.float32), 3)
    assert rows.tolist() == [[0, 4, 3], [1, 3, 0]]
    np.testing.assert_allclose(scores, [[1, 1, 0.6], [1, 0.8, 0]], atol=1e-6)
    assert (rows.dtype, scores.dtype) == (np.int64, np.float32)


def test_padding_where_fewer_are_left(make: Make) -> None:
    allowed = np.array([False, True, False, True, False])
    rows, scores = make(VECTORS).search(RIGHT, 4, allowed)
    assert rows.tolist() == [[3, 1, -1, -1]]
    np.testing.assert_allclose(scores[0, :2], [0.6, 0], atol=1e-6)
    assert np.isneginf(scores[0, 2:]).all()


def test_more_asked_than_there_are(make: Make) -> None:
    rows, _ = make(VECTORS).search(RIGHT, 7)
    assert rows.tolist() == [[0, 4, 3, 1, 2, -1, -1]]


def test_nothing_allowed(make: Make) -> None:
    rows, scores = make(VECTORS).search(np.ones((2, 2), np.float32), 2, np.zeros(5, dtype=bool))
    assert (rows == -1).all()
    assert np.isneginf(scores).all()


def test_no_queries_and_no_rows(make: Make) -> None:
    assert make(VECTORS).search(np.empty((0, 2), np.float32), 3)[0].shape == (0, 3)
    empty = make(np.empty((0, 2), np.float32))
    assert len(empty) == 0
    assert (empty.search(np.ones((1, 2), np.float32), 2)[0] == -1).all()


def test_the_mask_is_not_changed(make: Make) -> None:
    allowed = np.array([True, False, True, True, False])
    make(VECTORS).search(RIGHT, 2, allowed)
    assert allowed.tolist() == [True, False, True, True, False]


def unit(count: int, dimension: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@cache
def many() -> np.ndarray:
    """Ten thousand unit vectors, forty of them the same and spread among the others."""
    vectors = unit(10_000, 16, 0)
    vectors[7::250] = vectors[7]
    return vectors


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5, 0.02, 0.0012], ids=str)
def test_many_vectors_under_a_filter(make: Make, engine: str, share: float) -> None:
    vectors, queries = many(), unit(40, 16, 1)
    allowed = np.random.default_rng(2).random(len(vectors)) < share
    expected, products = NumpyIndex(vectors).search(queries, 10, allowed)
    rows, scores = make(vectors).search(queries, 10, None if share == 1.0 else allowed)
    assert allowed[rows].all()
    assert (np.diff(scores, axis=1) <= 1e-6).all()
    if engine in EXACT:
        assert rows.tolist() == expected.tolist()
        np.testing.assert_allclose(scores, products, atol=1e-5)
    else:
        found = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(rows, expected, strict=True)])
        assert found >= 0.95


def test_what_is_allowed_may_be_far_away(make: Make, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The half that is allowed is the far one, so that no allowed row is among the nearest thousands."""
    monkeypatch.setattr("agent.grounding.index.milvus._MOST", 500)
    vectors, query = many(), unit(1, 16, 3)
    allowed = (vectors @ query[0]) < 0
    rows, _ = make(vectors).search(query, 10, allowed)
    assert (rows >= 0).all()
    assert allowed[rows].all()
    if engine in EXACT:
        assert rows.tolist() == NumpyIndex(vectors).search(query, 10, allowed)[0].tolist()


@pytest.mark.parametrize("k", [5, 15, 40])
def test_of_more_ties_than_places_the_first_rows_are_taken(make: Make, engine: str, k: int) -> None:
    vectors, same = many(), list(range(7, 10_000, 250))
    rows, _ = make(vectors).search(vectors[7:8], k)
    if engine in EXACT:
        assert rows[0].tolist() == same[:k]
    else:
        assert set(rows[0, :5].tolist()) <= set(same)


def test_a_graph_is_built_once_and_a_damaged_one_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("faiss")
    vectors = unit(300, 8, 3)
    rows = FaissIndex(vectors, folder=tmp_path).search(vectors[:1], 5)[0].tolist()
    (file,) = tmp_path.iterdir()
    kept = file.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(FaissIndex, "_built", lambda *arguments: pytest.fail("it is kept"))
        assert FaissIndex(vectors, folder=tmp_path).search(vectors[:1], 5)[0].tolist() == rows
    file.write_bytes(kept[:1000])
    assert FaissIndex(vectors, folder=tmp_path).search(vectors[:1], 5)[0].tolist() == rows
    assert list(tmp_path.iterdir()) == [file]


def test_chunks_give_what_one_product_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, queries = unit(300, 8, 3), unit(50, 8, 4)
    whole = NumpyIndex(vectors).search(queries, 5)
    monkeypatch.setattr("agent.grounding.index.exact._CHUNK_CELLS", 2000)
    parts = NumpyIndex(vectors).search(queries, 5)
    assert (whole[0] == parts[0]).all()


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("redis://here", "unknown vector engine 'redis://here'.*postgresql://"),
        ("milvus://here", "no host or port"),
        ("milvus://here:1?index=ivf", "unknown kind of index 'ivf'.*flat or hnsw"),
        ("postgresql://here/db?index=flat", "unknown kind of index 'flat'.*exact or hnsw"),
    ],
)
def test_a_wrong_setting_says_what_is_right(setting: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        open_index(VECTORS, Settings(vectors=setting))


@pytest.mark.parametrize("engine_class", [MilvusIndex, PostgresIndex])
def test_a_server_that_is_not_there_costs_one_wait(engine_class: type[MilvusIndex | PostgresIndex]) -> None:
    from servers import free_port

    scheme = "milvus" if engine_class is MilvusIndex else "postgresql"
    index = engine_class(VECTORS, f"{scheme}://me:secret@127.0.0.1:{free_port()}/db", timeout=1)
    with pytest.raises(VectorEngineError) as caught:
        index.search(RIGHT, 2)
    assert index.where in str(caught.value)
    assert "secret" not in str(caught.value)
    with pytest.raises(VectorEngineError, match="asked again in"):
        index.search(RIGHT, 2)
