"""Facts from a triples file: attributes that can be asked for and given as reasons."""

import pytest
from support import FILMS, WordEmbedder

from agent.catalog import Catalog, Item
from agent.context import UserContext
from agent.errors import CatalogError
from agent.explain import violations
from agent.recommender import Recommender
from agent.retrieval.graph import Triple, column_of, with_triples
from agent.settings import Settings

TRIPLES = (
    Triple("alien", "directed by", "Ridley Scott"),
    Triple("Prometheus", "directed_by", "Ridley Scott"),
    Triple("The Thing (1982)", "directed by", "John Carpenter"),
    Triple("alien", "tagged", "space"),
    Triple("up", "tagged", "balloons"),
    Triple("aliens", "sequel of", "alien"),
    Triple("heat", "genre", "Heist"),
    Triple("The Thing", "directed by", "nobody knows which"),
    Triple("Ridley Scott", "born in", "England"),
)


@pytest.fixture
def films():
    return Catalog(FILMS, name="films", kind="movie")


@pytest.mark.parametrize(
    ("predicate", "column"),
    [
        ("directed by", "director"),
        ("has_director", "director"),
        ("Tag", "tags"),
        ("genre", "categories"),
        ("sequel of", "sequel_of"),
        ("is written by", "author"),
    ],
)
def test_predicates_are_columns(predicate, column):
    assert column_of(predicate) == column


def test_facts_join_the_items_they_are_of(films):
    extended, left = with_triples(films, TRIPLES)
    assert extended.item("alien").attributes["director"] == ("Ridley Scott",)
    assert extended.item("prometheus").attributes["director"] == ("Ridley Scott",)
    assert extended.item("thing82").attributes["director"] == ("John Carpenter",)
    assert extended.item("aliens").attributes["sequel_of"] == ("Alien",)
    assert extended.item("heat").categories == ("Action", "Crime", "Heist")
    assert "director" not in extended.item("thing11").attributes
    assert left == TRIPLES[-2:]
    assert films.item("alien").attributes.get("director") is None
    again, _ = with_triples(extended, TRIPLES)
    assert again.items == extended.items
    assert with_triples(films, ())[0] is films


def test_a_column_with_one_text_becomes_a_list():
    catalog = Catalog([Item("a", "A", attributes={"director": "Ann"})])
    extended, _ = with_triples(catalog, [Triple("a", "director", "Bob"), Triple("a", "director", "Ann")])
    assert extended.item("a").attributes["director"] == ("Ann", "Bob")


def test_fields_of_one_value_are_not_overwritten(films):
    with pytest.raises(CatalogError, match="'year' is the name of a field"):
        with_triples(films, [Triple("alien", "year", "1980")])


def test_facts_are_asked_for_and_given_as_reasons(films, tmp_path):
    recommender = Recommender(
        films, None, embedder=WordEmbedder(), settings=Settings(cache_dir=tmp_path), triples=TRIPLES
    )
    asked = recommender.recommend("something directed by Ridley Scott", n=5, strategy="fast")
    assert set(asked.ids) == {"alien", "prometheus"}

    context = UserContext.of(recommender.catalog, like=["alien"])
    made = recommender.recommend("", context, n=5, strategy="fast,sources=graph,diversity=0")
    second = next(pick for pick in made if pick.item.id == "prometheus")
    (reason,) = second.reasons
    assert "directed by Ridley Scott, like Alien (1979), which you liked" in reason.text
    found = violations(
        reason.text,
        second.item,
        second.label,
        reason.evidence,
        context=made.context,
        catalog=recommender.catalog,
        locale="en",
    )
    assert found == ()
