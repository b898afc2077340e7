"""Names beside the points of a plot, without overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

CHARACTER, LINE = 6.4, 14.0
"""Pixels that a character and a line of a label take."""

_GAP = 8.0

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Label:
    """A name at ``x`` percent and ``dx`` pixels, with its baseline at ``y`` pixels."""

    x: float
    dx: float
    y: float
    anchor: Anchor
    text: str


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def place_labels(
    points: Sequence[tuple[float, float, str]],
    others: Sequence[tuple[float, float]] = (),
    *,
    width: float,
    height: float,
    limit: int = 30,
) -> tuple[Label, ...]:
    """Place names beside points, the first ones first; a name that finds no free place is left out.

    Args:
        points: Of each point, x in percent of the width, y in pixels, and its name.
        others: Points without a name, which are not to be covered either.
        width: Pixels that the plot is expected to take.
        height: Its height in pixels.
        limit: Characters after which a name is cut.
    """
    places = [*others, *((x, y) for x, y, _ in points)]
    taken = [_Box(x * width / 100 - 5, y - 5, x * width / 100 + 5, y + 5) for x, y in places]
    labels = []
    for x, y, name in points:
        text = name if len(name) <= limit else f"{name[: limit - 1].rstrip()}…"
        for label, box in _candidates(x, y, text, width):
            inside = box.left >= 0 and box.right <= width and box.top >= 0 and box.bottom <= height
            if inside and not any(box.meets(other) for other in taken):
                taken.append(box)
                labels.append(label)
                break
    return tuple(labels)


def spread_out(wanted: Iterable[float], *, gap: float, low: float, high: float) -> list[float]:
    """Move places apart until neighbours are ``gap`` from each other, as near as can be to where they were.

    Args:
        wanted: Places in ascending order.
        gap: The least distance; less where they do not all fit.
        low: The least place.
        high: The greatest place.
    """
    places = list(wanted)
    if len(places) > 1:
        gap = min(gap, (high - low) / (len(places) - 1))
    blocks: list[tuple[float, int]] = []  # (place of the first, how many), no two of them in each other's way
    for place in places:
        centre, count = place, 1
        first = min(max(centre, low), high)
        while blocks and first < blocks[-1][0] + gap * blocks[-1][1]:
            start, size = blocks.pop()
            shift = ((start + gap * (size - 1) / 2) * size + centre * count) / (size + count)
            count, centre = size + count, shift
            first = min(max(centre - gap * (count - 1) / 2, low), high - gap * (count - 1))
        blocks.append((first, count))
    return [start + gap * i for start, count in blocks for i in range(count)]


def _candidates(x: float, y: float, text: str, width: float) -> Iterable[tuple[Label, _Box]]:
    length, centre = CHARACTER * len(text), x * width / 100
    half = LINE / 2
    for dy in (0.0, -LINE * 0.7, LINE * 0.7):
        top = y + dy - half
        yield (
            Label(x, _GAP, y + dy + 4, "start", text),
            _Box(centre + _GAP, top, centre + _GAP + length, top + LINE),
        )
        yield (
            Label(x, -_GAP, y + dy + 4, "end", text),
            _Box(centre - _GAP - length, top, centre - _GAP, top + LINE),
        )
    for dy in (-LINE, LINE):
        top = y + dy - half
        yield (
            Label(x, 0.0, y + dy + 4, "middle", text),
            _Box(centre - length / 2, top, centre + length / 2, top + LINE),
        )
