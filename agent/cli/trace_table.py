"""A trace as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from agent.cli.tables import make_table
from agent.lm import Usage
from agent.localisation import text
from agent.trace import Stage, Trace

_COLUMNS = ("stage", "ms", "tokens_in", "tokens_cached", "tokens_out", "came_out")
_LONGEST = 300


def trace_table(trace: Trace, locale: str) -> Table:
    """Stages with milliseconds, tokens and what came out of them."""
    names = {column: text(f"cli.trace_{column}", locale) for column in _COLUMNS}
    return make_table(
        names.values(),
        ((s.name, f"{s.milliseconds:,.0f}", *_tokens(s.usage), _summary(s)) for s in trace.stages),
        right=[names[column] for column in _COLUMNS[1:-1]],
        footer=(text("cli.trace_total", locale), f"{trace.milliseconds:,.0f}", *_tokens(trace.usage), ""),
    )


def _tokens(usage: Usage) -> tuple[str, ...]:
    counts = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
    return tuple(f"{count:,}" if any(counts) else "" for count in counts)


def _summary(stage: Stage) -> str:
    told = {name: value for name, value in stage.outputs.items() if value not in (None, "", [], {}, ())}
    parts = [*stage.notes, *(f"{name}: {_brief(value)}" for name, value in told.items())]
    return " ".join("; ".join(parts).split())[:_LONGEST]


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_brief(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_brief, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
