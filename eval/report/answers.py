"""Samples by row: one question with the answers of all cells, so that they are compared side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from eval.report.board import Board, Line
from eval.report.text import milliseconds, number, one_line, plural
from eval.results import Sample

Outcome = Literal["found", "missed", "failed", "unjudged"]

_SEEN, _LABELLED = 1.0, 9.0
"""Percent of the timing bar from which a stage is seen, and from which its name fits in it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the trace: its place in the timing bar in percent, its tone unlike its neighbours'."""

    name: str
    milliseconds: str
    tokens: str
    notes: tuple[str, ...]
    start: float
    width: float
    labelled: bool
    tone: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one cell answered."""

    line: Line
    sample: Sample
    outcome: Outcome
    headline: str
    stages: tuple[Stage, ...]
    values: tuple[tuple[str, str], ...]
    rejected: int

    @property
    def words(self) -> str:
        """What the filter of the page looks for."""
        return f"{self.outcome} rejected" if self.rejected else self.outcome


@dataclass(frozen=True, slots=True)
class Question:
    """One row with its answers, in the order of the board."""

    key: str
    sample: Sample
    answers: tuple[Answer, ...]

    @property
    def headline(self) -> str:
        """How many cells found a target."""
        found = sum(answer.outcome == "found" for answer in self.answers)
        judged = sum(answer.outcome != "unjudged" for answer in self.answers)
        return f"{found} of {judged} found" if judged else plural(len(self.answers), "answer")

    @property
    def says(self) -> str:
        """The request in one line, or what was said last."""
        said = self.sample.request or next((m.content for m in reversed(self.sample.dialogue)), "")
        liked = ", ".join(item.label for item in self.sample.history)
        return one_line(said or liked or self.sample.id, 140)


def questions(board: Board) -> tuple[Question, ...]:
    """The sampled rows of a board, in the order in which the cells name them first."""
    found: dict[str, list[Answer]] = {}
    for line in board.lines:
        for sample in line.cell.samples:
            found.setdefault(sample.id, []).append(_answer(line, sample))
    return tuple(
        Question(f"row-{place}", answers[0].sample, tuple(answers))
        for place, answers in enumerate(found.values(), start=1)
    )


def stages(trace: Sequence[Mapping[str, Any]]) -> tuple[Stage, ...]:
    """The stages that :meth:`agent.trace.Trace.to_json` gives, with their shares of the time."""
    times = [max(float(stage.get("milliseconds") or 0.0), 0.0) for stage in trace]
    total = sum(times) or 1.0
    found, start, seen = [], 0.0, 0
    for stage, time in zip(trace, times, strict=True):
        width = 100 * time / total
        seen += width >= _SEEN
        tokens = stage.get("tokens") or {}
        notes = tuple(one_line(str(note)) for note in stage.get("notes") or ())
        found.append(
            Stage(
                name=one_line(str(stage.get("stage", ""))),
                milliseconds=milliseconds(time),
                tokens=_tokens(tokens),
                notes=notes,
                start=round(start, 2),
                width=round(width, 2),
                labelled=width >= _LABELLED,
                tone=("odd", "even")[seen % 2],
            )
        )
        start += width
    return tuple(found)


def _answer(line: Line, sample: Sample) -> Answer:
    ranks = [item.rank for item in sample.targets if item.rank is not None]
    outcome: Outcome
    if sample.error is not None:
        outcome, headline = "failed", "failed"
    elif ranks:
        # Of a few options all are ranked: only the first one is a choice.
        right = "accuracy" not in sample.values or min(ranks) == 1
        outcome, headline = "found" if right else "missed", f"rank {min(ranks):,}"
    elif sample.targets:
        outcome, headline = "missed", "not in the list"
    else:
        outcome, headline = "unjudged", "no target"
    values = tuple(
        (found.metric, number(sample.values[found.metric]))
        for found in line.figures
        if found.metric in sample.values
    )
    rejected = sum(title.item_id is None for title in sample.titles)
    return Answer(line, sample, outcome, headline, stages(sample.trace), values, rejected)


def _tokens(tokens: Mapping[str, Any]) -> str:
    """``812 + 40`` for prompt and completion; empty where no model ran."""
    prompt, completion = int(tokens.get("prompt") or 0), int(tokens.get("completion") or 0)
    return f"{prompt:,} + {completion:,}" if prompt or completion else ""
