"""What is felt about what: negation, contrast, scope, pronouns, predicates."""

from __future__ import annotations

import pytest


def attitudes(understander, text, last=()):
    return {m.item_ids[0]: m.attitude for m in understander.understand(text, last).mentions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loved Alien, hated Prometheus", {"alien": 2, "prometheus": -2}),
        (
            "I love Alien, Gravity and Inception but not Titanic",
            {"alien": 2, "gravity": 2, "inception": 2, "titanic": -1},
        ),
        ("I like Alien", {"alien": 1}),
        ("I really like Alien", {"alien": 1}),
        ("I don't like Alien", {"alien": -1}),
        ("I didn't hate Alien", {"alien": 0}),
        ("I don't love Alien or Gravity", {"alien": -1, "gravity": -1}),
        ("not a fan of Titanic", {"titanic": -1}),
        ("big fan of Alien", {"alien": 2}),
        ("can't stand Titanic", {"titanic": -2}),
        ("Alien was ok", {"alien": 0}),
        ("Alien was meh", {"alien": 0}),
        ("Alien was boring", {"alien": -1}),
        ("Alien wasn't boring", {"alien": 1}),
        ("Alien wasn't bad", {"alien": 1}),
        ("Alien was not good", {"alien": -1}),
        ("Alien is my favourite", {"alien": 2}),
        ("my favorite movies are Alien and Gravity", {"alien": 2, "gravity": 2}),
        ("Alien is not one of my favorites", {"alien": -1}),
        ("Alien and Gravity were both brilliant", {"alien": 2, "gravity": 2}),
        ("something like Alien", {"alien": 1}),
        ("nothing like Titanic", {"titanic": -1}),
        ("I don't want anything like Titanic", {"titanic": -1}),
        ("anything but Titanic", {"titanic": -1}),
        ("not Titanic", {"titanic": -1}),
        ("I want to see Gravity", {"gravity": 1}),
        ("I don't want to see Gravity", {"gravity": -1}),
        ("I've seen Alien", {"alien": 0}),
        ("who directed Alien?", {"alien": 0}),
        ("have you seen Alien?", {"alien": 0}),
        ("do you like Alien?", {"alien": 0}),
        ("is Alien any good?", {"alien": 0}),
        ("I heard Alien is great", {"alien": 0}),
        ("I saw Alien and loved it", {"alien": 2}),
        ("I saw Gravity. It was awful.", {"gravity": -2}),
        ("I've seen Gravity but it was too long", {"gravity": -1}),
        ("I loved Alien, Gravity not so much", {"alien": 2, "gravity": -1}),
        ("I love Alien and Gravity was boring", {"alien": 2, "gravity": -1}),
        ("Gravity I loved, Prometheus I hated", {"gravity": 2, "prometheus": -2}),
        ("Gravity bored me to tears", {"gravity": -1}),
        ("Gravity put me to sleep", {"gravity": -1}),
        ("neither Alien nor Gravity did anything for me", {"alien": -1, "gravity": -1}),
        ("Alien is better than Gravity", {"alien": 1, "gravity": 0}),
        ("Alien is not as good as Gravity", {"alien": -1, "gravity": 0}),
        ("I prefer Alien to Gravity", {"alien": 1, "gravity": 0}),
        ("Titanic? No thanks.", {"titanic": -1}),
        ("Gravity - 9/10", {"gravity": 2}),
        ("Gravity 👎", {"gravity": -1}),
        ("I found Titanic boring", {"titanic": -1}),
        ("my wife hates Titanic", {"titanic": -2}),
        ("comedies like Airplane! and Big", {"airplane": 1, "big": 1}),
        ("I enjoyed Alien, though Gravity was a let down", {"alien": 1, "gravity": -1}),
        ("Alien, The Thing and Saw scared me to death", {"alien": 1, "thing82": 1, "saw": 1}),
        ("我喜欢《Alien》，讨厌《Titanic》", {"alien": 1, "titanic": -2}),
        ("我不喜欢《Titanic》", {"titanic": -1}),
        ("《Gravity》很无聊", {"gravity": -1}),
        ("Ich liebe Alien", {"alien": 2}),
        ("Me encantó Inception", {"inception": 2}),
    ],
)
def test_attitude(movies, text, expected):
    assert attitudes(movies, text) == expected


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("I've never seen Titanic", False),
        ("I haven't watched Titanic yet", False),
        ("seen Titanic already", True),
        ("I watched Titanic", True),
        ("I loved Titanic", True),
        ("Titanic was boring", True),
        ("I didn't like Titanic", True),
        ("something like Titanic", False),
        ("I would love to see Titanic", False),
        ("have you seen Titanic?", False),
        ("my niece will love Titanic", False),
        ("我看过《Titanic》", True),
    ],
)
def test_seen(movies, text, seen):
    (mention,) = movies.understand(text).mentions
    assert mention.seen is seen


LAST = ["alien", "gravity", "titanic", "heat", "up"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the second", {2: 0}),
        ("I liked the first and the third", {1: 1, 3: 1}),
        ("#3 was boring", {3: -1}),
        ("number two sounds good", {2: 1}),
        ("I'll take the last one", {5: 1}),
        ("the first two are great", {1: 1, 2: 1}),
        ("the last two are bad", {4: -1, 5: -1}),
        ("none of these", {1: -1, 2: -1, 3: -1, 4: -1, 5: -1}),
        ("not the second one", {2: -1}),
        ("I've already seen 1, 2 and 3", {1: 0, 2: 0, 3: 0}),
        ("no to 2", {2: -1}),
        ("both the first and second look good", {1: 1, 2: 1}),
        ("第二个", {2: 0}),
        ("第三个不错", {3: 1}),
        ("前两部我都看过了", {1: 0, 2: 0}),
        ("都不喜欢", {1: -1, 2: -1, 3: -1, 4: -1, 5: -1}),
        ("the first time I saw it", {}),
        ("the seventh", {}),
        ("give me 3 more", {}),
        ("not before the second half of the 90s", {}),
    ],
)
def test_places_in_the_last_list(movies, text, expected):
    said = movies.understand(text, LAST)
    assert {m.rank: m.attitude for m in said.mentions} == expected
    assert all(m.item_ids == (LAST[m.rank - 1],) for m in said.mentions)


def test_places_point_at_nothing_without_a_list(movies):
    assert movies.understand("none of these, and not the second").mentions == ()


def test_both_needs_a_list_of_two(movies):
    assert [m.rank for m in movies.understand("I like both", LAST[:2]).mentions] == [1, 2]
    assert movies.understand("I like both", LAST).mentions == ()


def test_items_that_the_catalog_lacks_are_ignored(movies):
    assert movies.understand("I like the second", ["alien", "gone"]).mentions == ()


def test_present_tense_about_a_place_does_not_mean_seen(movies):
    assert [m.seen for m in movies.understand("the second is great", LAST).mentions] == [False]
    assert [m.seen for m in movies.understand("the second was great", LAST).mentions] == [True]
