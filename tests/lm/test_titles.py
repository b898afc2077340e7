"""The trie of titles."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lm import TitleIndex
from agent.lm.titles import TitleWalk, encode_after

WORDS: dict[str, int] = {}


def by_word(texts: Sequence[str]) -> list[list[int]]:
    """One token a word, punctuation mark or line end; numbered as they come."""
    return [[WORDS.setdefault(w, len(WORDS)) for w in re.findall(r"\w+|\n|[^\w\s]", t)] for t in texts]


def words(tokens: Sequence[int]) -> set[str]:
    return {word for word, token in WORDS.items() if token in set(tokens)}


def everything(index: TitleIndex) -> np.ndarray:
    return np.ones(len(index), dtype=bool)


@pytest.fixture
def index() -> TitleIndex:
    return TitleIndex(["Alien", "Alien Resurrection", "Heat", "Alien Nation", "The Thing"], by_word)


def follow(walk: TitleWalk, *path: str) -> None:
    for word in path:
        walk.advance(WORDS[word])


def test_children_of_the_root_are_the_first_tokens(index: TitleIndex) -> None:
    assert words(index.walk(everything(index)).children()) == {"Alien", "Heat", "The"}


def test_a_title_that_begins_others_can_end_and_can_go_on(index: TitleIndex) -> None:
    walk = index.walk(everything(index))
    follow(walk, "Alien")
    assert words(walk.children()) == {"\n", "Resurrection", "Nation"}
    assert not walk.at_end
    follow(walk, "\n")
    assert walk.at_end
    assert walk.take() == 0
    follow(walk, "Alien")
    assert words(walk.children()) == {"Resurrection", "Nation"}


def test_only_live_titles_are_seen(index: TitleIndex) -> None:
    walk = index.walk(np.array([False, True, False, False, True]))
    assert words(walk.children()) == {"Alien", "The"}
    follow(walk, "Alien")
    assert walk.forced() == [WORDS["Resurrection"], WORDS["\n"]]
    assert walk.take() == 1
    assert walk.forced() == [WORDS["The"], WORDS["Thing"], WORDS["\n"]]
    assert walk.take() == 4
    assert walk.live == 0
    assert len(walk.children()) == 0


def test_titles_that_are_spelled_the_same_are_given_out_one_by_one() -> None:
    index = TitleIndex(["Heat", "Heat", "Ran"], by_word)
    walk = index.walk(everything(index))
    taken = []
    for _ in range(2):
        follow(walk, "Heat", "\n")
        taken.append(walk.take())
    assert taken == [0, 1]
    assert words(walk.children()) == {"Ran"}


def test_line_ends_and_control_characters_in_a_title_cannot_end_it() -> None:
    index = TitleIndex(["Bad\n2. Worse\x00 \t Title\r\n"], by_word)
    assert index.titles == ("Bad 2. Worse Title",)


def test_an_empty_index_has_no_way_on() -> None:
    walk = TitleIndex([], by_word).walk(np.zeros(0, dtype=bool))
    assert walk.live == 0
    assert len(walk.children()) == 0


def test_encode_after_cuts_what_the_tokenizer_puts_in_front() -> None:
    def with_prefix(texts: Sequence[str]) -> list[list[int]]:
        return by_word(["start " + text for text in texts])

    assert encode_after(with_prefix, "1.", [" Heat"]) == by_word(["Heat"])


def test_encode_after_encodes_alone_what_merges_with_the_text_before() -> None:
    def merging(texts: Sequence[str]) -> list[list[int]]:
        return by_word([text.replace(".(", "X") for text in texts])

    assert encode_after(merging, "1.", ["(a", " b"]) == by_word(["(a", "b"])


@given(
    titles=st.lists(st.text(st.sampled_from("ab "), min_size=1, max_size=5), min_size=1, max_size=12),
    data=st.data(),
)
def test_any_walk_ends_at_a_live_title_and_takes_each_once(titles: list[str], data: st.DataObject) -> None:
    index = TitleIndex(titles, lambda texts: [list(text.encode()) for text in texts])
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(titles), max_size=len(titles))))
    walk = index.walk(allowed)
    taken = []
    while walk.live:
        spelled = []
        while not walk.at_end:
            token = data.draw(st.sampled_from(walk.children().tolist()))
            walk.advance(token)
            spelled.append(token)
        row = walk.take()
        assert bytes(spelled).decode() == f" {index.titles[row]}\n"
        taken.append(row)
    assert sorted(taken) == np.flatnonzero(allowed).tolist()


def test_ten_thousand_titles_are_indexed_in_a_second() -> None:
    titles = [f"Film {i % 997} of {i}" for i in range(10_000)]
    start = time.perf_counter()
    index = TitleIndex(titles, lambda texts: [list(text.encode()) for text in texts])
    assert time.perf_counter() - start < 1.0
    assert len(index) == 10_000
