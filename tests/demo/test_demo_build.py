import gzip
import json

from agent.catalog import Catalog
from agent.demo.build import main

MOVIES = (
    'movie_id,title,year,genres\n001,"Heat, the",1995,Crime|Drama\n002,Alien,1979,Sci-Fi\n003,Unrated,2000,\n'
)
RATINGS = "user_id,movie_id,rating,timestamp\n9,002,8,300\n7,001,7,100\n7,002,9,200\n8,002,8,400\n"
ARTICLE = {
    "id": "2501.00001",
    "title": "On $\\alpha$",
    "abstract": "We \\emph{show} it.",
    "categories": ["cs.IR"],
    "authors": ["Nguy\\~ên A"],
    "date": "2025-01-02",
    "url": "https://arxiv.org/abs/2501.00001",
}


def build(folder):
    folder.mkdir()
    (folder / "movies.csv").write_text(MOVIES)
    (folder / "ratings.csv").write_text(RATINGS)
    (folder / "arxiv.jsonl.gz").write_bytes(gzip.compress(json.dumps(ARTICLE).encode()))
    main(
        ["--movietweetings", str(folder), "--arxiv", str(folder / "arxiv.jsonl.gz"), "--output", str(folder)]
    )
    return folder


def test_build(tmp_path):
    folder = build(tmp_path / "a")
    movies = Catalog.load(folder / "movies.csv.gz", interactions=folder / "movies_interactions.csv.gz")
    assert [(m.id, m.title, m.popularity, m.attributes["rating"]) for m in movies] == [
        ("001", "Heat, the", 1.0, 7.0),
        ("002", "Alien", 3.0, 8.33),
    ]
    assert [(i.user_id, i.item_id, i.value) for i in movies.interactions] == [
        ("1", "001", 7.0),
        ("1", "002", 9.0),
        ("2", "002", 8.0),
        ("3", "002", 8.0),
    ]
    (article,) = Catalog.load(folder / "articles.jsonl.gz")
    assert (article.title, article.description, article.year) == ("On α", "We show it.", 2025)
    assert article.attributes == {"authors": ("Nguyễn A",), "date": "2025-01-02"}


def test_the_same_input_gives_the_same_bytes(tmp_path):
    one, two = build(tmp_path / "a"), build(tmp_path / "b")
    for name in ("movies.csv.gz", "movies_interactions.csv.gz", "articles.jsonl.gz"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
