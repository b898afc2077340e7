import numpy as np
import pytest
from support import FILMS, WordEmbedder
from tiny_model import save_llama

from agent import Recommender, Strategy, UserContext
from agent.catalog import Catalog, Interaction, Item
from agent.context import Constraint, PreferenceState
from agent.dialogues import PastDialogue, Spoken
from agent.errors import ServerError, SettingsError, VectorEngineError
from agent.lm import ScriptedModel, load_model
from agent.settings import Settings
from prompts import Message, UnknownPromptError

RULES = "understand=rules,scorer=none,n=3,diversity=0,popularity_weight=0"


@pytest.fixture
def make(films, tmp_path):
    def recommender(model=None, **fields):
        settings = Settings(cache_dir=tmp_path)
        return Recommender(films, model, embedder=WordEmbedder(), settings=settings, **fields)

    return recommender


def labels(made):
    return [r.label for r in made]


def test_generated_titles_lead_when_they_are_the_only_source(make):
    model = ScriptedModel(["1. Heat\n2. Up\n3. Drive"])
    made = make(model).recommend("something tense", strategy=f"{RULES},generation=constrained,sources=")
    assert labels(made) == ["Heat (1995)", "Up (2009)", "Drive (2011)"]
    assert made[0].sources == ("generated",)
    assert made.trace["generate"].outputs["items"] == ["heat", "up", "drive"]


def test_a_search_finds_the_most_probable_titles_that_are_allowed(make, tmp_path):
    model = load_model(f"{save_llama(tmp_path / 'tiny', [film.title for film in FILMS])}:bf16")
    recommender = make(model)
    context = UserContext(state=PreferenceState(seen=frozenset({"heat", "up"})))
    strategy = (
        "understand=rules,generation=beam,sources=,scorer=none,diversity=0,explain=none,preference_weight=0"
    )
    for debias in (0, 0.7):
        made = recommender.recommend(
            "something tense",
            context,
            strategy=f"{strategy},fusion=rrf,popularity_weight=0,beam_debias={debias}",
            n=14,
        )
        prompt = made.trace["prompt"].outputs["messages"]
        assert made.trace["prompt"].inputs["prompt"] == "score/next_title"
        ended = [f" {title}\n" for title in recommender.parts.generator.titles]
        scores = model.score([Message(**message) for message in prompt], ended).logprobs
        nobody = [
            Message(m.role, m.content.replace("something tense\n\n", ""))
            for m in (Message(**m) for m in prompt)
        ]
        scores = scores - debias * model.score(nobody, ended).logprobs
        best = [FILMS[row].id for row in np.argsort(-scores) if FILMS[row].id not in ("heat", "up")]
        assert list(made.ids) == best


def test_scores_can_be_asked_for_with_past_dialogues_shown(make):
    past = PastDialogue(
        "d1",
        (Message("user", "I want something tense"), Message("assistant", "Heat")),
        (Spoken("heat", 1, "assistant", 1),),
    )
    asked = []
    model = ScriptedModel(scores=lambda prefix, text: asked.append(prefix) or -1.0)
    recommender = make(model, dialogues=[past])
    strategy = "understand=rules,generation=none,explain=none,score_weight=1"
    for prompt in ("score/few_shot", "score/next_title"):
        recommender.recommend("something tense", strategy=f"{strategy},score_prompt={prompt},shots=3")
    shown = ["I recommend Heat (1995)" in [m.content for m in prefix] for prefix in asked]
    # With the conversation first, then without it: nobody's prompt shows nobody's dialogues.
    assert shown[0]
    assert not any(shown[len(recommender.catalog) :])


def test_freely_written_titles_are_grounded_and_what_is_not_in_the_catalog_is_rejected(make):
    model = ScriptedModel(["1. Heat (1995)\n2. The Imaginary Film of Nobody\n3. The Thing (1982)"])
    made = make(model).recommend("something tense", strategy=f"{RULES},generation=free,sources=")
    assert made.ids == ("heat", "thing82")
    rejected = [g for g in made.trace["ground"].outputs["groundings"] if g["item_id"] is None]
    assert [g["text"] for g in rejected] == ["The Imaginary Film of Nobody"]
    assert made.notes == ("Only 2 of the 3 you asked for meet what you said.",)


def test_a_free_title_that_was_ruled_out_is_not_recommended(make):
    context = UserContext(state=PreferenceState(seen=frozenset({"heat"})))
    model = ScriptedModel(["1. Heat\n2. Up"])
    made = make(model).recommend("something tense", context, strategy=f"{RULES},generation=free,sources=")
    assert made.ids == ("up",)
    assert "heat is in the catalog but not allowed" in made.trace["ground"].notes


def test_every_stage_leaves_its_record(make):
    model = ScriptedModel(["1. Heat"], scores=lambda prefix, text: -float(len(text)))
    made = make(model).recommend(
        "a crime film", strategy="understand=rules,generation=constrained,score_weight=1,n=2"
    )
    names = [stage.name for stage in made.trace.stages]
    assert names == [
        "understand", "filter", "interests", "prompt", "generate", "ground",
        "retrieve", "fuse", "rank", "diversify", "explain", "ask",
    ]  # fmt: skip
    assert made.trace["prompt"].inputs["prompt"] == "recommend/zero_shot"
    assert len(made.trace["prompt"].inputs["hash"]) >= 8
    assert made.trace["rank"].usage.prompt_tokens > 0
    assert made.trace.milliseconds > 0


def test_pmi_decides_where_fusion_is_level(make):
    def scores(prefix, text):
        asked = any("heist" in message.content for message in prefix)
        return -5.0 + 4.0 * (asked and text.strip() == "Heat")

    strategy = "understand=rules,generation=none,sources=popularity,score_weight=50,diversity=0,n=1"
    made = make(ScriptedModel(scores=scores)).recommend("a heist", strategy=strategy)
    assert made.ids == ("heat",)


def test_seen_rejected_rated_and_excluded_items_never_come_back(make, films):
    context = UserContext(
        history=(Interaction("u", "godfather", "rate", 9.0),),
        state=PreferenceState(
            attitudes={"alien": 1}, seen=frozenset({"aliens"}), rejected=frozenset({"hangover"})
        ),
        constraints=(Constraint("categories", "not in", ("Animation",)),),
    )
    made = make().recommend("anything", context, n=100, strategy="fast")
    assert set(made.ids) == {
        item.id for item in films if "Animation" not in item.categories
    } - {"godfather", "alien", "aliens", "hangover"}  # fmt: skip


def test_an_empty_request_shows_a_diverse_popular_list_and_asks_one_question(make):
    made = make().recommend("", n=4, strategy="fast")
    assert len(made) == 4
    assert made[0].sources == ("popularity",)
    assert made.question is not None
    assert made.question.count("?") == 1
    assert make().recommend("", n=4, strategy="fast,ask=false").question is None


def test_a_constraint_that_leaves_nothing_is_named_and_offered_for_relaxing(make):
    context = UserContext(
        constraints=(
            Constraint("year", "<", 1960, "before 1960"),
            Constraint("categories", "in", ("Comedy",), "a comedy"),
        )
    )
    made = make().recommend("", context, strategy="fast")
    assert len(made) == 0
    assert made.notes == ("Nothing in the catalog meets everything you asked for: before 1960; a comedy.",)
    assert made.question == "Without “before 1960” there are 4. Shall I drop it?"
    assert made.offer == (context.constraints[0],)


def test_a_failing_server_degrades_to_retrieval_and_says_so(make):
    class Down(ScriptedModel):
        def generate(self, messages, sampling=None, *, grammar=None):
            raise ServerError("connection refused", where="http://127.0.0.1:1")

    made = make(Down()).recommend("a crime film", strategy="understand=rules,generation=free,n=3")
    assert len(made) == 3
    assert made.degraded == ("language_model",)
    assert [note for note in made.notes if "connection refused" in note] == list(made.notes)
    assert "generated" not in {source for r in made for source in r.sources}


def test_a_vector_engine_that_is_down_leaves_the_other_sources(make):
    class Down:
        def __len__(self):
            return 16

        def search(self, queries, k, allowed=None):
            raise VectorEngineError("no answer within 2 s", where="vectors:1")

    recommender = make()
    recommender.parts.sources["embedding"]._index = Down()
    made = recommender.recommend("a crime film", strategy="fast,n=3")
    assert len(made) == 3
    assert made.degraded == ("vectors",)
    assert made.to_json()["degraded"] == ["vectors"]
    assert made.notes == ("The search by meaning did not answer; this list is made without it.",)
    assert made.trace["retrieve"].degraded == {"vectors": "no answer within 2 s"}
    assert "embedding" not in {source for r in made for source in r.sources}
    assert make().recommend("a crime film", strategy="fast,n=3").degraded == ()


def test_unknown_names_are_refused(make):
    recommender = make(ScriptedModel(["1. Heat"]))
    with pytest.raises(UnknownPromptError, match="zero_shot"):
        recommender.recommend("x", strategy="understand=rules,prompt=recommend/zero_shoot")
    with pytest.raises(SettingsError, match="telepathy"):
        recommender.recommend("x", strategy="fast,sources=telepathy")
    with pytest.raises(SettingsError, match="unknown strategy 'fastest'"):
        recommender.recommend("x", strategy="fastest")
    with pytest.raises(SettingsError, match="unknown name 'speed'"):
        Strategy.parse("speed=9")
    with pytest.raises(SettingsError, match="n='0'"):
        Strategy.parse("n=0")


def test_strategies_are_written_as_text():
    strategy = Strategy.parse("fast,n=5,sources=lexical|embedding,weights.lexical=2")
    assert (strategy.generation, strategy.n, strategy.sources) == ("none", 5, ("lexical", "embedding"))
    assert strategy.weights == {"lexical": 2.0}


def test_weights_left_open_hang_on_the_fusion():
    ranks = Strategy.parse("weights.popularity=2").weighed("rrf")
    assert (ranks.weights["popularity"], ranks.weights["lexical"]) == (2.0, 0.5)
    assert (ranks.score_weight, ranks.popularity_weight) == (0.2, 0.3)
    assert Strategy().weighed("scores").weights["lexical"] == 0
    fitted = Strategy.parse("score_weight=3").weighed("fitted")
    assert (fitted.score_weight, fitted.popularity_weight) == (3.0, 0.0)


def test_few_items_are_told_apart_by_their_scores_and_not_listed_by_a_small_model(tmp_path):
    catalog = Catalog([Item(str(i), f"heist {i}") for i in range(11)])
    model = ScriptedModel(["1. heist 1"])
    model.parameters = 135_000_000
    recommender = Recommender(catalog, model, embedder=WordEmbedder(), settings=Settings(cache_dir=tmp_path))
    few = UserContext(constraints=(Constraint("id", "in", tuple("0123456789")),))
    for context, fusion, listed in ((few, "scores", False), (UserContext(), "rrf", True)):
        made = recommender.recommend("a heist", context, strategy="understand=rules,explain=none")
        assert made.trace["fuse"].inputs["fusion"] == fusion
        assert ("generate" in [stage.name for stage in made.trace.stages]) == listed


def test_the_same_request_gives_the_same_list(make):
    first = make().recommend("a funny crime film", strategy="fast")
    assert make().recommend("a funny crime film", strategy="fast").ids == first.ids


def test_diversity_spreads_the_list(make):
    def alike(diversity):
        recommender = make()
        made = recommender.recommend("something tense", n=5, strategy=f"fast,diversity={diversity}")
        vectors = recommender.parts.vectors[[recommender.catalog.row(i) for i in made.ids]]
        return float((vectors @ vectors.T).mean())

    assert alike(0.9) < alike(0)


def test_every_recommendation_has_a_reason_with_evidence(make):
    context = UserContext(state=PreferenceState(attitudes={"alien": 2}))
    made = make().recommend("horror", context, strategy="fast,n=3")
    assert all(r.reasons and r.reasons[0].evidence for r in made)
    assert made.to_json()["recommendations"][0]["reasons"][0]


def test_vectors_are_computed_once_and_kept(make, tmp_path):
    first = make()
    first.recommend("something tense", strategy="fast")
    again = make()
    np.testing.assert_array_equal(first.parts.vectors, again.parts.vectors)
    assert list((tmp_path / "embeddings").rglob("*.npy"))


HISTORY = tuple(
    Interaction("u", item_id, "rate", 9.0, float(day))
    for day, item_id in enumerate(("alien", "thing82", "thing11", "airplane", "hangover"))
)


def test_several_interests_are_named_found_for_and_given_their_share(make):
    context = UserContext(history=HISTORY)
    recommender = make()
    names = [interest.name for interest in recommender.interests(context)]
    assert names == ["Horror, Mystery", "Comedy"]
    made = recommender.recommend("", context, n=4, strategy="fast")
    shown = made.trace["interests"].outputs
    assert shown["at_play"]
    assert list(shown["found"]) == names
    assert sum(shown["found"].values()) == pytest.approx(1)
    assert set(made.trace["diversify"].outputs["interests"].values()) == set(names)


def test_feedback_changes_the_interests(make):
    recommender = make()
    context = UserContext(history=HISTORY[:3])
    assert [i.name for i in recommender.interests(context)] == ["Horror, Mystery"]
    liked = context.with_(state=PreferenceState(attitudes={"amelie": 1, "hangover": 1}))
    assert [i.name for i in recommender.interests(liked)] == ["Horror, Mystery", "Comedy"]


def test_a_wish_is_not_spoilt_by_older_interests(make):
    context = UserContext(history=HISTORY)
    plain = make().recommend("a western", context, n=3, strategy="fast")
    assert not plain.trace["interests"].outputs["at_play"]
    assert "interests" not in plain.trace["diversify"].outputs
    assert plain.ids[0] == "unforgiven"


def test_the_prompt_names_the_interests_at_play(make):
    model = ScriptedModel(["1. Heat"])
    strategy = "understand=rules,generation=constrained,scorer=none,n=2"
    made = make(model).recommend("", UserContext(history=HISTORY), strategy=strategy)
    assert made.trace["prompt"].inputs["prompt"] == "recommend/from_history"
    said = "".join(message["content"] for message in made.trace["prompt"].outputs["messages"])
    assert "Horror, Mystery; Comedy" in said


def test_a_number_for_diversity_is_kept_and_auto_follows_the_user(make):
    def dial(request, context=None, diversity="auto", last=()):
        made = make().recommend(request, context, strategy=f"fast,diversity={diversity}", last=last)
        return made.trace["diversify"].inputs["diversity"]

    assert dial("") == 0.25
    assert dial("", diversity=0) == 0
    assert dial("a crime film") == 0.18
    narrow = UserContext(history=HISTORY[3:])  # two comedies
    assert 0.08 < dial("", narrow) < 0.22
    assert dial("surprise me", last=("alien",)) == 0.5
    assert dial("surprise me", diversity=0.7, last=("alien",)) == 0.7


def test_lists_learned_from_interactions_are_spread_less(films, tmp_path):
    events = [Interaction(f"u{u}", item.id, "rate", 9.0) for u in range(9) for item in list(films)[u : u + 6]]
    catalog = Catalog(list(films), name="films", kind="movie", interactions=events)
    recommender = Recommender(catalog, None, embedder=WordEmbedder(), settings=Settings(cache_dir=tmp_path))
    made = recommender.recommend("", UserContext(history=(HISTORY[0],)), strategy="fast,n=3")
    assert recommender.parts.history is not None
    assert made.trace["diversify"].inputs["diversity"] == 0.08


def test_surprise_me_shows_other_kinds_of_items_that_still_fit(make, films):
    context = UserContext(constraints=(Constraint("year", ">=", 1980),))
    recommender = make()
    before = recommender.recommend("", context, n=4, strategy="fast")
    after = recommender.recommend("surprise me", context, n=4, strategy="fast", last=before.ids)
    assert not set(before.ids) & set(after.ids)
    assert all(r.item.year >= 1980 for r in after)
    kinds = [{c for r in made for c in r.item.categories} for made in (before, after)]
    assert kinds[1] - kinds[0]


def test_novelty_favours_the_little_known(make):
    def popularity(novelty):
        made = make().recommend("something tense", n=4, strategy=f"fast,diversity=0,novelty={novelty}")
        return sum(r.item.popularity for r in made)

    assert popularity(1) < popularity(0)


def test_exploration_is_logged_and_can_be_repeated(make):
    strategy = "fast,n=4,explore=0.5"
    made = make().recommend("something tense", strategy=strategy, seed=3)
    assert make().recommend("something tense", strategy=strategy, seed=3).ids == made.ids
    stage = made.trace["diversify"]
    assert stage.inputs["seed"] == 3
    assert stage.outputs["propensities"] == {r.item.id: r.propensity for r in made}
    for r in made:
        drawn = r.item.id in stage.outputs["explored"]
        assert r.propensity <= 0.5 if drawn else r.propensity == 0.5
    unseeded = make().recommend("something tense", strategy=strategy)
    seed = unseeded.trace["diversify"].inputs["seed"]
    assert make().recommend("something tense", strategy=strategy, seed=seed).ids == unseeded.ids
    assert {r.propensity for r in make().recommend("something tense", strategy="fast,n=4")} == {1.0}


@pytest.mark.parametrize("value", ["2", "-0.1", "wide"])
def test_a_wrong_diversity_is_named(value):
    with pytest.raises(SettingsError, match=f"diversity='{value}'"):
        Strategy.parse(f"diversity={value}")
