"""Text that arrives in pieces is wrapped at words."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from agent.cli.flow import Flow, hanging, joined


def flowed(pieces, width=20, indent="  "):
    console = Console(file=io.StringIO(), width=80)
    flow = Flow(console, width, indent=indent)
    for piece in pieces:
        flow.write(piece)
    flow.end()
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        (["The quick brown fox jumps over"], ["  The quick brown", "  fox jumps over"]),
        (["The qu", "ick bro", "wn fox ", "jumps", " over"], ["  The quick brown", "  fox jumps over"]),
        (["one\ntwo", "\n", "three\n"], ["  one", "  two", "  three"]),
        (["a  b\tc"], ["  a b c"]),
        (["exactly eighteen!!"], ["  exactly eighteen!!"]),
        (["averyveryverylongword that"], ["  averyveryverylongword", "  that"]),
        (["你好，告诉我你喜欢什么样的"], ["  你好，告诉我你喜欢", "  什么样的"]),
        (
            ["它和你喜欢的《", "Alien (1979)》", "相近。"],
            ["  它和你喜欢的", "  《Alien (1979)》相", "  近。"],
        ),
        (["甲乙丙丁戊己庚辛壬", "。"], ["  甲乙丙丁戊己庚辛", "  壬。"]),
        (["\x1b[2Jx"], ["  [2Jx"]),
    ],
)
def test_lines(pieces, lines):
    assert flowed(pieces).splitlines() == lines


def test_nothing_is_written_for_nothing():
    assert flowed([]) == ""


@given(st.text(alphabet="ab é中。《\n", max_size=60), st.integers(1, 7))
def test_no_piece_changes_the_lines_and_none_is_too_wide(text, size):
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert flowed(pieces) == flowed([text])
    assert "".join(flowed(pieces).split()) == "".join(text.split())
    for line in flowed(pieces).splitlines():
        assert cell_len(line) <= 20 or " " not in line.strip()


def test_a_paragraph_hangs_without_trailing_spaces():
    lines = hanging(Text(" 1  "), "The quick brown fox  jumps\nover the dog", 26)
    assert [line.plain for line in lines] == [" 1  The quick brown fox", "    jumps over the dog"]


@pytest.mark.parametrize(
    ("parts", "shown"), [(["a"], "a"), (["a", "b"], "a · b"), (["a", "b", "c", "d"], "a · b +2"), ([], "")]
)
def test_joined(parts, shown):
    assert joined(parts, 2) == shown
