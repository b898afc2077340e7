"""Attitudes that are implied: turns of phrase, grades, what stands for a thing named before."""

from __future__ import annotations

import pytest

from agent.understanding.grades import grades

LAST = ["alien", "gravity", "titanic", "heat", "up"]


def sign(value):
    return (value > 0) - (value < 0)


def attitudes(understander, text, last=()):
    return {m.item_ids[0]: sign(m.attitude) for m in understander.understand(text, last).mentions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Inception rewired my brain, honestly", {"inception": 1}),
        ("we put on Titanic every single December", {"titanic": 1}),
        ("Prometheus sent me to sleep", {"prometheus": -1}),
        ("I yawned at Gravity and cried at Up", {"gravity": -1, "up": 1}),
        ("Inception is pure torture, we left early", {"inception": -1}),
        ("Watched Gravity. Never again.", {"gravity": -1}),
        ("Gravity? Glorious. Inception too.", {"gravity": 1, "inception": 1}),
        ("Alien was slow at first but I ended up loving it", {"alien": 1}),
        ("Gravity but funnier", {"gravity": 1}),
        ("I need another Inception", {"inception": 1}),
        ("no interest in Prometheus whatsoever", {"prometheus": -1}),
        ("my advisor says Inception is brilliant", {"inception": 0}),
        ("is Prometheus boring?", {"prometheus": 0}),
        ("how long is Titanic?", {"titanic": 0}),
        ("I watched Gravity, now something gripping please", {"gravity": 0}),
    ],
)
def test_implied_attitudes(movies, text, expected):
    assert attitudes(movies, text) == expected


def test_the_former_and_the_latter(movies):
    found = attitudes(movies, "Between Alien and Prometheus, the former rocks, the latter bored me")
    assert found == {"alien": 1, "prometheus": -1}


def test_what_was_named_is_a_model_of_what_is_wanted(movies):
    assert attitudes(movies, "Inception. What else along those lines?") == {"inception": 1}
    assert attitudes(movies, "hated Inception, nothing like that") == {"inception": -1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "I'll take the first, rest can go",
            {"alien": 1, "gravity": -1, "titanic": -1, "heat": -1, "up": -1},
        ),
        ("fine, number four", {"heat": 1}),
        ("third one but quicker", {"titanic": 1}),
        ("hmm, 4?", {"heat": 0}),
        ("swap the second for something calmer", {"gravity": -1}),
        ("1 and 4 I own", {"alien": 0, "heat": 0}),
        ("the penultimate one looks fun", {"heat": 1}),
    ],
)
def test_places_that_are_picked_or_left(movies, text, expected):
    assert attitudes(movies, text, LAST) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("8/10", [1]),
        ("three out of ten", [-1]),
        ("9.5 out of 10", [2]),
        ("2 stars", [-1]),
        ("four stars", [1]),
        ("★★★★☆", [1]),
        ("5/10 and 10/10", [0, 2]),
        ("a solid 7", [1]),
        ("rated over 8/10", []),
        ("at least 4 stars", []),
        ("10 minutes", []),
    ],
)
def test_grades(text, values):
    assert [value for _, _, value in grades(text)] == values
