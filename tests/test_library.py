"""Libraries of saved articles: read from files, found in a catalog, and what they are to a user."""

import pytest
from support import WordEmbedder

from agent.catalog import Catalog, Item
from agent.errors import CatalogError
from agent.grounding import Grounder
from agent.library import Entry, find_library, read_library
from agent.recommender import Recommender
from agent.settings import Settings


def paper(item_id, title, description):
    url = f"https://arxiv.org/abs/{item_id}"
    return Item(item_id, title, 2025, description, ("cs.IR",), url=url, attributes={"date": "2025-03-01"})


CATALOG = Catalog(
    [
        paper("2503.00001", "Walks on Graphs of Items and People", "graphs walks people"),
        paper("2503.00002", "Cold Start with Sentences Alone", "sentences cold start"),
        paper("2503.00003", "Diffusion of Pictures in Three Dimensions", "pictures diffusion"),
        paper("2503.00004", "Tables That Answer Questions by Themselves", "tables questions"),
    ],
    name="papers",
    kind="article",
)

BIBTEX = r"""
@article{walks, title = {{Walks} on {G}raphs of Items and People}, author = {Lee, Ann}, year = 2025}
@misc{cold, title = {Some Other Title}, eprint = {2503.00002}, archivePrefix = {arXiv}}
@inproceedings{gone, title = {Pictures made by Diffusion in M{\"u}nchen},
  abstract = {pictures, diffusion}, year = {2019}}
"""

CSV = """Key,Title,Publication Year,Url,Abstract Note
AB12,,2025,https://arxiv.org/pdf/2503.00004v2,
CD34,Nowhere to be Found,2001,,
"""


@pytest.fixture
def grounder(tmp_path):
    return Grounder(CATALOG, WordEmbedder(), cache_dir=tmp_path)


def test_bibtex(tmp_path, grounder):
    path = tmp_path / "refs.bib"
    path.write_text(BIBTEX, "utf-8")
    entries = read_library(path)
    assert entries[0] == Entry("Walks on Graphs of Items and People", year="2025")
    assert entries[1] == Entry("Some Other Title", ("2503.00002",))
    library = find_library(entries, CATALOG, grounder)
    assert library.found == ("2503.00001", "2503.00002")
    assert library.missing == (
        Entry("Pictures made by Diffusion in München", (), "pictures, diffusion", "2019"),
    )


def test_what_reference_managers_export(tmp_path, grounder):
    path = tmp_path / "export.csv"
    path.write_text(CSV, "utf-8")
    library = find_library(read_library(path), CATALOG, grounder)
    assert library.found == ("2503.00004",)
    assert [entry.label for entry in library.missing] == ["Nowhere to be Found"]


def test_a_line_is_an_id_an_address_or_a_title(tmp_path, grounder):
    path = tmp_path / "list.txt"
    lines = [
        "# mine",
        "arXiv:2503.00001v3",
        "",
        "https://arxiv.org/abs/2503.00002",
        "Cold start with sentences alone",
    ]
    path.write_text("\n".join([*lines, "2503.99999"]), "utf-8")
    library = find_library(read_library(path), CATALOG, grounder)
    assert library.found == ("2503.00001", "2503.00002")
    assert [entry.label for entry in library.missing] == ["2503.99999"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", b"\n# nothing\n", "holds no entry"),
        ("a.bib", b"@article{a, title={no end\n@article{b, title={B}}\n", "line 1"),
        ("a.txt", b"\xff\xfe\x00", "not UTF-8"),
        ("a.csv", b"size,colour\n1,red\n", "holds no entry"),
    ],
)
def test_files_that_are_no_libraries(tmp_path, name, content, problem):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=problem):
        read_library(path)
    with pytest.raises(CatalogError, match="cannot be read"):
        read_library(tmp_path / "nowhere.bib")


def test_a_library_makes_a_list_also_by_what_the_catalog_lacks(tmp_path, grounder):
    path = tmp_path / "refs.bib"
    path.write_text(BIBTEX, "utf-8")
    context = find_library(read_library(path), CATALOG, grounder).context()
    assert context.attitudes == {"2503.00001": 1, "2503.00002": 1}
    recommender = Recommender(CATALOG, None, embedder=WordEmbedder(), settings=Settings(cache_dir=tmp_path))
    made = recommender.recommend("", context, n=2, strategy="fast,sources=similar,diversity=0")
    assert made.ids == ("2503.00003", "2503.00004")  # its words are in the missing entry's; then what is left
    assert made.question is None
