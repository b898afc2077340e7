"""What the act of speaking does to attitudes and requirements: recommending, comparing, telling, asking."""

from __future__ import annotations

import pytest


def attitudes(understander, text):
    return {m.item_ids[0]: m.attitude for m in understander.understand(text).mentions}


def sign(number):
    return (number > 0) - (number < 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I recommend Inception", 1),
        ("you should go and watch Inception", 1),
        ("have you seen Inception?", 0),
        ("there is Inception", 0),
        ("it is a bit like Inception", 0),
        ("another good one is Inception", 1),
        ("Inception, one of my favorites", 1),
        ("have you seen Inception? Such a great film.", 1),
        ("Inception. Boring.", -1),
        ("I don't think Inception is any good", -1),
        ("I don't think Inception was bad", 1),
        ("I can't say I enjoyed Inception", -1),
        ("Inception is far from great", -1),
        ("Inception was anything but boring", 1),
        ("Inception was so good", 1),
        ("everyone hates Inception but I think it's brilliant", 1),
        ("critics loved Inception", 0),
        ("my wife loves Inception but I don't", -1),
        ("loved everything about Inception", 1),
        ("what would a fan of Inception watch?", 1),
        ("I'd give Inception a 3 out of 10", -1),
        ("the opposite of Inception", -1),
        ("no more movies like Inception", -1),
    ],
)
def test_attitude_by_speech_act(movies, text, expected):
    assert {i: sign(a) for i, a in attitudes(movies, text).items()} == {"inception": expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Inception was great, Gravity was boring", {"inception": 1, "gravity": -1}),
        ("neither Inception nor Gravity was any good", {"inception": -1, "gravity": -1}),
        ("Inception beats Gravity any day", {"inception": 1, "gravity": 0}),
        ("I'd rather watch Inception than Gravity", {"inception": 1, "gravity": 0}),
    ],
)
def test_comparing(movies, text, expected):
    assert {i: sign(a) for i, a in attitudes(movies, text).items()} == expected


@pytest.mark.parametrize(
    "text",
    [
        "have you seen Sharknado (2014)?",
        "it was a great 80s comedy",
        "what kind of comedies do you like?",
        "if you like horror, there is Inception",
        "I saw a good western last night",
        "horrors today seem cheap",
        "no thriller is as good as Heat",
    ],
)
def test_telling_requires_nothing(movies, text):
    assert movies.understand(text).constraints == ()


@pytest.mark.parametrize(
    "text",
    ["got any comedies from the 80s if you have any?", "Heat was good. Now a comedy", "comedies like Big"],
)
def test_asking_still_requires(movies, text):
    assert [c.value for c in movies.understand(text).constraints if c.field == "categories"] == [("Comedy",)]


@pytest.mark.parametrize(
    ("text", "value"), [("I'm a huge western fan", 1), ("I'm not really a western person", -1)]
)
def test_fans(movies, text, value):
    said = movies.understand(text)
    assert said.facets == {("categories", "Western"): value}
    assert said.constraints == ()


def test_small_talk_is_no_request(movies):
    assert movies.understand("what's the weather like today?").intents == ("off_topic",)
    assert "recommend" in movies.understand("recommend a movie about the weather").intents


def test_a_subject_is_no_request(movies):
    said = movies.understand("papers on large language models for recommendation")
    assert said.wish == "on large language models for recommendation"
