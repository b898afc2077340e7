import numpy as np
import pytest

from agent.catalog import Catalog, Item
from agent.errors import UnknownItemError
from agent.grounding import Grounder, ParsedTitle

FILMS = (
    Item("alien", "Alien", 1979, popularity=90),
    Item("aliens", "Aliens", 1986, popularity=80),
    Item("alien3", "Alien³", 1992, popularity=30),
    Item("heat", "Heat", 1995, popularity=70),
    Item("hamlet48", "Hamlet", 1948, popularity=9),
    Item("hamlet96", "Hamlet", 1996, popularity=29),
    Item("solaris72", "Solaris", 1972, popularity=50),
    Item("godfather", "The Godfather", 1972, popularity=95),
    Item("godfather2", "The Godfather: Part II", 1974, popularity=85),
    Item("rocky2", "Rocky II", 1979),
    Item("rocky3", "Rocky III", 1982),
    Item("monkeys", "Twelve Monkeys (a.k.a. 12 Monkeys)", 1995),
    Item("postino", "Postman, The (Postino, Il)", 1994),
    Item("miserables", "Misérables, Les", 1995),
    Item("shawshank", "The Shawshank Redemption", 1994),
    Item("rings1", "The Lord of the Rings: The Fellowship of the Ring", 2001),
    Item(
        "borat", "Borat: Cultural Learnings of America for Make Benefit Glorious Nation of Kazakhstan", 2006
    ),
    Item("spider", "Spider-Man", 2002),
    Item("mask", "Mask", 1985),
    Item("farewell", "霸王别姬", 1993),
    Item("earth2", "流浪地球2", 2023),
    Item("bao", "Bao", 2018, categories=("Short",)),
    Item("dollar", "$", 1971),
)


@pytest.fixture(scope="module")
def grounder():
    return Grounder(Catalog(FILMS, name="films", kind="movie"))


def ground(grounder, *titles):
    return [(g.item_id, g.method) for g in grounder.ground(titles)]


@pytest.mark.parametrize(
    ("text", "item_id"),
    [
        ("Alien", "alien"),
        ("ALIEN!", "alien"),
        ("Aliens", "aliens"),
        ("Alien 3", "alien3"),
        ("Alien³ (1992)", "alien3"),
        ("Heat 1995", "heat"),
        ("Heat (1996)", "heat"),
        ('"Heat" (1995), directed by Michael Mann', "heat"),
        ("Godfather", "godfather"),
        ("Godfather, The", "godfather"),
        ("The Godfather Part 2", "godfather2"),
        ("Rocky 2", "rocky2"),
        ("Rocky Two", "rocky2"),
        ("12 Monkeys", "monkeys"),
        ("Twelve Monkeys", "monkeys"),
        ("Il Postino", "postino"),
        ("The Postman (1994)", "postino"),
        ("les miserables", "miserables"),
        ("The Fellowship of the Ring", "rings1"),
        ("Borat (2006)", "borat"),
        ("Spiderman", "spider"),
        ("霸王别姬 (1993)", "farewell"),
        ("流浪地球二", "earth2"),
        ("Bao (short film)", "bao"),
        ("$", "dollar"),
        ("Alien (film)", "alien"),
    ],
)
def test_the_same_title_written_otherwise(grounder, text, item_id):
    assert ground(grounder, text) == [(item_id, "exact")]


@pytest.mark.parametrize(
    ("text", "item_id"),
    [
        ("The Shawshenk Redemption", "shawshank"),
        ("Shawshank Redemtion", "shawshank"),
        ("Lord of the Rings: Fellowship of the Rnig", "rings1"),
        ("Les Misreables", "miserables"),
    ],
)
def test_misspelt_titles(grounder, text, item_id):
    assert ground(grounder, text) == [(item_id, "fuzzy")]


@pytest.mark.parametrize(
    "text",
    [
        "Alien 4",
        "Alien: Resurrection",
        "Rocky",
        "Rocky IV",
        "The Godfather Part III",
        "The Mask",
        "Solaris (2002)",
        "Heat (1986)",
        "Alien (TV series)",
        "流浪地球",
        "霸王",
        "The Lord of the Rings: The Two Towers",
        "Spider-Man 2",
        "Part II",
        "Hero",
        "The Postman Always Rings Twice",
    ],
)
def test_what_is_not_in_the_catalog_is_rejected(grounder, text):
    (grounding,) = grounder.ground([text])
    assert (grounding.item_id, grounding.method) == (None, "rejected")
    assert grounding.reason


@pytest.mark.parametrize("text", ["", "   ", "\x00", "(", "?" * 50, "a" * 5_000_000])
def test_no_title_at_all(grounder, text):
    assert ground(grounder, text) == [(None, "rejected")]


def test_a_stated_year_chooses_the_namesake(grounder):
    assert ground(grounder, "Hamlet (1948)", "Hamlet (1996)", "Hamlet (1947)", "Hamlet (2000)") == [
        ("hamlet48", "exact"),
        ("hamlet96", "exact"),
        ("hamlet48", "exact"),
        (None, "rejected"),
    ]


def test_without_a_year_the_most_popular_namesake_with_less_confidence(grounder):
    hamlet, alien = grounder.ground(["Hamlet", "Alien"])
    trust = grounder.thresholds.forms["title"]
    assert hamlet.item_id == "hamlet96"
    # Each is counted once more than it was seen: 30 of 40.
    assert hamlet.confidence == pytest.approx(trust * 30 / 40)
    assert hamlet.nearest == (
        ("hamlet96", pytest.approx(trust * 0.75)),
        ("hamlet48", pytest.approx(trust * 0.25)),
    )
    assert alien.confidence == trust


def test_the_year_of_a_parsed_title_counts(grounder):
    titles = [ParsedTitle("Hamlet", 1948, "", 0, 6), ParsedTitle("Solaris", 2002, "", 0, 7)]
    assert ground(grounder, *titles) == [("hamlet48", "exact"), (None, "rejected")]


def test_a_rejection_says_why_and_what_is_near(grounder):
    year, spelling, nothing = grounder.ground(["Solaris (2002)", "Hear", "Xyzzy"])
    assert year.reason == "the year 2002 contradicts Solaris (1972)"
    assert year.nearest[0][0] == "solaris72"
    assert spelling.nearest[0][0] == "heat"
    assert 0 < spelling.confidence == spelling.nearest[0][1] < grounder.thresholds.fuzzy.threshold
    assert nothing.confidence < 0.01


def test_an_item_that_counts_as_absent_is_not_linked(grounder):
    present = grounder.ground(["Alien", "Heat"])
    absent = grounder.ground(["Alien", "Heat"], without=["alien", None])
    assert [g.item_id for g in present] == ["alien", "heat"]
    assert [g.item_id for g in absent] == [None, "heat"]
    with pytest.raises(UnknownItemError):
        grounder.ground(["Alien"], without=["nobody"])


def test_order_and_number_are_kept(grounder):
    texts = ["Xyzzy", "Alien", "", "Shawshenk Redemption", "Alien"]
    found = grounder.ground(texts)
    assert [g.text for g in found] == texts
    assert [g.item_id for g in found] == [None, "alien", None, "shawshank", "alien"]
    assert grounder.ground([]) == []


def test_together_and_one_by_one_are_the_same(grounder):
    texts = [item.title[:-1] for item in FILMS if len(item.title) > 1]
    assert grounder.ground(texts) == [g for text in texts for g in grounder.ground([text])]


def test_json(grounder):
    (grounding,) = grounder.ground(["Alien (1979)"])
    written = grounding.to_json()
    assert (written["item_id"], written["method"]) == ("alien", "exact")
    assert written["nearest"] == [{"id": "alien", "score": round(grounding.confidence, 4)}]


def test_confidence_grows_with_likeness(grounder):
    texts = ["Shawshank Redemption", "Shawshenk Redemption", "Shewshenk Redemtion", "Redemption Shack"]
    scores = [dict(g.nearest).get("shawshank", 0.0) for g in grounder.ground(texts, without=None)]
    assert scores[1] > scores[2] > scores[3]
    assert all(0 <= s <= 1 for s in scores)


class StubEmbedder:
    """All titles of a word share an axis; the last axis is for everything else."""

    name, dimension = "axes", 3

    def encode(self, texts, *, progress=None):
        rows = [[("ring" in t.lower()), ("alien" in t.lower()), 0.01] for t in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_embedding_brings_candidates_that_spelling_does_not(tmp_path):
    catalog = Catalog(FILMS, name="films")
    with_vectors = Grounder(catalog, StubEmbedder(), cache_dir=tmp_path)
    with_vectors.prepare()
    (grounding,) = with_vectors.ground(["Sauron and his Rings"])
    assert grounding.item_id is None
    assert grounding.nearest[0][0] == "rings1"
    assert list(tmp_path.rglob("*.npy"))
