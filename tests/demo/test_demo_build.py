import gzip
import json

from agent.catalog import Catalog
from agent.demo.build import main
from agent.dialogues import PastDialogue, Spoken, load_dialogues

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

LINKS = "redial_id,movie_id\n11,002\n12,003\n"
DIALOGUES = [
    {
        "id": "7",
        "turns": [
            {"role": "user", "content": "like Alien (1979)?"},
            {"role": "assistant", "content": "Unrated"},
        ],
        "items": [
            {"id": "11", "turn": 0, "by": "user", "attitude": 1},
            {"id": "12", "turn": 1, "by": "assistant", "attitude": None},
            {"id": "13", "turn": 1, "by": "assistant", "attitude": 1},
        ],
        "groups": [1],
    },
    {
        "id": "8",
        "turns": [{"role": "user", "content": "hi"}],
        "items": [{"id": "12", "turn": 0, "by": "user"}],
    },
]


def build(folder):
    folder.mkdir()
    (folder / "movies.csv").write_text(MOVIES)
    (folder / "ratings.csv").write_text(RATINGS)
    (folder / "arxiv.jsonl.gz").write_bytes(gzip.compress(json.dumps(ARTICLE).encode()))
    (folder / "redial_links.csv").write_text(LINKS)
    said = "".join(json.dumps(dialogue) + "\n" for dialogue in DIALOGUES)
    (folder / "redial.jsonl.gz").write_bytes(gzip.compress(said.encode()))
    sources = {"movietweetings": "", "arxiv": "arxiv.jsonl.gz", "redial": "redial.jsonl.gz", "output": ""}
    main([word for name, file in sources.items() for word in (f"--{name}", str(folder / file))])
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

    (dialogue,) = load_dialogues(folder / "movies_dialogues.jsonl.gz", movies)
    assert isinstance(dialogue, PastDialogue)
    assert dialogue.id == "redial-7"
    assert [turn.content for turn in dialogue.turns] == ["like Alien (1979)?", "Unrated"]
    assert dialogue.items == (Spoken("002", 0, "user", 1),)


def test_the_same_input_gives_the_same_bytes(tmp_path):
    one, two = build(tmp_path / "a"), build(tmp_path / "b")
    for name in (
        "movies.csv.gz",
        "movies_interactions.csv.gz",
        "movies_dialogues.jsonl.gz",
        "articles.jsonl.gz",
    ):
        assert (one / name).read_bytes() == (two / name).read_bytes()
