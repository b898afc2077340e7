import numpy as np
import pytest

from agent.grounding.index import FaissIndex, NumpyIndex

# Unit vectors at 0, 90, 180 and 45 degrees, and a second one at 0.
VECTORS = np.array([[1, 0], [0, 1], [-1, 0], [0.6, 0.8], [1, 0]], dtype=np.float32)


@pytest.fixture(params=[NumpyIndex, FaissIndex])
def index_class(request):
    if request.param is FaissIndex:
        pytest.importorskip("faiss")
    return request.param


def test_best_rows_first_and_ties_in_row_order(index_class):
    rows, scores = index_class(VECTORS).search(np.array([[1, 0], [0, 1]], dtype=np.float32), 3)
    assert rows.tolist() == [[0, 4, 3], [1, 3, 0]]
    np.testing.assert_allclose(scores, [[1, 1, 0.6], [1, 0.8, 0]], atol=1e-6)
    assert (rows.dtype, scores.dtype) == (np.int64, np.float32)


def test_padding_where_fewer_are_left(index_class):
    allowed = np.array([False, True, False, True, False])
    rows, scores = index_class(VECTORS).search(np.array([[1, 0]], dtype=np.float32), 4, allowed)
    assert rows.tolist() == [[3, 1, -1, -1]]
    np.testing.assert_allclose(scores[0, :2], [0.6, 0], atol=1e-6)
    assert np.isneginf(scores[0, 2:]).all()


def test_more_asked_than_there_are(index_class):
    rows, _ = index_class(VECTORS).search(np.array([[1, 0]], dtype=np.float32), 7)
    assert rows.tolist() == [[0, 4, 3, 1, 2, -1, -1]]


def test_nothing_allowed(index_class):
    rows, scores = index_class(VECTORS).search(np.ones((2, 2), np.float32), 2, np.zeros(5, dtype=bool))
    assert (rows == -1).all()
    assert np.isneginf(scores).all()


def test_no_queries_and_no_rows(index_class):
    assert index_class(VECTORS).search(np.empty((0, 2), np.float32), 3)[0].shape == (0, 3)
    empty = index_class(np.empty((0, 2), np.float32))
    assert len(empty) == 0
    assert (empty.search(np.ones((1, 2), np.float32), 2)[0] == -1).all()


def test_the_mask_is_not_changed(index_class):
    allowed = np.array([True, False, True, True, False])
    index_class(VECTORS).search(np.array([[1, 0]], dtype=np.float32), 2, allowed)
    assert allowed.tolist() == [True, False, True, True, False]


def unit(count, dimension, seed):
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.02])
def test_many_vectors_under_a_filter(index_class, share):
    vectors, queries = unit(5000, 16, 0), unit(40, 16, 1)
    allowed = np.random.default_rng(2).random(5000) < share
    similarities = np.where(allowed, queries @ vectors.T, -np.inf)
    expected = np.argsort(-similarities, axis=1)[:, :10]
    rows, scores = index_class(vectors).search(queries, 10, None if share == 1.0 else allowed)
    if share < 1.0:
        assert allowed[rows].all()
    found = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(rows, expected, strict=True)])
    assert found == 1.0 if index_class is NumpyIndex else found >= 0.95
    assert (np.diff(scores, axis=1) <= 1e-6).all()


def test_chunks_give_what_one_product_gives(monkeypatch):
    vectors, queries = unit(300, 8, 3), unit(50, 8, 4)
    whole = NumpyIndex(vectors).search(queries, 5)
    monkeypatch.setattr("agent.grounding.index._CHUNK_CELLS", 2000)
    parts = NumpyIndex(vectors).search(queries, 5)
    assert (whole[0] == parts[0]).all()
