"""Items of a list that are told apart while they are being written."""

import numpy as np
import pytest

from agent.lm.items import DistinctItems

WORDS = ["\n", "1.", "2.", "3.", "-", " The", " Shining", " Thing", " It", " a", " b"]


def decode(tokens):
    return "".join(WORDS[t] for t in tokens)


def write(items, text, sure=()):
    """Push words; all that are not ``sure`` have the odds of a toss."""
    for word in text:
        token = WORDS.index(word)
        logits = np.zeros(len(WORDS))
        logits[token] = 9.0 if word in sure else 2.0
        items.push(token, logits)


def barred(items):
    return [WORDS[t] for t in np.flatnonzero(np.isneginf(items.mask(np.zeros(len(WORDS)))))]


def test_an_item_is_barred_where_it_was_chosen():
    items = DistinctItems(decode)
    write(items, ["1.", " The", " Shining", "\n", "2."], sure=(" The",))
    assert barred(items) == []
    write(items, [" The"], sure=(" The",))
    assert barred(items) == [" Shining"]
    write(items, [" Thing", "\n", "3.", " The"], sure=(" The",))
    assert barred(items) == [" Shining", " Thing"]


def test_where_its_first_word_was_the_choice_no_other_item_begins_with_it():
    items = DistinctItems(decode)
    write(items, ["1.", " The", " Shining", "\n", "2."], sure=(" Shining",))
    assert barred(items) == [" The"]


@pytest.mark.parametrize("begun", ["1.", "- ", "• "])
def test_the_prompt_may_have_begun_the_first_item(begun):
    items = DistinctItems(decode, begun)
    write(items, [" It", "\n", "-"])
    assert barred(items) == [" It"]


@pytest.mark.parametrize("begun", ["", "Here are 3 films:"])
def test_lines_that_are_no_items_may_be_said_again(begun):
    items = DistinctItems(decode, begun)
    write(items, [" a", " b", "\n", " a"])
    assert barred(items) == []
    write(items, ["\n"])
    assert barred(items) == []


def test_an_empty_item_bars_nothing():
    items = DistinctItems(decode)
    write(items, ["1.", "\n", "2."])
    assert barred(items) == []


def test_scores_are_not_changed_in_place():
    items = DistinctItems(decode, "1.")
    write(items, [" It", "\n", "2."])
    logits = np.zeros(len(WORDS))
    assert np.isneginf(items.mask(logits)).sum() == 1
    assert not logits.any()
