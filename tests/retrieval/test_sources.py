"""One contract for every candidate source, and what each finds."""

import numpy as np
import pytest
from support import WordEmbedder

from agent.grounding import NumpyIndex
from agent.retrieval import CategorySource, Query, default_sources

NAMES = ("embedding", "similar", "profile", "lexical", "category", "popularity")
QUERY = Query("horror comedy aliens", {"alien": 2, "hangover": -1}, "romance")


@pytest.fixture(scope="module")
def sources(films):
    embedder = WordEmbedder()
    vectors = embedder.encode([films.text(item) for item in films])
    return default_sources(films, embedder, vectors, NumpyIndex(vectors))


def everything(films):
    return np.ones(len(films), dtype=bool)


def test_the_contract_covers_every_source(sources):
    assert tuple(sources) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_candidates_are_distinct_allowed_and_best_first(name, sources, films):
    allowed = np.arange(len(films)) % 2 == 0
    found = sources[name].retrieve(QUERY, 5, allowed)
    assert 0 < len(found) <= 5
    assert all(candidate.source == name for candidate in found)
    assert all(allowed[films.row(candidate.item_id)] for candidate in found)
    assert len({candidate.item_id for candidate in found}) == len(found)
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_allowed_finds_nothing(name, sources, films):
    assert sources[name].retrieve(QUERY, 5, np.zeros(len(films), dtype=bool)) == ()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["", "???", "zzz qqq", "恐怖片"])
def test_odd_queries_are_no_error(name, text, sources, films):
    sources[name].retrieve(Query(text), 5, everything(films))


@pytest.mark.parametrize("name", NAMES)
def test_scores_can_be_asked_for_whatever_rows(name, sources, films):
    found = sources[name].retrieve(QUERY, 5, everything(films))
    rows = np.array([films.row(candidate.item_id) for candidate in found])
    scores = sources[name].score(QUERY, rows)
    assert scores.shape == rows.shape
    assert list(scores) == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", ["embedding", "similar", "profile", "lexical", "category"])
def test_without_a_wish_there_is_nothing_to_search_for(name, sources, films):
    assert sources[name].retrieve(Query(), 5, everything(films)) == ()


def test_popularity(sources, films):
    found = sources["popularity"].retrieve(Query(), 3, everything(films))
    assert [(c.item_id, c.score) for c in found] == [("godfather", 950), ("alien", 900), ("aliens", 850)]


def test_lexical_finds_shared_words_only(sources, films):
    found = sources["lexical"].retrieve(Query("hangover"), 10, everything(films))
    assert [c.item_id for c in found] == ["hangover"]


def test_the_embedding_moves_towards_what_is_liked_and_away_from_what_is_not(sources, films):
    def rank(source, query, item_id):
        found = sources[source].retrieve(query, len(films), everything(films))
        return [c.item_id for c in found].index(item_id)

    assert rank("embedding", Query("a drama", less="western"), "unforgiven") > rank(
        "embedding", Query("a drama"), "unforgiven"
    )
    assert rank("similar", Query(items={"thing82": 2}), "thing11") == 1
    row = np.array([films.row("airplane")])
    before = sources["similar"].score(Query(items={"heat": 1}), row)
    after = sources["similar"].score(Query(items={"heat": 1, "hangover": -2}), row)
    assert after < before


def test_the_nearest_liked_item_counts_and_the_newest_most(sources, films):
    query = Query(items={"unforgiven": 1, "thing82": 1})
    found = [c.item_id for c in sources["similar"].retrieve(query, 4, everything(films))]
    # The words of thing82 are those of thing11; a mean would put what is between the two kinds first.
    assert found[:3] == ["thing82", "unforgiven", "thing11"] or found[:3] == [
        "thing82",
        "thing11",
        "unforgiven",
    ]


def test_the_profile_shares_categories_with_what_is_liked(sources, films):
    found = sources["profile"].retrieve(Query(mentioned=("heat", "drive")), 3, everything(films))
    # Crime is in both, Action and Drama in one each: Crime and Drama (1 + .5) / sqrt(2).
    assert {c.item_id: c.score for c in found} == {
        i: pytest.approx(1.5 / 2**0.5) for i in ("godfather", "drive", "heat")
    }


def test_categories_near_the_wish_bring_their_items_the_most_popular_first(films):
    found = CategorySource(films, WordEmbedder()).retrieve(Query("western"), 5, everything(films))
    assert [(c.item_id, c.score) for c in found] == [("unforgiven", pytest.approx(0.55))]
    found = CategorySource(films, WordEmbedder()).retrieve(Query("horror mystery"), 3, everything(films))
    # cos = 1 / sqrt(2) for each: .257 for one category, .514 for both
    assert [c.item_id for c in found] == ["thing82", "thing11", "alien"]
    assert found[0].score == pytest.approx(2 * (2**-0.5 - 0.45))


def test_likes_of_no_known_time_do_not_fade(sources, films):
    likes = {"unforgiven": 1, "thing82": 1, "heat": 1}
    rows = np.array([films.row(item_id) for item_id in likes])

    def score(*undated):
        return sources["similar"].score(Query(items=likes, undated=frozenset(undated)), rows)

    # An item is as near to itself as can be, so that what is left is how far it has faded.
    assert score() == pytest.approx([0.98**2, 0.98, 1], abs=1e-6)
    assert score("unforgiven") == pytest.approx([1, 0.98, 1], abs=1e-6)
    assert score(*likes) == pytest.approx([1, 1, 1], abs=1e-6)
