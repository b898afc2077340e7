import numpy as np
import pytest

from agent.catalog import Catalog, Item
from agent.context import Constraint
from agent.ranking import Aspects, Filters, PmiScorer, combine, diversify
from agent.retrieval import Fused
from prompts import Message


def fused(*pairs):
    return tuple(Fused(item_id, score, ("embedding",)) for item_id, score in pairs)


def test_pmi_reorders_the_candidates_it_scored_and_only_those(films):
    candidates = fused(("alien", 3.0), ("heat", 2.0), ("up", 1.0), ("drive", 0.5))
    ranked = combine(candidates, films, {}, np.array([0.0, 0.0, 9.0]), pmi_weight=2.0)
    # z(fusion) = 1.22, 0, -1.22; 2 z(pmi) = -1.41, -1.41, 2.83
    assert [f.item_id for f in ranked] == ["up", "alien", "heat", "drive"]
    assert ranked[0].score == pytest.approx(-1.2247449 + 2 * 1.4142136)
    assert ranked[3].score < ranked[2].score


def test_facets_move_candidates(films):
    candidates = fused(("alien", 1.0), ("heat", 1.0), ("up", 1.0))
    ranked = combine(candidates, films, {("categories", "Horror"): -2.0, ("categories", "Animation"): 1.0})
    assert [(f.item_id, f.score) for f in ranked] == [("up", 0.75), ("heat", 0.0), ("alien", -1.5)]


def test_items_of_unknown_kind_are_held_back_only_where_they_are_few(films):
    horror = Constraint("categories", "in", ("Horror",))
    bare = [Item(f"bare{i}", f"Untold {i}") for i in range(5)]
    few, many = Catalog([*films, *bare[:4]]), Catalog([*films, *bare])  # 16 of 20 and 16 of 21 have some
    assert Filters(few).mask([horror]).sum() == 3
    assert Filters(many).mask([horror]).sum() == 3 + 5
    assert Filters(many).mask([Constraint("categories", "not in", ("Horror",))]).sum() == 13 + 5


def test_no_candidates_rank_to_none(films):
    assert combine((), films, {}, None) == ()


def test_diversity_dial():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    scores = np.array([1.0, 0.9, 0.5])
    plain = Aspects(np.zeros((3, 0)))
    for method in ("mmr", "xquad"):
        assert diversify(vectors, scores, 2, plain, method=method, diversity=0).tolist() == [0, 1]
        assert diversify(vectors, scores, 2, plain, method=method, diversity=0.9).tolist() == [0, 2]
        assert diversify(vectors[:0], scores[:0], 3, Aspects(np.zeros((0, 0)))).tolist() == []
    assert diversify(vectors, scores, 9, plain, method="none").tolist() == [0, 1, 2]


@pytest.mark.parametrize("method", ["xquad", "mmr", "msd", "dpp", "cover"])
def test_every_method_returns_distinct_positions(method):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    aspects = Aspects(rng.integers(0, 2, (30, 5)))
    chosen = diversify(vectors, rng.normal(size=30), 10, aspects, method=method, diversity=0.5)
    assert len(set(chosen.tolist())) == 10


def test_masks_meet_constraints_and_leave_out_the_known(films):
    filters = Filters(films)
    allowed = filters.mask(
        [Constraint("categories", "in", ("Comedy",)), Constraint("year", ">", 2001)], ["superbad"]
    )
    assert [item.id for item, ok in zip(films, allowed, strict=True) if ok] == ["hangover"]


def test_relaxations_drop_as_little_as_leaves_anything(films):
    comedy, old, western = (
        Constraint("categories", "in", ("Comedy",)),
        Constraint("year", "<", 1975),
        Constraint("categories", "in", ("Western",)),
    )
    filters = Filters(films)
    assert filters.relaxations([comedy, old]) == (((old,), 4), ((comedy,), 1))
    pairs = filters.relaxations([comedy, old, western])
    assert pairs == (((old, western), 4), ((comedy, old), 1), ((comedy, western), 1))


def test_a_relaxation_drops_both_ends_of_what_was_said_at_once(films):
    silent = (Constraint("year", ">=", 1920, "the 20s"), Constraint("year", "<=", 1929, "the 20s"))
    comedy = Constraint("categories", "in", ("Comedy",), "comedy")
    assert Filters(films).relaxations([comedy, *silent])[0] == (silent, 4)


class _Scoring:
    """Scores by table and counts what it was asked."""

    name, can_score = "table", True

    def __init__(self):
        self.asked = []

    def score(self, prefix, continuations):
        from agent.lm import Scores, Timing, Usage

        self.asked.append((prefix[-1].content, list(continuations)))
        bonus = 2.0 if prefix[-1].content == "talk" else 0.0
        values = [-float(len(c)) + bonus * c.endswith("b") for c in continuations]
        tokens = np.ones(len(values), dtype=int)
        return Scores(np.array(values), tokens, Usage(prompt_tokens=len(values)), Timing())


def test_pmi_is_the_gain_from_the_conversation_and_priors_are_kept(tmp_path):
    talk, blank = [Message("user", "talk")], [Message("user", "blank")]
    model = _Scoring()
    scorer = PmiScorer(model, ["a", "b", "ccc"], tmp_path)
    pmi, usage = scorer.score(talk, blank, [0, 1, 2])
    assert pmi.tolist() == [0, 2, 0]
    assert usage.prompt_tokens == 6
    again = PmiScorer(model, ["a", "b", "ccc"], tmp_path)
    pmi, usage = again.score(talk, blank, [1])
    assert pmi.tolist() == [2]
    assert usage.prompt_tokens == 1
    assert [prompt for prompt, _ in model.asked] == ["talk", "blank", "talk"]


def test_nothing_is_scored_to_nothing():
    pmi, _ = PmiScorer(_Scoring(), ["a"]).score([Message("user", "talk")], [Message("user", "blank")], [])
    assert pmi.tolist() == []


def test_a_broken_prior_file_is_made_anew(tmp_path):
    talk, blank = [Message("user", "talk")], [Message("user", "blank")]
    PmiScorer(_Scoring(), ["a", "b"], tmp_path).score(talk, blank, [0, 1])
    (stored,) = (tmp_path / "priors").iterdir()
    stored.write_bytes(b"\x93NUMPY broken")
    pmi, _ = PmiScorer(_Scoring(), ["a", "b"], tmp_path).score(talk, blank, [0, 1])
    assert pmi.tolist() == [0, 2]
