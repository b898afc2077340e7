import numpy as np
import pytest
from metrics_cases import row, value

from agent.lm import Usage
from eval.metrics import WrittenTitle

TITLES = (
    WrittenTitle("Alien (1979)", "a"),
    WrittenTitle("ALIEN", "a"),
    WrittenTitle("Nope", None),
    WrittenTitle("  nôpe ", None),
    WrittenTitle("Brazil", "b"),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("parse_rate", 1),
        ("list_length", 5),
        ("usable_items", 1),  # a; b is in the history
        ("out_of_catalog_rate", 2 / 5),
        ("duplicate_rate", 2 / 5),
        ("echo_rate", 2 / 5),  # both spellings of the example
    ],
)
def test_by_hand(name, expected):
    assert value(name, row("a", titles=TITLES, examples=("Nope", "Other"), history="b")) == pytest.approx(
        expected
    )


def test_rejected_titles_do_not_collide_with_grounded_ones():
    titles = (WrittenTitle("Up", "a"), WrittenTitle("Up", None))
    assert value("duplicate_rate", row(titles=titles)) == 0


def test_no_title_could_be_read():
    silent = row(titles=())
    assert [value(n, silent) for n in ("parse_rate", "list_length", "usable_items")] == [0, 0, 0]
    assert np.isnan([value(n, silent) for n in ("out_of_catalog_rate", "duplicate_rate", "echo_rate")]).all()


def test_a_failed_row_is_not_parsed():
    assert value("parse_rate", row(titles=TITLES, failed=True)) == 0


@pytest.mark.parametrize("name", ["parse_rate", "list_length", "out_of_catalog_rate", "echo_rate"])
def test_systems_that_write_no_text(name):
    assert np.isnan(value(name, row("ab")))


def test_faithfulness():
    assert value("faithfulness", row(faithful=(True, True, False, True))) == 0.75
    assert np.isnan(value("faithfulness", row()))


@pytest.mark.parametrize(
    ("record", "rate_3", "rate_5", "turns"),
    [
        (row(turns=4, succeeded=True), 0, 1, 4),
        (row(turns=3, succeeded=True), 1, 1, 3),
        (row(turns=5, succeeded=False), 0, 0, np.nan),
        (row(turns=2, succeeded=True, failed=True), 0, 0, np.nan),
        (row(), np.nan, np.nan, np.nan),
    ],
)
def test_simulated_dialogues(record, rate_3, rate_5, turns):
    found = [value(n, record) for n in ("success_rate@3", "success_rate@5", "turns_to_success")]
    np.testing.assert_equal(found, [rate_3, rate_5, turns])


def test_cost():
    spent = row(usage=Usage(100, 20, 60), milliseconds=12.5)
    assert [value(n, spent) for n in ("prompt_tokens", "completion_tokens")] == [100, 20]
    assert value("milliseconds_p50", spent) == 12.5
    assert np.isnan(
        [value(n, row()) for n in ("prompt_tokens", "completion_tokens", "milliseconds_p95")]
    ).all()
