"""The figures on the labelled sets; the README beside the data defines them."""

from __future__ import annotations

import pytest
from understanding_scoring import (
    Count,
    evaluate,
    interval,
    load_catalog,
    load_set,
    score_constraints,
    score_critiques,
    score_intents,
    score_mentions,
    total,
)

from agent.context import Constraint
from agent.understanding import Critique, Mention, RuleUnderstander, Understanding


@pytest.fixture(scope="module")
def read():
    readers = {}

    def reader(name):
        if name not in readers:
            readers[name] = RuleUnderstander(load_catalog(name))
        return readers[name].understand

    return reader


def figures(read, name):
    scores = evaluate(load_set(name), read)
    return {m: total(scores, m).f1 for m in ("mentions", "constraints", "critiques", "intents")}


def test_train(read):
    found = figures(read, "train")
    assert found["mentions"] >= 0.94
    assert found["constraints"] >= 0.95
    assert found["critiques"] >= 0.65
    assert found["intents"] >= 0.94


def test_dev(read):
    found = figures(read, "dev")
    assert found["mentions"] >= 0.95
    assert found["constraints"] >= 0.95
    assert found["critiques"] >= 0.95
    assert found["intents"] >= 0.95


@pytest.mark.parametrize(
    ("name", "mentions", "constraints"), [("written_a", 0.96, 0.97), ("written_b", 0.83, 0.96)]
)
def test_written(read, name, mentions, constraints):
    found = figures(read, name)
    assert found["mentions"] >= mentions
    assert found["constraints"] >= constraints


@pytest.mark.parametrize(
    ("name", "mentions", "constraints"), [("heldout", 0.82, 0.82), ("blind", 0.71, 0.87)]
)
def test_lines_that_nobody_tunes_on(read, name, mentions, constraints):
    """The targets (mentions 0.85, constraints 0.9) are not reached yet.

    The figures are 0.832 and 0.831 on ``heldout``, 0.725 and 0.889 on ``blind``; the bounds are slightly
    under them, so that a loss is noticed.
    """
    found = figures(read, name)
    assert found["mentions"] >= mentions
    assert found["constraints"] >= constraints


LABEL = {"text": "Heat", "start": 0, "end": 4, "ids": ["a", "b"], "attitude": 2, "seen": True}


def mentioned(*mentions):
    return Understanding("Heat and Up", mentions=mentions)


@pytest.mark.parametrize(
    ("mentions", "count"),
    [
        ([Mention(("b",), "Heat", 0, 4, 1)], Count(1, 1, 1)),  # the sign counts, not the strength
        ([Mention(("b", "x"), "Heat", 0, 4, -1)], Count(0, 1, 1)),
        ([Mention(("x", "b"), "Heat", 0, 4, 1)], Count(0, 1, 1)),  # the best id counts
        ([Mention(("b",), "Up", 9, 11, 1)], Count(0, 1, 1)),  # elsewhere in the text
        ([Mention(("a",), "Heat", 0, 4, 1), Mention(("b",), "Heat", 0, 4, 1)], Count(1, 2, 1)),
        ([], Count(0, 0, 1)),
    ],
)
def test_mentions_are_matched_once(mentions, count):
    agrees = lambda g, m: (g["attitude"] > 0) == (m.attitude > 0)  # noqa: E731
    assert score_mentions([LABEL], mentioned(*mentions), agrees) == count


def test_optional_labels_are_neither_required_nor_wrong():
    optional = {**LABEL, "optional": True}
    assert score_mentions([optional], mentioned(Mention(("a",), "Heat", 0, 4)), lambda g, m: True) == Count()
    label = {"field": "categories", "op": "in", "value": ["Comedy"], "optional": True}
    assert score_constraints([label], [Constraint("categories", "in", ("comedy",))]) == Count()


@pytest.mark.parametrize(
    ("label", "constraint"),
    [
        ({"field": "year", "op": ">=", "value": 2011}, Constraint("year", ">", 2010)),
        ({"field": "year", "op": "<=", "value": 1989}, Constraint("year", "<", 1990)),
        ({"field": "price", "op": "<", "value": 30}, Constraint("price", "<=", 30)),
        (
            {"field": "categories", "op": "in", "value": ["A", "b"]},
            Constraint("categories", "in", ("B", "a")),
        ),
    ],
)
def test_one_condition_in_two_forms(label, constraint):
    assert score_constraints([label], [constraint]) == Count(1, 1, 1)


def test_a_single_year_is_two_bounds():
    labels = [{"field": "year", "op": ">=", "value": 2025}, {"field": "year", "op": "<=", "value": 2025}]
    assert score_constraints(labels, [Constraint("year", "==", 2025)]) == Count(2, 2, 2)


def test_critiques_compare_stems_and_places():
    labels = [
        {"kind": "more", "value": "funny", "rank": None},
        {"kind": "more_like", "value": None, "rank": 2},
    ]
    said = Understanding("", critiques=(Critique("more", value="funnier"), Critique("more_like", "y")))
    assert score_critiques(labels, said, ["x", "y"]) == Count(1, 2, 2)
    said = Understanding("", critiques=(Critique("more", value="funny"), Critique("more_like", "y")))
    assert score_critiques(labels, said, ["x", "y"]) == Count(2, 2, 2)


def test_every_required_intent_must_be_there():
    assert score_intents(["recommend|critique", "inform"], ("critique", "inform", "greet")) == Count(1, 1, 1)
    assert score_intents(["recommend", "inform"], ("recommend",)) == Count(0, 1, 1)


def test_f1_and_its_interval():
    assert Count(3, 4, 5).f1 == pytest.approx(6 / 9)
    empty = {"mentions": [], "constraints": [], "critiques": [], "facets": {}, "relaxed": [], "n": None}
    line = {"id": "1", "source": "s", "locale": "en", "catalog": "c", "text": "", "last": [], **empty}
    lines = [{**line, "intents": [intent]} for intent in ["greet"] * 30 + ["thank"] * 10]
    scores = evaluate(lines, lambda _name: lambda text, last: Understanding(text, intents=("greet",)))
    assert total(scores, "intents").f1 == pytest.approx(0.75)
    low, high = interval(scores, "intents")
    # Normal approximation: 0.75 +- 1.96 sqrt(0.75 * 0.25 / 40) = 0.616 .. 0.884.
    assert low == pytest.approx(0.616, abs=0.03)
    assert high == pytest.approx(0.884, abs=0.03)
