"""Facts of the catalogs that come with the package."""

import re
import subprocess
import sys
from importlib.resources import files

import pytest

from agent.catalog import Catalog, catalog_info


@pytest.fixture(scope="module")
def movies():
    return Catalog.load("movies")


@pytest.fixture(scope="module")
def articles():
    return Catalog.load("articles")


def test_movies(movies):
    assert (len(movies), movies.name, movies.kind, movies.skipped) == (10506, "movies", "movie", ())
    gravity = movies.item("1454468")
    assert (gravity.title, gravity.year) == ("Gravity", 2013)
    assert gravity.categories == ("Drama", "Sci-Fi")
    assert gravity.url == "https://www.imdb.com/title/tt1454468/"
    assert set(movies.categories) >= {"Drama", "Sci-Fi", "Film-Noir", "Musical"}
    assert len(movies.categories) == 25


def test_popularity_and_rating_are_those_of_the_interactions(movies):
    assert len(movies.interactions) == 100_000
    assert {i.event for i in movies.interactions} == {"rate"}
    given = {}
    for interaction in movies.interactions:
        assert 0 <= interaction.value <= 10
        given.setdefault(interaction.item_id, []).append(interaction.value)
    for item in movies:
        values = given[item.id]
        assert item.popularity == len(values)
        assert item.attributes["rating"] == pytest.approx(sum(values) / len(values), abs=0.00501)


def test_interactions_are_oldest_first_and_users_nameless(movies):
    times = [interaction.timestamp for interaction in movies.interactions]
    assert times == sorted(times)
    first_seen = dict.fromkeys(interaction.user_id for interaction in movies.interactions)
    assert list(first_seen) == [str(n) for n in range(1, 16_555)]


def test_remakes_and_namesakes_have_labels_of_their_own(movies):
    labels = [movies.label(item) for item in movies]
    assert len(set(labels)) == len(labels)
    assert movies.label(movies.item("0024216")) == "King Kong (1933)"
    assert movies.label(movies.item("0360717")) == "King Kong (2005)"
    with_id = [label for label in labels if re.search(r" \[\d+\]$", label)]
    assert sorted({label.rsplit(" [", 1)[0] for label in with_id}) == [
        "Home Sweet Home (2013)",
        "Innocence (2004)",
        "Ningen no jôken (1959)",
        "Pusher (2012)",
        "The Door (2012)",
    ]
    assert len(with_id) == 10
    assert {label for label in labels if label.startswith(("Mamá", "Mama "))} == {
        "Mama (2013)",
        "Mamá (2008)",
    }


def test_articles(articles):
    assert (len(articles), articles.name, articles.kind) == (6105, "articles", "article")
    assert articles.interactions == ()
    flower = articles.item("2503.11692")
    assert flower.title == "FloPE: Flower Pose Estimation for Precision Pollination"
    assert (flower.year, flower.categories) == (2025, ("cs.RO", "cs.CV"))
    assert flower.attributes == {
        "authors": ("Rashik Shrestha", "Madhav Rijal", "Trevor Smith", "Yu Gu"),
        "date": "2025-03-18",
    }
    assert flower.url == "https://arxiv.org/abs/2503.11692"
    assert sum("cs.IR" in item.categories for item in articles) == 1284


def test_articles_are_readable(articles):
    titles = {item.title for item in articles}
    assert "R²ec: Towards Large Recommender Models with Reasoning" in titles
    assert "A Survey of LLM × DATA" in titles
    assert not [title for title in titles if re.search(r"[\\${}]|``|\^\d", title)]
    assert not [i.id for i in articles if re.search(r"\\[a-zA-Z]+\{|\$\\", i.description)]


def test_facts_of_the_report(movies, articles):
    info = catalog_info(movies)
    assert (info.items, info.categories, info.same_title_and_year) == (10506, 25, 5)
    assert info.top_categories[:2] == (("Drama", 5390), ("Comedy", 3405))
    assert (info.interactions.users, info.interactions.items) == (16_554, 10_506)
    assert (info.interactions.first, info.interactions.last) == ("2013-02-28", "2013-09-01")
    years = {field.name: field for field in info.fields}["year"]
    assert (years.low, years.high, years.fill) == (1898, 2013, 1.0)
    assert [(a.name, a.type) for a in catalog_info(articles).attributes] == [
        ("authors", "list"),
        ("date", "text"),
    ]


def test_fingerprint_is_stable_across_loads_and_processes(movies):
    code = "from agent.catalog import Catalog; print(Catalog.load('movies').fingerprint)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == movies.fingerprint == Catalog.load("movies").fingerprint


def test_loading_does_not_read_the_interactions():
    assert "interactions" not in vars(Catalog.load("movies"))


def test_package_data_is_small_and_licensed():
    demo = files("agent") / "demo"
    data = [path for path in demo.iterdir() if path.name.endswith(".gz")]
    assert len(data) == 4
    assert all(len(path.read_bytes()) < 4 * 2**20 for path in data)
    assert "Copyright (c) 2013 Simon Dooms" in (demo / "LICENSE-movietweetings.txt").read_text("utf-8")
    assert "CC0 1.0" in (demo / "LICENSE-arxiv.txt").read_text("utf-8")
