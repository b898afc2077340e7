"""Accuracy against diversity or cost: where each cell stands, and which cells no other beats in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from eval.report.board import COST, Board, Line, Standing, better
from eval.report.labels import Label, place_labels, spread_out
from eval.report.scale import Scale, linear, logarithmic
from eval.report.text import figure, one_line, tick
from eval.results import CellKind

HEIGHT = 340.0
"""Pixels of a plot."""

_WIDE, _NARROW = 400.0, 230.0
_GAP = 15.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis, in percent or pixels."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """A cell at ``x`` percent and ``y`` pixels, with its interval from ``low`` to ``high`` pixels."""

    x: float
    y: float
    low: float
    high: float
    kind: CellKind
    standing: Standing
    name: str
    title: str
    on_front: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """The line of a floor at ``y`` pixels; its name stands at ``name_y``."""

    y: float
    name_y: float
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight piece of the front: x in percent, y in pixels."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class TradeOff:
    """One plot, ready to be drawn; every x is in percent, every y in pixels."""

    key: str
    title: str
    x_name: str
    y_name: str
    text: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    points: tuple[Point, ...]
    front: tuple[Segment, ...]
    rules: tuple[Rule, ...]
    labels: tuple[Label, ...]
    labels_narrow: tuple[Label, ...]
    missing: tuple[str, ...]
    height: float = HEIGHT


def trade_offs(board: Board) -> tuple[TradeOff, ...]:
    """The plots that the board has the figures for: against diversity, against milliseconds."""
    wanted = [("diversity", board.diversity), ("time", COST)]
    found = (_plot(board, key, metric) for key, metric in wanted if metric not in (None, board.main))
    return tuple(plot for plot in found if plot is not None)


def front(pairs: Sequence[tuple[float, float]]) -> tuple[int, ...]:
    """Which pairs no other pair is at least as good as in both and better in one, more being better.

    Returns:
        Their places in the sequence, by falling first number.
    """
    order = sorted(range(len(pairs)), key=lambda i: (-pairs[i][0], -pairs[i][1]))
    kept: list[int] = []
    for i in order:
        if not kept or pairs[i][1] > pairs[kept[-1]][1]:
            kept.append(i)
    return tuple(kept)


def _plot(board: Board, key: str, metric: str | None) -> TradeOff | None:
    placed = _placed(board, metric) if metric is not None else []
    if metric is None or len({x for _, x, _ in placed}) < 2:
        return None
    is_cost, is_error = better(metric) == "lower", better(board.main) == "lower"
    x_scale = (logarithmic if is_cost else linear)([x for _, x, _ in placed])
    ends = (end for line, _, y in placed for end in (_ends(line, y) if not line.is_floor else (y,)))
    y_scale = linear(ends, zero=True)
    best = front([(-x if is_cost else x, -y if is_error else y) for _, x, y in placed])
    points = tuple(
        _point(board, metric, place in best, x_scale, y_scale, *row) for place, row in enumerate(placed)
    )
    named = sorted((p for p in points if p.kind != "floor"), key=lambda p: not p.on_front)
    names = [(p.x, p.y, p.name) for p in named]
    others = [(p.x, p.y) for p in points if p.kind == "floor"]
    shown = [line for line, *_ in placed]
    return TradeOff(
        key=key,
        title=f"{one_line(board.main)} against {one_line(metric)}",
        x_name=_axis(metric, "milliseconds an answer, median" if metric == COST else one_line(metric)),
        y_name=_axis(board.main, one_line(board.main)),
        text=_text(board, metric, [placed[i] for i in best]),
        x_ticks=tuple(Tick(x_scale.at(t), tick(t)) for t in x_scale.ticks()),
        y_ticks=tuple(Tick(_pixels(y_scale, t), tick(t)) for t in y_scale.ticks()),
        points=points,
        front=_steps([points[i] for i in best]),
        rules=_rules(board, y_scale),
        labels=place_labels(names, others, width=_WIDE, height=HEIGHT),
        labels_narrow=place_labels(names, others, width=_NARROW, height=HEIGHT, limit=20),
        missing=tuple(one_line(line.name) for line in board.systems if line not in shown),
    )


def _steps(points: Sequence[Point]) -> tuple[Segment, ...]:
    """The border of what the points are at least as good as."""
    return tuple(
        piece
        for one, two in pairwise(points)
        for piece in (Segment(one.x, one.y, two.x, one.y), Segment(two.x, one.y, two.x, two.y))
    )


def _placed(board: Board, metric: str) -> list[tuple[Line, float, float]]:
    """The lines that have both values; a time of 0 has no place on a logarithmic axis."""
    found = []
    for line in board.lines:
        x, y = board.read(line, metric).value, line.figures[0].value
        if x is not None and y is not None and (x > 0 or metric != COST):
            found.append((line, x, y))
    return found


def _ends(line: Line, value: float) -> tuple[float, float]:
    interval = line.figures[0].interval
    if interval is None or interval.low is None or interval.high is None:
        return value, value
    return interval.low, interval.high


def _pixels(scale: Scale, value: float) -> float:
    return round(HEIGHT * (1 - scale.at(value) / 100), 1)


def _point(
    board: Board, metric: str, on_front: bool, x_scale: Scale, y_scale: Scale, line: Line, x: float, y: float
) -> Point:
    low, high = _ends(line, y)
    name = one_line(line.name)
    title = f"{name}: {board.main} {figure(board.main, y)}, {metric} {figure(metric, x)}"
    standing = line.figures[0].standing
    return Point(
        x=x_scale.at(x),
        y=_pixels(y_scale, y),
        low=_pixels(y_scale, low),
        high=_pixels(y_scale, high),
        kind=line.cell.kind,
        standing=standing,
        name=name,
        title=title,
        on_front=on_front,
    )


def _rules(board: Board, scale: Scale) -> tuple[Rule, ...]:
    floors = [(line, value) for line in board.floors if (value := line.figures[0].value) is not None]
    floors.sort(key=lambda pair: -pair[1])
    lines = [_pixels(scale, value) for _, value in floors]
    names = spread_out(lines, gap=_GAP, low=8.0, high=HEIGHT - 8.0)
    return tuple(
        Rule(
            y,
            round(name_y, 1),
            f"{one_line(line.name, 20)} {figure(board.main, value)}",
            one_line(line.name, 13),
        )
        for (line, value), y, name_y in zip(floors, lines, names, strict=True)
    )


def _axis(metric: str, name: str) -> str:
    direction = better(metric)
    return name if direction is None else f"{name}, {direction} is better"


def _text(board: Board, metric: str, best: Sequence[tuple[Line, float, float]]) -> str:
    """The plot in words, for those who do not see it."""
    found = [
        f"{one_line(line.name)} ({board.main} {figure(board.main, y)}, {metric} {figure(metric, x)})"
        for line, x, y in best
    ]
    return f"No other cell is better in both than: {'; '.join(found)}."
