"""Errors of the evaluation suite."""

from __future__ import annotations

from agent.errors import FormatError, GroundrecError


class EvalError(GroundrecError):
    """Base of all errors raised by the evaluation suite."""


class MetricError(EvalError):
    """A metric is unknown, is asked for with a wrong cutoff, or a row cannot be measured."""


class StatisticsError(EvalError):
    """Values or options that no interval or test can be computed from."""


class ResultsError(EvalError):
    """The record of a run is missing, broken or of another format, or does not hold what was asked for."""


class DatasetError(EvalError, FormatError):
    """An evaluation set could not be found or read, or holds lines that break its format."""


class ProtocolError(EvalError):
    """A protocol is unknown, or cannot be run on the evaluation set or the system it was given."""


class MatrixError(EvalError):
    """A matrix has an unknown name or a value that is not allowed."""


class StoreError(EvalError):
    """The folder of a run is in use, damaged, full, or belongs to other data."""


class GateError(EvalError):
    """A gate cannot be judged: it is misspelt, or a run lacks what it is about."""
