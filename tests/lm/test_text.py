"""Streaming text: whole characters, stop strings never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lm.text import StopFilter, TextStream


def decode(tokens: list[int]) -> str:
    return bytes(tokens).decode(errors="replace")


def test_text_is_held_back_while_it_may_become_a_stop_string() -> None:
    stops = StopFilter(["\nUser:"])
    assert stops.push("Heat.\nUs") == "Heat."
    assert stops.push("ed to be") == "\nUsed to be"
    assert stops.push("\nUser: hi") == ""
    assert stops.stopped
    assert stops.text == "Heat.\nUsed to be"
    assert stops.finish() == ""


def test_what_was_held_back_comes_at_the_end() -> None:
    stops = StopFilter(["END"])
    assert stops.push("the EN") == "the "
    assert stops.finish() == "EN"
    assert stops.text == "the EN"


def test_the_stop_string_that_is_complete_first_counts() -> None:
    stops = StopFilter(["aba", "b"])
    assert stops.push("xaba") == "xa"


def test_white_space_at_the_beginning_can_be_dropped() -> None:
    stops = StopFilter(strip=True)
    assert [stops.push(" \n"), stops.push(" Heat "), stops.push(" Ran")] == ["", "Heat ", " Ran"]


def test_a_character_of_several_tokens_comes_whole() -> None:
    stream = TextStream(decode)
    assert [stream.push_tokens([byte]) for byte in "aé".encode()] == ["a", "", "é"]


def test_an_incomplete_last_character_is_dropped() -> None:
    stream = TextStream(decode)
    stream.push_tokens(list("愛".encode()[:2]))
    assert stream.finish() == ""


@given(
    text=st.text(st.sampled_from("abé愛\n")),
    stop=st.lists(st.text(st.sampled_from("ab愛\n"), min_size=1, max_size=3), max_size=2),
    cuts=st.lists(st.integers(1, 4)),
)
def test_any_cutting_gives_the_text_before_the_first_stop_string(
    text: str, stop: list[str], cuts: list[int]
) -> None:
    stream = TextStream(decode, stop)
    rest = text.encode()
    pieces = []
    for cut in [*cuts, len(rest)]:
        pieces.append(stream.push_tokens(list(rest[:cut])))
        rest = rest[cut:]
    pieces.append(stream.finish())
    found = [(text.find(s) + len(s), text.find(s)) for s in stop if s in text]
    assert "".join(pieces) == stream.text == text[: min(found, default=(0, len(text)))[1]]


@pytest.mark.parametrize("stop", [(), ("",)])
def test_no_stop_string_or_an_empty_one_stops_nothing(stop: tuple[str, ...]) -> None:
    assert StopFilter(stop).push("anything") == "anything"
