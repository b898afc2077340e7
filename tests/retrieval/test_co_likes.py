"""How many people like two items, counted by hand."""

import pytest
from support import WordEmbedder

from agent.catalog import Catalog, Interaction
from agent.context import UserContext
from agent.dialogues import PastDialogue, Spoken
from agent.retrieval import ConversationMemory
from agent.retrieval.graph import CoLikes

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
