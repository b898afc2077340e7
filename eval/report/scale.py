"""From values to places along an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 5.0)
_LEAST = 1e-9
"""An axis that holds nothing farther from 0 cannot be divided."""


@dataclass(frozen=True)
class Scale:
    """An axis from ``low`` to ``high``; logarithmic where ``log``, then both are above 0."""

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where the value is, in percent of the axis' length; values off the axis are at its ends."""
        low, high, value = self._warp(self.low), self._warp(self.high), self._warp(value)
        return round(min(max(100 * (value - low) / (high - low), 0.0), 100.0), 2)

    def _warp(self, value: float) -> float:
        return math.log10(max(value, 1e-12)) if self.log else value

    def ticks(self, count: int = 5) -> tuple[float, ...]:
        """Round values within the axis: from two to ``count``, or one more."""
        pick = _log_ticks if self.log else _linear_ticks
        return pick(self.low, self.high, count)


def linear(values: Iterable[float], *, zero: bool = False, pad: float = 0.04) -> Scale:
    """An axis that holds all values, with room at its ends.

    Args:
        values: What must be on it; an axis from 0 to 1 where there is nothing.
        zero: Whether 0 must be on it too. Otherwise it is where the values come near it.
        pad: Room, as a share of the length.
    """
    values = list(values)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if zero or 0 < low < (high - low):
        low, high = min(low, 0.0), max(high, 0.0)
    if max(abs(low), abs(high)) < _LEAST:
        high = 1.0
    room = (high - low or abs(high)) * pad
    return Scale(low - (room if low else 0.0), high + (room if high else 0.0))


def logarithmic(values: Iterable[float]) -> Scale:
    """An axis by powers of ten that holds all values above 0, with room at its ends."""
    values = [value for value in values if value > 0]
    low, high = (min(values), max(values)) if values else (1.0, 10.0)
    room = max(high / low, 2.0) ** 0.08
    return Scale(low / room, high * room, log=True)


def _linear_ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    rough = (high - low) / count
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next((unit * s for s in _STEPS if unit * s >= rough * 0.9), unit * 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(step * i, 12) for i in range(first, last + 1))


def _log_ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1.0,), (1.0, 3.0), _STEPS):
        ticks = [s * 10.0**p for p in powers for s in steps if low <= s * 10.0**p <= high]
        if len(ticks) >= 3:
            return tuple(ticks[:: math.ceil(len(ticks) / (count + 1))])
    return tuple(ticks) if len(ticks) >= 2 else (low, high)
