"""Intervals drawn in the cells of a table: one axis a column, the same lines of reference in every cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.report.board import Board, Figure, Line, Standing
from eval.report.scale import Scale, linear
from eval.report.text import figure, one_line, p_value, plural, signed, tick
from eval.results import CellKind
from eval.statistics import Interval


@dataclass(frozen=True, slots=True)
class Reference:
    """A line through a column, in percent: a ``floor``, the ``best-floor``, the ``baseline``, ``zero``."""

    at: float
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure as text and as a dot with its interval, all places in percent; no dot without a value.

    Attributes:
        text: The value.
        sign: ``▲``, ``▼``, ``≠`` or nothing.
        ends: The interval in words; empty where there is none.
        note: The p-value of a difference.
        sort: What a column is sorted by.
    """

    text: str
    sign: str
    ends: str
    note: str
    sort: float | None
    at: float | None
    low: float | None
    high: float | None
    standing: Standing
    kind: CellKind


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, its axis and its lines of reference."""

    name: str
    note: str
    ticks: tuple[tuple[float, str], ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class PanelRow:
    """The marks of one cell, one a column."""

    line: Line
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one name; an empty name where they are not grouped."""

    name: str
    rows: tuple[PanelRow, ...]


@dataclass(frozen=True, slots=True)
class Panels:
    """A table of marks."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]


def leaders(board: Board) -> Panels:
    """All cells by all headline metrics."""
    columns, marks = [], []
    for metric in board.metrics:
        figures = [line.figure(metric) for line in board.lines]
        scale = _scale(found.interval for found in figures)
        references = _references(board, metric, scale)
        columns.append(Column(one_line(metric), "", _ticks(scale), references))
        marks.append([_mark(f, scale, line.cell.kind) for f, line in zip(figures, board.lines, strict=True)])
    rows = tuple(PanelRow(line, tuple(row)) for line, *row in zip(board.lines, *marks, strict=True))
    return Panels(tuple(columns), (Group("", rows),))


def by_prompt(board: Board) -> Panels | None:
    """The systems under their prompts: the first metric, and its difference from the baseline.

    None where there is no system.
    """
    if not board.systems:
        return None
    metric = board.main
    scale = _scale(line.figures[0].interval for line in board.lines)
    columns = [
        Column(one_line(metric), "", _ticks(scale), _references(board, metric, scale)),
    ]
    differences = [_difference(line.figures[0]) for line in board.systems]
    change = linear([0.0, *_all_ends(differences)], zero=True)
    if board.baseline is not None:
        zero = Reference(change.at(0.0), "zero", "no difference")
        ticks = tuple((change.at(t), f"+{tick(t)}" if t > 0 else tick(t)) for t in change.ticks())
        name = f"difference from {one_line(board.baseline.name, 40)}"
        columns.append(Column(name, "", ticks, (zero,)))
    groups: dict[str, list[PanelRow]] = {}
    for line in board.systems:
        found = line.figures[0]
        marks = [_mark(found, scale, line.cell.kind)]
        if board.baseline is not None:
            marks.append(_change(found, change, line.cell.kind))
        groups.setdefault(_prompt(line), []).append(PanelRow(line, tuple(marks)))
    return Panels(tuple(columns), tuple(Group(name, tuple(rows)) for name, rows in groups.items()))


def by_slice(board: Board) -> Panels | None:
    """All cells by the slices of the rows, by the first metric; None where there are no slices."""
    metric = board.main
    # A slice of all rows says what the table above has said.
    names = dict.fromkeys(
        part.name for line in board.lines for part in line.cell.slices if 0 < part.n < line.cell.n
    )
    if not names:
        return None
    values = {(line.cell.id, part.name): part for line in board.lines for part in line.cell.slices if part.n}
    whole = [line.figures[0].interval for line in board.lines]
    parts = [part.measurements.get(metric) for part in values.values()]
    scale = _scale([*whole, *parts])
    counts = {name: max(part.n for (_, n), part in values.items() if n == name) for name in names}
    columns = [_slice_column(board, scale, "all rows", board.dataset.rows, None)]
    columns += [_slice_column(board, scale, name, counts[name], name) for name in names]
    rows = []
    for line in board.lines:
        marks = [_mark(line.figures[0], scale, line.cell.kind)]
        for name in names:
            part = values.get((line.cell.id, name))
            interval = part.measurements.get(metric) if part is not None else None
            found = Figure(metric, interval, None, "baseline" if line.is_baseline else "untested")
            marks.append(_mark(found, scale, line.cell.kind))
        rows.append(PanelRow(line, tuple(marks)))
    return Panels(tuple(columns), (Group("", tuple(rows)),))


def _slice_column(board: Board, scale: Scale, name: str, n: int, part: str | None) -> Column:
    floors = []
    for line in board.floors:
        found = line.figures[0].interval
        if part is not None:
            found = next((s.measurements.get(board.main) for s in line.cell.slices if s.name == part), None)
        if found is not None and found.value is not None:
            floors.append((found.value, one_line(line.name)))
    references = _floor_references(floors, scale)
    return Column(one_line(name), plural(n, "row"), _ticks(scale, 3), references)


def _scale(intervals: Iterable[Interval | None]) -> Scale:
    return linear(_all_ends(intervals))


def _all_ends(intervals: Iterable[Interval | None]) -> list[float]:
    known = [i for i in intervals if i is not None]
    return [end for i in known for end in (i.value, i.low, i.high) if end is not None]


def _ticks(scale: Scale, count: int = 5) -> tuple[tuple[float, str], ...]:
    return tuple((scale.at(t), tick(t)) for t in scale.ticks(count))


def _references(board: Board, metric: str, scale: Scale) -> tuple[Reference, ...]:
    floors = [
        (value, one_line(line.name))
        for line in board.floors
        if (value := line.figure(metric).value) is not None
    ]
    found = _floor_references(floors, scale)
    base = next((line.figure(metric).value for line in board.lines if line.is_baseline), None)
    if base is None or board.baseline is None or board.baseline.cell.kind == "floor":
        return found
    return (*found, Reference(scale.at(base), "baseline", f"baseline {one_line(board.baseline.name)}"))


def _floor_references(floors: Sequence[tuple[float, str]], scale: Scale) -> tuple[Reference, ...]:
    top = max((value for value, _ in floors), default=None)
    return tuple(
        Reference(scale.at(value), "best-floor" if value == top else "floor", name) for value, name in floors
    )


def _mark(found: Figure, scale: Scale, kind: CellKind) -> Mark:
    ends = ""
    if found.interval is not None and found.interval.low is not None:
        low, high = (figure(found.metric, end) for end in (found.interval.low, found.interval.high))
        ends = f"{low} to {high}"
    return Mark(
        text=figure(found.metric, found.value),
        sign=found.mark,
        ends=ends,
        note="",
        sort=found.value,
        standing=found.standing,
        kind=kind,
        **_places(found.interval, scale),
    )


def _change(found: Figure, scale: Scale, kind: CellKind) -> Mark:
    interval = _difference(found)
    value = interval.value if interval is not None else None
    ends = ""
    if interval is not None and interval.low is not None:
        ends = f"{signed(interval.low)} to {signed(interval.high)}"
    return Mark(
        text="baseline" if found.standing == "baseline" else signed(value),
        sign=found.mark,
        ends=ends,
        note=p_value(found.comparison.adjusted_p) if found.comparison else "",
        sort=value,
        standing=found.standing,
        kind=kind,
        **_places(interval, scale),
    )


def _places(interval: Interval | None, scale: Scale) -> dict[str, float | None]:
    ends = (interval.value, interval.low, interval.high) if interval is not None else (None, None, None)
    at, low, high = (None if end is None else scale.at(end) for end in ends)
    return {"at": at, "low": low, "high": high}


def _difference(found: Figure) -> Interval | None:
    return found.comparison.difference if found.comparison is not None else None


def _prompt(line: Line) -> str:
    if line.cell.kind == "outputs":
        return "stored outputs"
    prompt = line.cell.settings.prompt
    return one_line(prompt) if prompt else "no prompt"
