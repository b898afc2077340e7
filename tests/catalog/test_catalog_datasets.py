"""Hugging Face data sets, all of them local."""

import datasets
import pytest

from agent.catalog import Catalog
from agent.errors import CatalogError


@pytest.fixture(autouse=True)
def _quiet():
    datasets.disable_progress_bars()


@pytest.fixture(scope="module")
def shop():
    features = datasets.Features(
        {
            "id": datasets.Value("int64"),
            "title": datasets.Value("string"),
            "categories": datasets.ClassLabel(names=["Drama", "War"]),
            "tags": datasets.List(datasets.Value("string")),
            # What an Image feature stores; the feature itself needs Pillow.
            "image": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")},
            "raw": datasets.Value("binary"),
            "price": datasets.Value("float32"),
        }
    )
    rows = {
        "id": [1, 2, 3],
        "title": ["One", "Two", "Three"],
        "categories": [1, 0, None],
        "tags": [["a", "b"], [], None],
        "image": [{"bytes": b"not an image at all", "path": "one.png"}, None, None],
        "raw": [b"x", b"y", None],
        "price": [1.5, 2.5, None],
    }
    return datasets.Dataset.from_dict(rows, features=features)


def test_a_dataset_object(shop):
    catalog = Catalog.load(shop, name="shop", kind="product")
    assert (catalog.name, catalog.kind) == ("shop", "product")
    assert [(i.id, i.title, i.categories) for i in catalog] == [
        ("1", "One", ("War",)),
        ("2", "Two", ("Drama",)),
        ("3", "Three", ()),
    ]
    assert catalog[0].attributes["tags"] == ("a", "b")
    assert catalog[0].image == "one.png"
    assert catalog[1].attributes == {"price": 2.5}


def test_a_selection_of_a_dataset(shop):
    chosen = shop.filter(lambda row: row["id"] != 2)
    assert [item.id for item in Catalog.load(chosen)] == ["1", "3"]


def test_a_folder_of_files(tmp_path, shop, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    (tmp_path / "games").mkdir()
    shop.remove_columns("image").to_parquet(tmp_path / "games" / "train.parquet")
    catalog = Catalog.load(tmp_path / "games", split="train")
    assert catalog.name == "games"
    assert [item.title for item in catalog] == ["One", "Two", "Three"]


def test_a_saved_dataset(tmp_path, shop):
    shop.save_to_disk(tmp_path / "saved")
    assert len(Catalog.load(str(tmp_path / "saved"))) == 3


def test_splits(tmp_path, shop):
    both = datasets.DatasetDict({"train": shop.select([0, 1]), "test": shop.select([2])})
    assert [item.id for item in Catalog.load(both, split="test")] == ["3"]
    with pytest.raises(CatalogError, match="several splits: train, test"):
        Catalog.load(both)
    with pytest.raises(CatalogError, match=r"no split 'dev'.*splits: train, test"):
        Catalog.load(both, split="dev")
    both.save_to_disk(tmp_path / "saved")
    assert len(Catalog.load(tmp_path / "saved", split="train")) == 2
    only = datasets.DatasetDict({"train": shop})
    assert len(Catalog.load(only)) == 3


def test_problems_name_the_row(shop):
    with pytest.raises(CatalogError) as caught:
        Catalog.load(shop, columns={"year": "tags"})
    assert caught.value.problems == ("data set:1:tags: ['a', 'b'] is not a year",)


def test_columns_of_a_dataset(shop):
    with pytest.raises(CatalogError, match="no column 'title' \\(is it 'name'\\?\\)"):
        Catalog.load(shop.rename_column("title", "name"))
    renamed = Catalog.load(shop.rename_column("title", "name"), columns={"title": "name"})
    assert renamed[0].title == "One"


def test_an_empty_folder(tmp_path):
    with pytest.raises(CatalogError, match="cannot be loaded as a data set"):
        Catalog.load(tmp_path)


def test_a_name_that_is_nowhere(monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(CatalogError) as caught:
        Catalog.load("nobody/no-such-games")
    assert caught.value.where == "nobody/no-such-games"
    assert caught.value.hint
