"""Which titles are found, and which words are only words."""

from __future__ import annotations

import pytest

from agent.catalog import Catalog, Item
from agent.understanding import RuleUnderstander
from agent.understanding.text import LIMIT
from agent.understanding.titles import Titles, forms


def named(understander, text):
    return [m.item_ids[0] for m in understander.understand(text).mentions]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Inception was great", ["inception"]),
        ("INCEPTION WAS GREAT", ["inception"]),
        ("i love inception, heat and drive", ["inception", "heat", "drive"]),
        ("the shawshank redemption", ["shawshank"]),
        ("Mission Impossible", ["mi"]),
        ("mission: impossible", ["mi"]),
        ("wall-e, WALL E or walle", ["walle", "walle", "walle"]),
        ("Seven and se7en", ["se7en", "se7en"]),
        ("schindlers list", ["schindler"]),
        ("Schindler’s List", ["schindler"]),
        ("the godfather part 2", ["godfather2"]),
        ("Godfather II", ["godfather2"]),
        ("Alien 3 was weak", ["alien3"]),
        ("twelve monkeys", ["monkeys"]),
        ("“Up” was lovely", ["up"]),
        ("'Her' broke my heart", ["her"]),
        ("the movie It", ["it"]),
        ("I watched It last night", ["it"]),
        ("I loved Her.", ["her"]),
        ("Big is so funny", ["big"]),
        ("watched saw and loved it", ["saw"]),
        ("Alien > Aliens", ["alien", "aliens"]),
        ("the fellowship of the ring", ["fellowship"]),
        ("《Alien》怎么样？", ["alien"]),
        ("讨厌Titanic", ["titanic"]),
    ],
)
def test_titles_are_found(movies, text, ids):
    assert named(movies, text) == ids


@pytest.mark.parametrize(
    "text",
    [
        "I loved her performance",
        "it was great",
        "go ahead and surprise me",
        "us two want something big",
        "what's up?",
        "I saw a good one yesterday",
        "I want something new",
        "a drive through the night",
        "the heat is on tonight",
        "movies with Gravity Jones",
        "Titanic Story 4 is no movie of ours",
        "the kids are asleep",
        "I love Aliens: Colonial Marines",
    ],
)
def test_everyday_words_are_no_titles(movies, text):
    assert named(movies, text) == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Incepton", ["inception"]),
        ("i love shawshank redemtion", ["shawshank"]),
        ("something like the godfahter", ["godfather"]),
        ('I liked "Promethius"', ["prometheus"]),
    ],
)
def test_misspelt_titles_are_found(movies, text, ids):
    assert named(movies, text) == ids


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("The Thing is great", ("thing82", "thing11")),
        ("The Thing (1982) is great", ("thing82",)),
        ("The Thing (2011)", ("thing11",)),
        ("The Thing from 2011 is bad", ("thing11",)),
        ("the 1982 Thing", ("thing82",)),
        ("The Thing (2012)", ("thing11",)),  # a year off: premieres differ
        ("I hated Titanic", ("titanic", "titanic53")),
        ("heat was fine", ("heat", "theheat")),  # the title as it stands before one without its article
        ("the saw movies", ("saw", "saw2")),
        (
            "i love lord of the rings",
            ("return", "fellowship", "lotr78"),
        ),  # far more popular than the namesake
        ("harry potter", ("hp1", "hp2")),
    ],
)
def test_all_candidates_best_first(movies, text, candidates):
    (mention,) = movies.understand(text).mentions
    assert mention.item_ids == candidates


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("I loved Wonder Woman", ("Wonder Woman",)),
        ("Toy Story 4 was meh", ("Toy Story 4",)),
        ("The Thing (1999) was odd", ("The Thing",)),
        ('have you seen "the room"?', ("the room",)),
        ("I love Tom Hanks", ()),
        ("anything by Ridley Scott?", ()),
        ("What a day, see you on Monday", ()),
    ],
)
def test_unknown_titles(movies, text, unknown):
    assert movies.understand(text).unknown_titles == unknown


def test_offsets_are_those_of_the_words(movies):
    text = "Hi! I loved  Alien and «The Thing (1982)»"
    said = movies.understand(text)
    assert [(m.text, said.text[m.start : m.end]) for m in said.mentions] == [
        ("Alien", "Alien"),
        ("The Thing (1982)", "The Thing (1982)"),
    ]


def test_a_part_of_a_long_title(papers):
    said = papers.understand('I enjoyed "flower pose estimation for pollination"')
    assert [m.item_ids for m in said.mentions] == [("p1",)]
    assert named(papers, "more papers like FloPE") == ["p1"]
    assert named(papers, "work on pose estimation") == []


def test_names_of_the_last_list_need_less(movies):
    assert named(movies, "i watched bridge") == []
    shown = movies.understand("i watched bridge", ["bridge"]).mentions
    assert [m.item_ids for m in shown] == [("bridge",)]


def test_a_long_utterance_is_cut_to_head_and_tail(movies):
    said = movies.understand("I love Alien. " + "bla " * 1_300_000 + "I hate Titanic.")
    assert len(said.text) <= LIMIT + 3
    assert [m.item_ids[0] for m in said.mentions] == ["alien", "titanic"]


@pytest.mark.parametrize("text", ["I love Alien. ", "((((", '"', "like ", "1990 ", "Alien, ", "的"])
def test_hostile_lengths_are_cut(movies, text):
    assert len(movies.understand(text * 1_000_000).text) <= LIMIT + 3


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07\x1b[31m", "😀😀", "\ud800", "\ue000\ue001 x"])
def test_nothing_is_said(movies, text):
    said = movies.understand(text)
    assert said.mentions == ()
    assert said.constraints == ()


def test_control_characters_and_emoji_do_not_hide_titles(movies):
    assert named(movies, "I love\x00 Alien\x07 👽 and Gravity 👍") == ["alien", "gravity"]


def test_forms_of_a_title():
    found = dict(forms(Item("g", "The Godfather: Part II", 1974)))
    assert {"the godfather part ii", "the godfather 2", "godfather part 2"} <= set(found)


def test_similar_titles_need_equal_numbers_and_real_slips():
    titles = Titles(Catalog([Item("1", "Iron Man 2"), Item("2", "Black Swan"), Item("3", "Casino Royale")]))
    assert titles.similar("iron man 3", 80) is None
    assert titles.similar("black swim", 80) is None
    assert titles.similar("casino royal", 80) == ("casino royale", pytest.approx(96.0))


def test_a_catalog_without_years_categories_or_popularity():
    understander = RuleUnderstander(Catalog([Item("a", "Alpha Beta"), Item("b", "Gamma")]))
    said = understander.understand("I love Alpha Beta, no horror after 1990 under 20 dollars")
    assert [m.item_ids for m in said.mentions] == [("a",)]
    assert said.constraints == ()
