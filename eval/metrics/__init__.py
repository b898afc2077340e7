"""Metrics as small pure functions by name: from rows to one value a row."""

# Each module registers its metrics when it is imported; the order here is the order of the tables.
from eval.metrics import accuracy, choice, writing, popularity, diversity, calibration  # noqa: F401, I001
from eval.metrics import conversation, understanding, cost  # noqa: F401
from eval.metrics.ir import ir_measure
from eval.metrics.items import ItemFacts
from eval.metrics.registry import METRICS, Measurement, Metric, measure, metric
from eval.metrics.rows import DEPTH, Row, Rows, WrittenTitle
from eval.metrics.slices import NOT_IN_MEMORY, slices, without_used_targets

__all__ = [
    "DEPTH",
    "METRICS",
    "NOT_IN_MEMORY",
    "ItemFacts",
    "Measurement",
    "Metric",
    "Row",
    "Rows",
    "WrittenTitle",
    "ir_measure",
    "measure",
    "metric",
    "slices",
    "without_used_targets",
]
