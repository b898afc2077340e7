"""How many people like two items, counted by hand."""

import pytest
from support import WordEmbedder

from agent import Recommender
from agent.catalog import Catalog, Interaction
from agent.context import UserContext
from agent.dialogues import PastDialogue, Spoken
from agent.explain import violations
from agent.retrieval import ConversationMemory
from agent.retrieval.graph import CoLikes
from agent.settings import Settings

EVENTS = [
    Interaction("ann", "alien", "rate", 9.0),
    Interaction("ann", "aliens", "like"),
    Interaction("bob", "alien", "rate", 8.0),
    Interaction("bob", "aliens", "rate", 7.9),
    Interaction("cy", "alien", "like"),
    Interaction("cy", "aliens", "like"),
    Interaction("cy", "aliens", "dislike"),
    Interaction("dan", "alien", "purchase"),
    Interaction("dan", "aliens", "like"),
    Interaction("eve", "alien", "like"),
    Interaction("eve", "aliens", "like"),
    Interaction("eve", "heat", "like"),
]


def dialogue(name, *items):
    return PastDialogue(name, (), tuple(Spoken(i, turn, "user", a) for turn, (i, a) in enumerate(items)))


@pytest.fixture
def memory(films):
    catalog = Catalog(films.items, interactions=EVENTS)
    both = dialogue("both", ("alien", 1), ("aliens", 2), ("aliens", None), ("unknown", 1))
    changed = dialogue("changed", ("alien", 1), ("aliens", 1), ("aliens", -1))
    return ConversationMemory(catalog, WordEmbedder(), [both, changed, dialogue("named", ("alien", None))])


def test_only_the_latest_likes_of_both_count(memory):
    """Ann, Eve and the dialogue like both; Bob's 7.9, Cy's and the other dialogue's second thoughts don't."""
    likes = CoLikes(memory)
    assert likes.counts("aliens", ["alien", "heat", "up"], UserContext()) == [
        ("alien", 3),
        ("heat", 1),
        ("up", 0),
    ]
    assert likes.counts("aliens", [], UserContext()) == []


def test_nobody_is_told_of_themselves(memory):
    likes = CoLikes(memory)
    assert likes.counts("aliens", ["alien", "heat"], UserContext(user_id="eve")) == [
        ("alien", 2),
        ("heat", 0),
    ]
    assert likes.counts("aliens", ["alien"], UserContext(user_id="ann", dialogue_id="both")) == [("alien", 1)]


def test_a_dialogue_that_joins_is_counted_at_once(memory):
    likes = CoLikes(memory)
    assert likes.counts("heat", ["drive"], UserContext()) == [("drive", 0)]
    memory.add(dialogue("new", ("heat", 1), ("drive", 1)))
    assert likes.counts("heat", ["drive"], UserContext()) == [("drive", 1)]


def test_the_reason_counts_them_and_the_checker_agrees(films, tmp_path):
    events = [Interaction(f"u{n}", i, "rate", 9.0) for n in range(4) for i in ("alien", "notebook")]
    catalog = Catalog(films.items, interactions=events, kind="movie")
    settings = Settings(cache_dir=tmp_path)
    recommender = Recommender(catalog, None, embedder=WordEmbedder(), settings=settings)
    context = UserContext.of(catalog, like=["alien"], user_id="u0")
    made = recommender.recommend("", context, strategy="sources=graph,fusion=rrf,diversity=0,n=3")
    found = next(r for r in made if r.item.id == "notebook")
    reason = found.reasons[0]
    assert "3 people" in reason.text
    assert "Alien (1979)" in reason.text
    subject = found.item, found.label, reason.evidence
    assert violations(reason.text, *subject, context=context, catalog=catalog) == ()
    more = reason.text.replace("3 people", "4 people")
    assert violations(more, *subject, context=context, catalog=catalog)
    assert "3 people" in recommender.why("notebook", context)
