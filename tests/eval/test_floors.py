import numpy as np
import pytest
from support import WordEmbedder

from agent.catalog import Catalog, Interaction, Item
from agent.lm import ScriptedModel
from eval.datasets import Dialogue, EvalSet, Question, Spoken
from eval.floors import (
    BM25NeighbourFloor,
    EmbeddingNeighbourFloor,
    ItemKnnFloor,
    ItemTextFloor,
    LMAloneFloor,
    NaiveCopyFloor,
    PopularityFloor,
    RandomFloor,
)
from prompts import Message


def dialogue(number, *turns, **items):
    """``items`` maps an id to the turn it is said in; odd turns are the assistant's."""
    roles = ("user", "assistant")
    said = (Spoken(i, turn, roles[turn % 2]) for i, turn in items.items())
    return Dialogue(f"m{number}", tuple(Message(roles[i % 2], t) for i, t in enumerate(turns)), tuple(said))


MEMORY = (
    dialogue(1, "a scary space film", "Alien or Aliens", alien=1, aliens=1),
    dialogue(2, "scary and cold", "The Thing", thing82=1),
    dialogue(3, "a love story", "Amelie", "and another", "The Notebook", amelie=1, notebook=3),
    dialogue(4, "I like Alien", "Then Aliens", "more", "Prometheus", alien=0, aliens=1, prometheus=3),
)


def asks(text="", **fields):
    return Question("q", "d", context=(Message("user", text),) if text else (), **fields)


@pytest.fixture
def talks(films):
    return EvalSet("talks", "conversation", films, (asks("x"),), MEMORY)


def uses(user, *items, value=9.0):
    return [Interaction(user, item, "rate", value, float(t)) for t, item in enumerate(items)]


@pytest.fixture
def ratings(films):
    events = [
        *uses("a", "heat", "drive"),
        *uses("b", "heat", "drive", "up"),
        *uses("c", "heat", "up", value=2.0),
    ]
    catalog = Catalog(films.items, name="films", interactions=events)
    return EvalSet("ratings", "history", catalog, ())


def test_popularity_counts_dialogues_and_leaves_out_what_is_known(talks):
    floor = PopularityFloor(talks)
    # Alien and Aliens are named in two dialogues, four others in one; ties are in a fixed random order.
    assert set(floor(asks("x"), 2).ranked) == {"alien", "aliens"}
    assert set(floor(asks("x"), 6).ranked) == {
        "alien",
        "aliens",
        "thing82",
        "amelie",
        "notebook",
        "prometheus",
    }
    assert floor(asks("x", mentioned=("alien", "gone")), 1).ranked == ("aliens",)
    assert set(floor(asks("x", mentioned=("alien",), repeats=True), 2).ranked) == {"alien", "aliens"}
    assert len(floor(asks("x"), 50).ranked) == 16


def test_options_are_the_only_items(talks):
    ranked = PopularityFloor(talks)(asks("x", options=("up", "alien", "amelie")), 50).ranked
    assert ranked == ("alien", "amelie", "up")


def test_ties_do_not_hang_on_the_order_of_the_catalog():
    items = [Item(str(n), f"Item {n}") for n in range(40)]
    question = asks("x", options=("1", "2", "3", "4", "5"))
    first = PopularityFloor(EvalSet("a", "choice", Catalog(items), (question,)))(question, 5).ranked
    second = PopularityFloor(EvalSet("b", "choice", Catalog(items[::-1]), (question,)))(question, 5).ranked
    assert first == second
    assert first != ("1", "2", "3", "4", "5")


def test_random_lists_differ_by_question_and_seed_alone(talks):
    one, two = RandomFloor(talks), RandomFloor(talks, seed=1)
    other = Question("r", "d")
    assert one(asks(), 16).ranked == RandomFloor(talks)(asks(), 16).ranked
    assert one(asks(), 16).ranked != one(other, 16).ranked
    assert one(asks(), 16).ranked != two(asks(), 16).ranked
    assert set(one(asks(), 16).ranked) == {item.id for item in talks.catalog}


def test_naive_copy_repeats_the_latest_first_and_says_nothing_new(talks):
    floor = NaiveCopyFloor(talks)
    question = asks("x", mentioned=("alien", "heat"), history=tuple(uses("u", "up")), repeats=True)
    assert floor(question, 50).ranked == ("heat", "alien", "up")
    assert floor(asks("x", mentioned=("alien",)), 50).ranked == ()


def test_bm25_neighbours_recommend_what_was_recommended_there(talks):
    floor = BM25NeighbourFloor(talks)
    # A past turn is known by all that was said before it.
    assert floor.texts[3] == "a love story\nAmelie\nand another"
    ranked = floor(asks("another love story"), 3).ranked
    assert ranked[0] == "notebook"  # love, story and another; Amelie's turn lacks the last
    assert ranked[1] == "amelie"
    assert set(floor(asks("something SPACE"), 2).ranked) == {"alien", "aliens"}
    assert floor(asks(""), 2).ranked == PopularityFloor(talks)(asks(""), 2).ranked


def test_embedding_neighbours_weigh_by_cosine(talks, tmp_path):
    floor = EmbeddingNeighbourFloor(talks, WordEmbedder(), cache_dir=tmp_path)
    scores = floor.scores(asks("scary and cold"))
    row = talks.catalog.row
    # The same three words: cosine 1. "a scary space film" shares one of its four: 1 / (sqrt 3 * sqrt 4).
    assert scores[row("thing82")] == pytest.approx(1, abs=1e-6)
    assert scores[row("alien")] == scores[row("aliens")] == pytest.approx(1 / np.sqrt(12), abs=1e-6)
    # "a love story / Amelie / and another" shares one of six words.
    assert 0 < scores[row("notebook")] < scores[row("alien")]
    assert scores[row("heat")] == 0


def test_item_knn_over_dialogues_by_hand(talks):
    scores = ItemKnnFloor(talks).scores(asks("x", mentioned=("alien",)))
    row = talks.catalog.row
    # n(alien) = n(aliens) = 2, together in 2 dialogues: 2 / (2 + 5); Prometheus: 1 / (sqrt 2 + 5).
    assert scores[row("aliens")] == pytest.approx(2 / 7)
    assert scores[row("prometheus")] == pytest.approx(1 / (np.sqrt(2) + 5))
    assert scores[row("amelie")] == 0
    assert not ItemKnnFloor(talks).scores(asks("x")).any()


def test_item_knn_over_users_who_like(ratings):
    floor = ItemKnnFloor(ratings)
    row = ratings.catalog.row
    scores = floor.scores(asks(history=(*uses("u", "heat"), *uses("u", "alien", value=2.0))))
    # c dislikes both Heat and Up, so they are together once (b) and Heat and Drive twice.
    assert scores[row("drive")] == pytest.approx(2 / (2 + 5))
    assert scores[row("up")] == pytest.approx(1 / (np.sqrt(2) + 5))
    assert not floor.scores(asks(history=tuple(uses("u", "heat", value=2.0)))).any()


def test_item_text_compares_what_was_said_or_liked(talks, tmp_path):
    floor = ItemTextFloor(talks, WordEmbedder(), cache_dir=tmp_path)
    assert floor(asks("Unforgiven, the Western drama"), 1).ranked == ("unforgiven",)
    liked = floor(asks(history=tuple(uses("u", "thing82"))), 1).ranked
    assert liked == ("thing11",)  # the same title and categories
    assert not floor.scores(asks(history=tuple(uses("u", "thing82", value=1.0)))).any()


def test_the_model_alone_lists_ten_at_most(talks):
    model = ScriptedModel(["1. Heat\n2. Alien\n3. Up"])
    answer = LMAloneFloor(talks, model)(asks("something tense", mentioned=("alien",)), 50)
    assert answer.ranked[:2] == ("heat", "up")  # Alien is known
    assert len(answer.ranked) == 10
    assert [title.text for title in answer.titles[:2]] == ["Heat", "Up"]
    assert answer.usage.prompt_tokens > 0
    prompt = model.prompts[0]
    assert any("Alien (1979)" in message.content for message in prompt)


def test_a_model_that_cannot_be_constrained_writes_freely(talks):
    model = ScriptedModel(["1. Heat (1995)\n2. Nobody's Film At All\n3. Alien"])
    model.can_constrain = False
    answer = LMAloneFloor(talks, model)(asks("something tense", mentioned=("alien",)), 50)
    assert answer.ranked == ("heat",)
    assert [title.item_id for title in answer.titles] == ["heat", None, "alien"]


def test_turns_of_the_memory_are_embedded_once_for_all_folds(films, tmp_path):
    class Counting(WordEmbedder):
        asked = 0

        def encode(self, texts, *, progress=None):
            self.asked += len(texts)
            return super().encode(texts, progress=progress)

    embedder = Counting()
    for memory in (MEMORY[:3], MEMORY[1:], MEMORY[:2] + MEMORY[3:]) * 2:
        data = EvalSet("talks", "conversation", films, (asks("x"),), memory, folds=(0, 1, 2))
        EmbeddingNeighbourFloor(data, embedder, cache_dir=tmp_path).likenesses("")
    # Six turns name items, one in each of the first two dialogues and two in the others; and six questions.
    assert embedder.asked == 6 + 6
