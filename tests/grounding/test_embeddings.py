import threading

import numpy as np
import pytest

from agent.catalog import Catalog, Item
from agent.grounding.embedder import CachedEmbedder
from agent.grounding.embeddings import embed_catalog, embed_texts


class CountingEmbedder:
    """Embeds a text as its length and its number of e's, and remembers what it was asked."""

    name = "length and e's"
    dimension = 2

    def __init__(self):
        self.asked = []

    def encode(self, texts, *, progress=None):
        self.asked += texts
        if progress:
            progress("embeddings", len(texts), len(texts))
        vectors = np.array([[len(t), t.count("e") + 1] for t in texts], dtype=np.float32).reshape(-1, 2)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def catalog(*titles):
    return Catalog([Item(str(n), title) for n, title in enumerate(titles)])


@pytest.fixture
def embedder():
    return CountingEmbedder()


def test_the_second_time_nothing_is_computed(tmp_path, embedder):
    items = catalog("Alien", "Heat", "Seven")
    first = embed_catalog(items, embedder, tmp_path)
    again = embed_catalog(items, embedder, tmp_path)
    np.testing.assert_allclose(again, CountingEmbedder().encode(["Alien", "Heat", "Seven"]))
    np.testing.assert_array_equal(first, again)
    assert embedder.asked == ["Alien", "Heat", "Seven"]
    assert not again.flags.writeable


def test_only_changed_rows_are_computed_and_order_is_kept(tmp_path, embedder):
    embed_catalog(catalog("Alien", "Heat", "Seven"), embedder, tmp_path)
    vectors = embed_catalog(catalog("Seven", "Speed", "Alien", "Speed"), embedder, tmp_path)
    assert embedder.asked[3:] == ["Speed"]
    np.testing.assert_allclose(vectors, CountingEmbedder().encode(["Seven", "Speed", "Alien", "Speed"]))


def test_text_and_title_are_kept_apart(tmp_path, embedder):
    items = Catalog([Item("1", "Heat", 1995)])
    embed_catalog(items, embedder, tmp_path)
    embed_catalog(items, embedder, tmp_path, what="title")
    assert embedder.asked == ["Heat (1995)", "Heat"]


def test_another_model_computes_anew(tmp_path, embedder):
    other = CountingEmbedder()
    other.name = "length and e's, second edition"
    embed_catalog(catalog("Heat"), embedder, tmp_path)
    embed_catalog(catalog("Heat"), other, tmp_path)
    assert other.asked == ["Heat"]


@pytest.mark.parametrize("damage", [b"", b"not an array", None])
def test_a_damaged_file_is_made_anew(tmp_path, embedder, damage):
    items = catalog("Alien", "Heat")
    expected = np.array(embed_catalog(items, embedder, tmp_path))
    for file in tmp_path.rglob("*.npy"):
        file.write_bytes(file.read_bytes()[:-3] if damage is None else damage)
    np.testing.assert_array_equal(embed_catalog(items, embedder, tmp_path), expected)
    assert embedder.asked == ["Alien", "Heat"] * 2


def test_zeros_in_a_file_are_noticed(tmp_path, embedder):
    items = catalog("Alien", "Heat")
    expected = np.array(embed_catalog(items, embedder, tmp_path))
    (vectors,) = (f for f in tmp_path.rglob("*.npy") if ".keys" not in f.name)
    np.save(vectors, np.zeros((2, 2), np.float32))
    np.testing.assert_array_equal(embed_catalog(items, embedder, tmp_path), expected)


def test_old_states_are_forgotten_and_nothing_temporary_stays(tmp_path, embedder):
    for n in range(5):
        embed_catalog(catalog("Alien", f"Heat {n}"), embedder, tmp_path)
    assert len(list(tmp_path.rglob("*.keys.npy"))) == 2
    assert not list(tmp_path.rglob("*.tmp"))


def test_several_at_once(tmp_path):
    items = catalog(*(f"Film {n}" for n in range(50)))
    expected = CountingEmbedder().encode([i.title for i in items])
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(embed_catalog(items, CountingEmbedder(), tmp_path)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    for vectors in results:
        np.testing.assert_array_equal(vectors, expected)


def test_progress_counts_missing_rows(tmp_path, embedder):
    told = []
    embed_catalog(catalog("Alien", "Heat"), embedder, tmp_path)
    embed_catalog(catalog("Alien", "Speed"), embedder, tmp_path, progress=lambda *step: told.append(step))
    assert told == [("embeddings", 1, 1)]


def test_queries_are_remembered_least_recently_used_out(embedder):
    cached = CachedEmbedder(embedder, size=4)
    cached.encode(["a", "b"])
    cached.encode(["c", "d"])
    cached.encode(["a", "a"])
    cached.encode(["e"])  # pushes out b, not a
    cached.encode(["a", "b"])
    assert embedder.asked == ["a", "b", "c", "d", "e", "b"]
    np.testing.assert_array_equal(cached.encode(["b", "a"]), CountingEmbedder().encode(["b", "a"]))
    assert cached.encode([]).shape == (0, 2)


def test_bulk_jobs_do_not_push_queries_out(embedder):
    cached = CachedEmbedder(embedder, size=100)
    cached.encode(["a"])
    cached.encode([str(n) for n in range(100)])
    cached.encode(["a"])
    assert embedder.asked.count("a") == 1


def test_lists_of_texts_of_one_name_share_their_rows(tmp_path, embedder):
    lists = (["a", "b"], ["b", "c"], ["c", "a"])
    for _ in range(2):
        for texts in lists:
            found = embed_texts(texts, embedder, tmp_path, of="talks", what="memory", kept=3)
            assert np.allclose(found, CountingEmbedder().encode(texts))
    assert embedder.asked == ["a", "b", "c"]
