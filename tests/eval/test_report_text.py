from __future__ import annotations

import pytest

from eval.report.text import milliseconds, number, one_line, p_value, plain, plural, signed, tick


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, ".000"),
        (0.1234, ".123"),
        (-0.0312, "−.031"),
        (-0.0001, ".000"),
        (0.9996, "1.00"),
        (1.0, "1.00"),
        (12.34, "12.3"),
        (99.96, "100"),
        (12345.6, "12,346"),
        (-1234.5, "−1,234"),
    ],
)
def test_numbers_keep_three_places_or_so(value: float | None, text: str) -> None:
    assert number(value) == text


def test_differences_carry_their_sign_unless_they_round_to_nothing() -> None:
    assert [signed(v) for v in (0.012, -0.012, 0.0, 0.0001)] == ["+.012", "−.012", ".000", ".000"]


def test_milliseconds_and_p_values() -> None:
    assert [milliseconds(v) for v in (None, 0.42, 9.96, 1234.4)] == ["–", "0.4", "10", "1,234"]
    assert [p_value(p) for p in (None, 0.0004, 0.034, 1.0)] == ["", "p < .001", "p = .034", "p = 1.00"]


def test_ticks_are_short() -> None:
    assert [tick(v) for v in (0.0, 0.1, 0.25, -0.1, 1.0, 1000.0, 2e6)] == [
        "0",
        ".1",
        ".25",
        "−.1",
        "1",
        "1,000",
        "2,000,000",
    ]


def test_what_could_steer_a_terminal_or_break_xml_is_shown_as_replaced() -> None:
    assert plain("a\x1b[31mb\u202ec\x00d\ud800\ufffee") == "a�[31mb�c�d��e"
    assert plain("kept:\ttab\nline\r\nend") == "kept:\ttab\nline\nend"
    assert one_line("  two\n words\t ") == "two words"
    assert one_line("0123456789", 6) == "01234…"


def test_plurals() -> None:
    assert plural(1, "row") == "1 row"
    assert plural(1204, "row") == "1,204 rows"
    assert plural(2, "is", "are") == "2 are"
