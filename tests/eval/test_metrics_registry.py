import random

import numpy as np
import pytest
from metrics_cases import ITEMS, row, rows

from agent.lm import Usage
from eval.errors import MetricError
from eval.metrics import METRICS, Rows, WrittenTitle, measure, metric
from eval.protocols.understanding import MEASURES


def answered(number: int):
    """A row with every field filled, different from its neighbours."""
    dice = random.Random(number)
    ranked = dice.sample("abcdef", dice.randint(0, 6))
    return row(
        "".join(ranked),
        "".join(dice.sample("abcdef", 2)),
        f"row {number:02}",
        cluster=f"dialogue {number // 3}",
        history=dice.sample("abcdef", number % 4),
        options="abcdef",
        failed=number == 7,
        titles=tuple(WrittenTitle(i, i) for i in ranked),
        faithful=(True, number % 2 == 0),
        turns=number % 6,
        succeeded=number % 3 > 0,
        understood=dict.fromkeys(MEASURES, (1, number, 2)),
        usage=Usage(number, 2 * number),
        milliseconds=1.1 * number,
    )


def test_every_metric_is_measured_at_its_cutoffs():
    found = measure(rows(*map(answered, range(20))))
    assert {m.metric.name for m in found.values()} == set(METRICS)
    assert [n for n in found if n.startswith("recall@")] == [f"recall@{k}" for k in (1, 5, 10, 20, 50)]
    assert all(m.n > 0 for m in found.values())


def test_row_order_changes_nothing():
    records = [answered(i) for i in range(30)]
    shuffled = random.Random(3).sample(records, len(records))
    one, other = measure(rows(*records)), measure(rows(*shuffled))
    assert [m.values.tobytes() for m in one.values()] == [m.values.tobytes() for m in other.values()]


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_says_what_it_is_and_where_it_comes_from(name):
    description = METRICS[name].description
    assert description
    assert len(description) <= 110


def test_measurements_sum_up():
    found = measure(rows(*[row(row_id=str(i), milliseconds=t) for i, t in enumerate((9.0, 1.0, None, 5.0))]))
    assert found["milliseconds_p50"].value == 5
    assert found["milliseconds_p95"].value == 9
    assert found["milliseconds_p50"].n == 3
    assert np.isnan(found["recall@1"].value)


def test_names_and_cutoffs_can_be_chosen():
    found = measure(rows(row("ab", "b")), ["hit_rate@2", "accuracy", "novelty"])
    assert list(found) == ["hit_rate@2", "accuracy", "novelty@10"]


def test_a_shallow_table_has_no_deep_cutoffs():
    assert list(measure(Rows([row("ab", "b")], ITEMS, depth=7), ["recall"])) == ["recall@1", "recall@5"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("recal@5", "there is no metric 'recal'. Did you mean 'recall'?"),
        ("zzz", "There are: recall"),
        ("accuracy@3", "takes no cutoff"),
        ("recall@0", "Use 1 to 50"),
        ("recall@51", "Use 1 to 50"),
        ("recall@ten", "'recall@ten': the cutoff must be a whole number"),
        ("recall@", "must be a whole number"),
    ],
)
def test_wrong_names(name, message):
    with pytest.raises(MetricError) as caught:
        measure(rows(row("a", "a")), [name])
    assert message in str(caught.value)


def test_a_name_is_taken_once():
    with pytest.raises(MetricError, match="two metrics are called 'recall'"):
        metric("recall")(lambda table: np.zeros(len(table)))


def test_no_rows():
    with pytest.raises(MetricError, match="no rows"):
        measure(rows())


def test_rows_that_cannot_be_measured():
    with pytest.raises(MetricError, match="'a' is ranked twice"):
        row("aba")
    with pytest.raises(MetricError, match="row 'r': item 'z' is ranked but not in the catalog"):
        rows(row("az"))
    with pytest.raises(MetricError, match="two rows have this id"):
        rows(row("a"), row("b"))


def test_what_a_failed_row_lists_is_ignored():
    table = rows(row("ab", "a", failed=True))
    assert (table.ranked == -1).all()
    assert not table.hits.any()
    assert table.failed.tolist() == [True]
