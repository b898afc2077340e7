"""Models of who used what: fitted, kept, loaded, and what they recommend."""

import dataclasses

import numpy as np
import pytest

from agent import Recommender
from agent.catalog import Catalog, Interaction
from agent.context import UserContext
from agent.errors import FormatError
from agent.profile import LearnedHistory, Profile
from agent.ranking import BoostedRanker, LogLinearRanker
from agent.ranking.trees import Trees
from agent.retrieval import HistoryModels
from agent.retrieval.query import Query
from agent.settings import Settings

DAY = 86_400.0
TOGETHER = ("alien", "aliens", "prometheus")
EVENTS = tuple(
    Interaction(f"u{user}", item, "like", None, user * DAY + place)
    for user in range(12)
    for place, item in enumerate(TOGETHER if user % 2 else ("heat", "godfather", "drive"))
)


@pytest.fixture(scope="module")
def vectors(films, word_embedder):
    return word_embedder.encode([f"{item.title} {' '.join(item.categories)}" for item in films])


@pytest.fixture(scope="module")
def models(films, vectors):
    return HistoryModels.fit(films, EVENTS, vectors)


def test_only_items_without_uses_are_unused(models, films):
    used = {films[int(row)].id for row in np.flatnonzero(~models.unused)}
    assert used == {*TOGETHER, "heat", "godfather", "drive"}


def test_who_liked_the_same_leads_to_the_next(models, films):
    allowed = np.ones(len(films), dtype=bool)
    found = models.sources["item_knn"].retrieve(Query(mentioned=("alien",)), 5, allowed)
    assert {c.item_id for c in found} == {"aliens", "prometheus"}


def test_newcomers_are_allowed_and_used_by_nobody(models, films):
    allowed = np.ones(len(films), dtype=bool)
    allowed[films.row("unforgiven")] = False
    found = models.newcomers(Query(mentioned=("alien",)), 50, allowed)
    unused = {item.id for item in films} - {e.item_id for e in EVENTS}
    assert set(found) == unused - {"unforgiven"}
    assert models.newcomers(Query(), 5, allowed) == []


def test_saved_models_come_back(models, films, vectors, tmp_path):
    models.save(tmp_path, users=12)
    loaded = HistoryModels.load(films, vectors, tmp_path)
    assert loaded.options == models.options
    assert list(loaded.sources) == list(models.sources)
    query = Query(mentioned=("alien",))
    for name, source in models.sources.items():
        assert loaded.sources[name].scores(query) == pytest.approx(source.scores(query), abs=1e-6), name


def test_items_that_are_gone_are_left_out(models, films, vectors, tmp_path):
    models.save(tmp_path)
    kept = [row for row, item in enumerate(films) if item.id != "aliens"]
    smaller = Catalog([films[row] for row in kept], name="fewer", kind="movie")
    loaded = HistoryModels.load(smaller, vectors[kept], tmp_path)
    found = loaded.sources["item_knn"].retrieve(
        Query(mentioned=("alien",)), 5, np.ones(len(kept), dtype=bool)
    )
    assert [c.item_id for c in found] == ["prometheus"]


def test_a_missing_model_is_said(films, vectors, tmp_path):
    with pytest.raises(FormatError, match="no fitted model"):
        HistoryModels.load(films, vectors, tmp_path)


def test_without_events_nobody_is_foretold(films, vectors, tmp_path):
    models = HistoryModels.fit(films, [], vectors)
    assert models.unused.all()
    assert set(models.sources) == {"recent", "item_knn", "habits", "user_graph"}
    models.save(tmp_path)
    assert set(HistoryModels.load(films, vectors, tmp_path).sources) == set(models.sources)


def test_models_are_fitted_once_for_the_same_events(films, vectors, tmp_path, monkeypatch):
    HistoryModels.fit_once(films, EVENTS, vectors, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(HistoryModels, "fit", None)
        assert HistoryModels.fit_once(films, EVENTS, vectors, tmp_path).sources
    changed = (*EVENTS[:-1], dataclasses.replace(EVENTS[-1], item_id="superbad"))
    again = HistoryModels.fit_once(films, changed, vectors, tmp_path)
    assert not again.unused[films.row("superbad")]


def for_a_new_user(recommender):
    context = UserContext("new", history=(Interaction("new", "alien", "like", None, 99 * DAY),))
    return recommender.recommend(context=context, n=2, strategy="fast,diversity=0")


@pytest.fixture
def listed(films, word_embedder, models, tmp_path):
    """Makes a new user's list by a ranker, kept in a profile with the models."""

    def make(ranker):
        models.save(tmp_path / "models")
        Profile(history=LearnedHistory(tmp_path / "models", ranker)).save(tmp_path / "profile")
        settings, profile = Settings(cache_dir=tmp_path), Profile.load(tmp_path / "profile", films)
        return for_a_new_user(
            Recommender(films, None, embedder=word_embedder, settings=settings, profile=profile)
        )

    return make


def test_a_new_user_with_one_like_gets_what_goes_with_it(films, word_embedder, tmp_path):
    catalog = Catalog(list(films), name="films", kind="movie", interactions=EVENTS)
    recommender = Recommender(catalog, None, embedder=word_embedder, settings=Settings(cache_dir=tmp_path))
    made = for_a_new_user(recommender)
    assert set(made.ids) == {"aliens", "prometheus"}
    assert "item_knn" in made[0].sources


def test_the_weights_say_which_sources_a_history_is_asked_with(listed):
    made = listed(LogLinearRanker({"user_graph": 1.0, "profile": 0.5, "no such source": 9.0}))
    assert set(made.trace["retrieve"].outputs) == {"user_graph", "profile"}
    # The catalog has no interactions of its own: who likes what comes from the profile.
    assert set(made.ids) == {"aliens", "prometheus"}


def test_trees_of_a_profile_order_what_the_sources_find(listed):
    # Of the four columns of one source the third is the rank, -log(10), -log(11), ...: the first one loses.
    stump = Trees(
        feature=np.array([2, -1, -1]),
        threshold=np.array([-np.log(10.5), 0.0, 0.0]),
        left=np.array([1, 0, 0]),
        right=np.array([2, 0, 0]),
        value=np.array([0.0, 0.0, -1.0]),
        roots=np.array([0]),
    )
    made = listed(BoostedRanker({}, ("user_graph",), stump, {"users": 3}))
    assert set(made.trace["retrieve"].outputs) == {"user_graph"}
    assert made.trace["fuse"].inputs["ranker"] == "boosted"
    # What the source found best is what the other test recommends.
    assert len(made.ids) == 2
    assert not {"aliens", "prometheus"} <= set(made.ids)
