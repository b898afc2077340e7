"""What may be written to a terminal, and what is read from stdin."""

import io
import sys
from types import SimpleNamespace

import pytest

from agent.cli.terminal import clean, input_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 中文\ttab\nline", "plain é 中文\ttab\nline"),
        ("\x1b]0;title\x07\x1b[2J", " ]0;title  [2J"),
        ("\x9b31m", " 31m"),
        ("abc\u202ecba", "abc cba"),
        ("\udcff", " "),
        ("over\rwritten\x00", "over written "),
    ],
)
def test_nothing_controls_the_terminal(text, shown):
    assert clean(text) == shown


def test_input_that_is_not_utf8_is_replaced(monkeypatch):
    stdin = SimpleNamespace(buffer=io.BytesIO(b"caf\xc3\xa9\r\n\xff\xfe title\n\x1b[31m\n\nlast"))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert list(input_lines()) == ["café", "�� title", " [31m", "", "last"]
