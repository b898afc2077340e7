"""Places for items that nobody has used yet."""

from __future__ import annotations

from collections.abc import Sequence

from agent.retrieval import Fused

FIRST = 10
"""So many places are never given away."""


def give_places(
    ranked: Sequence[Fused], newcomers: Sequence[str], share: float, *, source: str
) -> tuple[Fused, ...]:
    """Put newcomers on a share of the places behind the tenth, evenly; nothing else changes its order.

    What learns from uses ranks an item that nobody has used behind all others, however well it fits. A place
    far down costs little, and is where such items get their first uses.

    Args:
        ranked: The list, best first.
        newcomers: Ids of items that nobody has used, best first; those in the list keep their places.
        share: Of the places behind the tenth, from 0 to 1.
        source: Where the newcomers come from.

    Returns:
        As many items as ``ranked`` has, each once.
    """
    there = {each.item_id for each in ranked}
    waiting = [item_id for item_id in newcomers if item_id not in there]
    given = min(len(waiting), int(share * max(0, len(ranked) - FIRST)))
    kept = list(ranked[: len(ranked) - given])
    found: list[Fused] = kept[:FIRST]
    rest = kept[FIRST:]
    places = len(ranked) - len(found)
    for place in range(places):
        if (place + 1) * given // max(1, places) > place * given // max(1, places):
            found.append(Fused(waiting[0], found[-1].score if found else 0.0, (source,)))
            waiting = waiting[1:]
        else:
            found.append(rest.pop(0))
    return tuple(found)
