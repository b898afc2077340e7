"""Weights of what learns from interactions: what is asked when, and what is fitted."""

from dataclasses import replace

import numpy as np
import pytest

from agent.catalog import Interaction
from agent.errors import FittingError
from agent.history_fitting import _folds, choices_of, fit_history, sources_of, windows
from agent.history_rankers import Comparison, Weighing, ndcg_of
from agent.profile import LearnedHistory, Profile
from agent.ranking import Choice
from agent.retrieval import HistoryModels

TASTES = (
    ("alien", "aliens", "prometheus", "thing82", "thing11"),
    ("heat", "godfather", "drive", "airplane", "superbad"),
)


def log(users=200, timed=True):
    """Users who like the five films of their taste in an order of their own, a user every hour."""
    order = np.random.default_rng(0)
    return [
        Interaction(f"u{user}", item, "like", None, (user + 40 * place) * 3600.0 if timed else None)
        for user in range(users)
        for place, item in enumerate(order.permutation(TASTES[user % 2]).tolist())
    ]


def test_a_user_is_asked_for_new_likes_after_the_moment_only(films):
    events = [Interaction(f"x{t}", "drive", "like", None, float(t)) for t in range(10)]
    events[0] = Interaction("ann", "alien", "like", None, 0.0)
    events[5] = Interaction("ann", "aliens", "like", None, 5.0)
    events[7] = Interaction("ann", "alien", "like", None, 7.0)
    events[8] = Interaction("ann", "heat", "rate", 7.0, 8.0)
    # The moments are 5, 6, 7, 8 and 9: what is liked again, or rated under 8, is no answer.
    cut = windows(films, events[::-1])
    assert [[asked.user for asked in window.asked] for window in cut] == [["ann"], [], [], [], []]
    assert cut[0].asked[0].right.tolist() == [films.row("aliens")]
    assert list(cut[0].asked[0].query.used) == ["alien"]
    assert not cut[0].asked[0].allowed[films.row("alien")]
    assert cut[0].coming.sum() == 1


def test_no_window_knows_what_comes_later(films):
    events = log()
    begins = []
    for window in windows(films, events):
        begins.append(max(e.timestamp for e in window.before))
        known = {(e.user_id, films.row(e.item_id)) for e in window.before}
        assert window.asked
        for asked in window.asked:
            later = {e.item_id for e in events if e.user_id == asked.user and e.timestamp > begins[-1]}
            assert {films[int(row)].id for row in asked.right} <= later
            assert not {(asked.user, int(row)) for row in asked.right} & known
            assert not set(asked.query.used) & later
    assert begins == sorted(begins)


def test_without_times_users_hide_likes_and_the_last_window_asks_others(films):
    events = log(timed=False)
    *first, last = windows(films, events)
    assert not {a.user for window in first for a in window.asked} & {a.user for a in last.asked}
    hidden = [{(a.user, int(row)) for a in window.asked for row in a.right} for window in (*first, last)]
    # The windows of the same users hide different likes.
    assert len(first) == 2
    assert not hidden[0] & hidden[1]
    for window, hides in zip((*first, last), hidden, strict=True):
        assert not hides & {(e.user_id, films.row(e.item_id)) for e in window.before}
        assert window.coming is None


def test_only_users_who_may_be_asked_are_asked(films):
    events = log(timed=False)
    for window in windows(films, events, lambda user: user.endswith("7")):
        assert {asked.user[-1] for asked in window.asked} <= {"7"}
        # All are learned from, but for those all of whose likes happen to be hidden.
        assert len({event.user_id for event in window.before}) >= 195


def test_where_nothing_is_known_of_what_comes_recent_is_weighed_itself(films, word_embedder):
    vectors = word_embedder.encode([item.title for item in films])
    window = windows(films, log(timed=False))[0]
    sources = sources_of(HistoryModels.fit(films, window.before, vectors), films, vectors)
    recent = [source.name for source in sources].index("recent")
    for choice in choices_of(window, sources, films):
        assert choice.features.shape[1] == len(sources) + 2
        assert (choice.features[:, -1] == choice.features[:, recent]).all()


def test_ndcg_counts_right_ones_that_are_no_candidates():
    right = np.array([False, True, False])
    assert ndcg_of(np.array([1, 0, 2]), right, 1) == pytest.approx(1)
    assert ndcg_of(np.array([0, 1, 2]), right, 2) == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))


def test_tastes_are_learned_and_kept(films, word_embedder, tmp_path):
    vectors = word_embedder.encode([item.title for item in films])
    unknown = Interaction("u0", "no such film", "like", None, 1.0)
    told = []
    fitted = fit_history(films, [*log(), unknown], vectors, lambda *step: told.append(step))
    assert fitted.ndcg["fitted"] > fitted.ndcg["popularity"]
    assert fitted.ranker.provenance["unknown_items"] == 1
    assert fitted.ranker.provenance["interactions"] == 1000
    assert fitted.ranker.provenance["split"] == "by time"
    assert fitted.ranker.provenance["ranker"]["chosen"] == fitted.ranker.name == fitted.comparison.chosen
    assert "user_graph" in fitted.ranker.weights
    assert "without user_graph" in fitted.ndcg
    assert told[-1][1] == told[-1][2]
    fitted.models.save(tmp_path / "models")
    profile = Profile(history=LearnedHistory(tmp_path / "models", fitted.ranker))
    profile.save(tmp_path / "p")
    loaded = Profile.load(tmp_path / "p", films)
    assert loaded.history.ranker.weights == pytest.approx(fitted.ranker.weights, abs=1e-6)
    assert loaded.history.folder == tmp_path / "p" / "history"


def test_trees_are_chosen_only_where_they_are_better_by_more_than_chance():
    assert Comparison(0.20, 0.21, 0.005, 400).chosen == "boosted"
    assert Comparison(0.20, 0.21, 0.011, 400).chosen == "log-linear"
    assert Comparison(0.20, 0.19, 0.001, 400).chosen == "log-linear"


def lists(interact, users):
    """What is right is drawn by ``als``, or where it interacts by ``ease`` in every other library."""
    drawn = np.random.default_rng(users[0])
    found = []
    for user in users:
        # als, ease, recent, the size of the library, and what recent stands in for.
        x = drawn.normal(size=(50, 5))
        x[:, 3], x[:, 4] = user % 2, x[:, 2]
        chances = np.exp(3 * x[:, user % 2 if interact else 0])
        right = np.arange(50) == drawn.choice(50, p=chances / chances.sum())
        found.append(Choice(x, right, 1, f"u{user}"))
    return found


@pytest.mark.parametrize(("interact", "chosen"), [(True, "boosted"), (False, "log-linear")])
def test_what_ranks_better_where_it_was_not_fitted_is_chosen(interact, chosen):
    weighing = Weighing(["als", "ease", "recent"])
    fold = (lists(interact, range(200)), lists(interact, range(200, 300)))
    fitted = weighing.both(fold[0])
    comparison = weighing.compare([fold], [fitted])
    assert comparison.chosen == chosen
    assert comparison.lists == 100
    ranker = weighing.fit(comparison.chosen, fold[0])
    assert ranker.name == chosen
    assert weighing.ndcg(fold[1], ranker).mean() == pytest.approx(
        comparison.boosted if interact else comparison.log_linear
    )
    assert weighing.measure(fold, fitted[chosen])["fitted"] == pytest.approx(
        weighing.ndcg(fold[1], ranker).mean()
    )


def test_what_recent_stands_in_for_is_seen_in_fitting_alone():
    weighing = Weighing(["als", "recent"])
    drawn = np.random.default_rng(3)
    choices = []
    for _ in range(200):
        x = drawn.normal(size=(30, 4))
        choices.append(Choice(x, np.arange(30) == x[:, -1].argmax()))
    ranker = weighing.fit("boosted", choices)
    assert ranker.weights["recent"] > 1
    known = [
        replace(c, features=np.column_stack([c.features[:, [0, 3]], c.features[:, 2:]])) for c in choices
    ]
    assert weighing.ndcg(known, ranker).mean() > 0.9
    assert weighing.ndcg(choices, ranker).mean() < 0.4


@pytest.mark.parametrize("timed", [True, False])
def test_windows_are_foretold_by_others(timed):
    one, two, three = ([Choice(np.ones((2, 3)), np.array([True, False]), 1, name)] for name in "abc")
    groups = [["".join(c.group for c in part) for part in fold] for fold in _folds([one, two, three], timed)]
    # By time the second window is foretold from the first; by chance half the users from the other half.
    assert groups == [["a", "b"] if timed else ["c", "ab"], ["ab", "c"]]


def test_too_little_to_weigh(films, word_embedder):
    vectors = word_embedder.encode([item.title for item in films])
    with pytest.raises(FittingError, match=r"only \d+ users like something new .* 50 are needed"):
        fit_history(films, log(5), vectors)
    with pytest.raises(FittingError, match="only 0 users"):
        fit_history(films, [], vectors)
