"""Past dialogues found again: the numbers are counted by hand."""

import numpy as np
import pytest

from agent.dialogues import PastDialogue, Spoken
from agent.retrieval import ConversationMemory, Query, memory_sources
from agent.retrieval.scored import log_share
from prompts import Message


def past(id_: str, *turns: str, **items: int | None) -> PastDialogue:
    """A dialogue that the user begins; the assistant says all items in the last turn."""
    roles = ("user", "assistant")
    said = tuple(Message(roles[i % 2], text) for i, text in enumerate(turns))
    last = len(turns) - 1
    return PastDialogue(id_, said, tuple(Spoken(i, last, "assistant", a) for i, a in items.items()))


SPACE = past("space", "monsters in space", "try these", alien=1, aliens=None)
LAUGH = past("laugh", "something to laugh about", "try these", airplane=None, hangover=-1)
SHIPS = past("ships", "space ships", "hm", "slow space ships", "try these", aliens=None, prometheus=2)
ALL = (SPACE, LAUGH, SHIPS)


@pytest.fixture
def memory(films, word_embedder):
    return ConversationMemory(films, word_embedder, ALL)


def everything(films):
    return np.ones(len(films), dtype=bool)


def found(source, query, films):
    return {c.item_id: c.score for c in source.retrieve(query, 10, everything(films))}


def test_neighbours_bring_their_items_and_liked_ones_count_more(memory, films):
    source = memory_sources(memory)["neighbours"]
    # "monsters in space" shares all three words with SPACE, "space" with SHIPS: ("space" twice, "ships"
    # twice, "slow", "hm") has the length sqrt(10), so the cosine is 2 / (sqrt(3) sqrt(10)).
    far = (2 / np.sqrt(30)) ** 6
    assert found(source, Query(said="monsters in space"), films) == pytest.approx(
        {"alien": 1.3, "aliens": 1 + far, "prometheus": 1.6 * far}
    )


def test_the_own_view_compares_the_words_of_the_user_only(films, word_embedder):
    talk = PastDialogue(
        "d",
        (
            Message("user", "robots"),
            Message("assistant", "love stories"),
            Message("user", "yes"),
            Message("assistant", "x"),
        ),
        (Spoken("wall-e", 3, "assistant"),),
    )
    sources = memory_sources(ConversationMemory(films, word_embedder, [talk]))
    query = Query(said="love stories", own="love stories")
    assert "wall-e" in found(sources["neighbours"], query, films)
    assert found(sources["own_neighbours"], query, films) == {}


def test_words_are_compared_by_bm25(memory, films):
    source = memory_sources(memory)["word_neighbours"]
    assert list(found(source, Query(said="laugh, please"), films)) == ["airplane", "hangover"]
    assert source.retrieve(Query(said="?!"), 5, everything(films)) == ()


def test_what_comes_up_together(memory, films):
    source = memory_sources(memory)["co_mention"]
    # aliens is in two dialogues, alien and prometheus in one each, and each is once together with it.
    expected = 1 / (np.sqrt(2) + 5)
    assert found(source, Query(items={"aliens": 1}), films) == pytest.approx(
        {"alien": expected, "prometheus": expected}
    )
    assert found(source, Query(mentioned=("aliens",)), films).keys() == {"alien", "prometheus"}
    assert source.retrieve(Query(items={"aliens": -1}), 5, everything(films)) == ()
    assert source.retrieve(Query(items={"heat": 1}), 5, everything(films)) == ()


def test_scores_are_logarithms_of_shares_for_whatever_rows(memory, films):
    source = memory_sources(memory)["mentions"]
    rows = np.array([films.row("aliens"), films.row("heat")])
    assert source.score(Query(said="x"), rows) == pytest.approx(np.log([2 / 6 + 1e-4, 1e-4]))
    assert log_share(np.zeros(2)) == pytest.approx(np.log([1e-4, 1e-4]))


def test_a_dialogue_is_no_neighbour_of_its_own_turns(memory, films):
    sources = memory_sources(memory)
    query = Query(said="monsters in space", own="monsters in space", items={"aliens": 1}, dialogue_id="space")
    for name in ("neighbours", "own_neighbours", "word_neighbours", "co_mention", "mentions"):
        assert "alien" not in found(sources[name], query, films), name
        assert "prometheus" in found(sources[name], query, films), name
    assert memory.examples("monsters in space", 5, "space")[-1].titles == (
        "Aliens (1986)",
        "Prometheus (2012)",
    )


def test_a_new_dialogue_is_found_at_once_and_replaces_its_older_self(memory, films):
    sources = memory_sources(memory)
    query = Query(said="a western", own="a western", items={"heat": 1})
    assert found(sources["neighbours"], query, films) == {}
    memory.add(past("new", "a western", "this one", unforgiven=1, heat=None))
    for name in ("neighbours", "own_neighbours", "word_neighbours", "co_mention"):
        assert "unforgiven" in found(
            sources[name], Query(query.text, query.items, said=query.said, own=query.own), films
        )
    turns = len(memory)
    memory.add(past("new", "a western", "this one", drive=1))
    assert len(memory) == turns
    names = found(sources["neighbours"], Query(said="a western"), films)
    assert "drive" in names
    assert "unforgiven" not in names


def test_an_empty_memory_says_nothing(films, word_embedder):
    memory = ConversationMemory(films, word_embedder)
    query = Query(said="space", own="space", items={"alien": 1})
    for source in memory_sources(memory).values():
        assert source.retrieve(query, 5, everything(films)) == ()
        assert source.score(query, np.array([0])) is None
    assert memory.examples("space", 2) == ()


def test_examples_are_the_most_similar_dialogues_the_nearest_last(memory):
    examples = memory.examples("slow space ships", 2)
    assert [example.titles for example in examples] == [
        ("Alien (1979)", "Aliens (1986)"),
        ("Aliens (1986)", "Prometheus (2012)"),
    ]
    assert examples[1].dialogue == SHIPS.turns[:3]
    assert memory.examples("laugh", 1)[0].titles == ("Airplane! (1980)",)  # The Hangover was turned down
    assert len(memory.examples("", 3)) == 3
    assert memory.examples("space", 0) == ()


def test_embeddings_are_kept_between_runs(films, word_embedder, tmp_path):
    class Counting(type(word_embedder)):
        encoded = 0

        def encode(self, texts, *, progress=None):
            Counting.encoded += len(texts)
            return super().encode(texts)

    for _ in range(2):
        memory = ConversationMemory(films, Counting(), ALL, cache_dir=tmp_path)
        memory_sources(memory)["neighbours"].retrieve(Query(said="space"), 3, everything(films))
    assert Counting.encoded == 3 + 2  # three turns once, and each query


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_memory_that_forgot_answers_as_one_that_never_knew(memory, films, word_embedder, asked_before):
    query = Query(said="monsters in space ships", own="monsters", items={"alien": 1})
    if asked_before:
        for source in memory_sources(memory).values():
            source.retrieve(query, 10, everything(films))
    memory.forget("space", "nowhere")
    memory.add(PastDialogue("laugh", SHIPS.turns, SHIPS.items))
    other = ConversationMemory(films, word_embedder, [SHIPS, PastDialogue("laugh", SHIPS.turns, SHIPS.items)])
    assert [d.id for d in memory.dialogues] == ["ships", "laugh"]
    assert len(memory) == len(other)
    for name, source in memory_sources(memory).items():
        assert found(source, query, films) == pytest.approx(found(memory_sources(other)[name], query, films))


def test_private_dialogues_are_found_and_are_no_examples(films, word_embedder, tmp_path):
    mine = PastDialogue("mine", SPACE.turns, SPACE.items, private=True)
    memory = ConversationMemory(films, word_embedder, [mine, SHIPS], cache_dir=tmp_path)
    both = ConversationMemory(films, word_embedder, [SPACE, SHIPS])
    for name, source in memory_sources(memory).items():
        query = Query(said="monsters in space", own="monsters in space", items={"alien": 1})
        assert found(source, query, films) == pytest.approx(found(memory_sources(both)[name], query, films))
    assert [example.titles for example in memory.examples("monsters in space", 5)] == [
        example.titles for example in both.examples("monsters in space", 5, "space")
    ]
    rows = [np.load(p).shape[0] for p in tmp_path.rglob("*.npy") if ".keys" not in p.name]
    assert rows
    assert set(rows) == {1}  # the turn of SHIPS: private ones are not on disk
