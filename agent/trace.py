"""What happened in a turn, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent.errors import GroundrecError
from agent.lm.base import Usage

LANGUAGE_MODEL, VECTORS = "language_model", "vectors"
"""What a turn can do without."""


@dataclass(slots=True)
class Stage:
    """One stage: what came in, what went out, tokens and milliseconds.

    ``inputs`` and ``outputs`` hold JSON-ready values for people and logs; the pipeline itself never
    reads them.
    """

    name: str
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    milliseconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    degraded: dict[str, str] = field(default_factory=dict)
    """What did not answer (``language_model``, ``vectors``), so that the stage did without it, and why."""

    def do_without(self, what: str, *errors: GroundrecError) -> None:
        """Note that something did not answer; nothing where there is no error."""
        for error in errors:
            self.degraded[what] = error.what
            self.notes.append(str(error))


@dataclass(slots=True)
class Trace:
    """The stages of one turn, in the order they ran."""

    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str, **inputs: Any) -> Iterator[Stage]:
        """Time a stage and keep its record, also when it fails."""
        record = Stage(name, dict(inputs))
        self.stages.append(record)
        start = time.perf_counter()
        try:
            yield record
        finally:
            record.milliseconds = (time.perf_counter() - start) * 1000

    def __getitem__(self, name: str) -> Stage:
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    @property
    def degraded(self) -> dict[str, str]:
        """What did not answer in any of the stages, and why."""
        return {what: why for stage in self.stages for what, why in stage.degraded.items()}

    @property
    def usage(self) -> Usage:
        """Tokens of all stages together."""
        return sum((stage.usage for stage in self.stages), Usage())

    @property
    def milliseconds(self) -> float:
        """Milliseconds of all stages together."""
        return sum(stage.milliseconds for stage in self.stages)

    def to_json(self) -> list[Mapping[str, Any]]:
        """The stages as JSON-ready mappings."""
        return [
            {
                "stage": s.name,
                "inputs": s.inputs,
                "outputs": s.outputs,
                "tokens": {
                    "prompt": s.usage.prompt_tokens,
                    "completion": s.usage.completion_tokens,
                    "cached": s.usage.cached_tokens,
                },
                "milliseconds": round(s.milliseconds, 2),
                "notes": s.notes,
                "degraded": s.degraded,
            }
            for s in self.stages
        ]
