"""Errors of the evaluation suite."""

from __future__ import annotations

from agent.errors import GroundrecError


class EvalError(GroundrecError):
    """Base of all errors raised by the evaluation suite."""


class MetricError(EvalError):
    """A metric is unknown, is asked for with a wrong cutoff, or a row cannot be measured."""


class StatisticsError(EvalError):
    """Values or options that no interval or test can be computed from."""


class ResultsError(EvalError):
    """The record of a run is missing, broken or of another format, or does not hold what was asked for."""
