import math

import pytest

from agent.grounding.features import FEATURES, Vocabulary, align, pair_features

TITLES = ("the good heat", "the bad beat", "the shawshank redemption", "alien")
VOCABULARY = Vocabulary(frozenset(t.split()) for t in TITLES)


def features(query, item, **options):
    values = pair_features(query, item, VOCABULARY, **{"margin": 0.2, "year_agrees": False, **options})
    return dict(zip(FEATURES, values, strict=True))


def test_idf():
    # log((4 + 1) / (count + 1)) + 1
    assert VOCABULARY.idf("the") == pytest.approx(math.log(5 / 4) + 1)
    assert VOCABULARY.idf("unheard") == pytest.approx(math.log(5) + 1)
    assert VOCABULARY.idf("alien") == pytest.approx(math.log(5 / 2) + 1)
    assert VOCABULARY.idf("alien", without=3) == VOCABULARY.idf("unheard")


def test_align():
    assert align(["a", "bad", "haet"], ["a", "good", "heat"]) == (
        [("a", "a"), ("haet", "heat")],
        ["bad"],
        ["good"],
    )


def test_equal_titles():
    same = features("alien", "alien", year_agrees=True, cosine=0.9)
    assert (same["ratio"], same["query_missing"], same["item_missing"], same["near"]) == (1, 0, 0, 0)
    assert (same["margin"], same["year"], same["cosine"], same["misspelt"]) == (0.2, 1, 0.9, 0)


def test_a_misspelling_is_told_from_another_word():
    typo = features("shawshenk redemption", "the shawshank redemption")
    assert (typo["misspelt"], typo["known_swap"], typo["edits"]) == (1, 0, 1 / 8)
    other = features("the good beat", "the good heat")
    assert (other["misspelt"], other["known_swap"]) == (0, 1)


def test_the_words_of_an_absent_title_are_not_known():
    assert features("beat", "heat", without=1)["known_swap"] == 0
    assert features("beat", "heat")["known_swap"] == 1


def test_missing_words_weigh_by_rarity():
    found = features("good heat", "alien good heat")
    rare = VOCABULARY.idf("alien")
    total = rare + VOCABULARY.idf("good") + VOCABULARY.idf("heat")
    assert found["item_missing"] == pytest.approx(rare / total)
    assert found["query_missing"] == 0


def test_inflection_and_article():
    assert features("aliens", "alien")["inflected"] == 1
    assert features("the alien", "alien")["article"] == 1
    assert features("a alien", "the alien")["article"] == 0
