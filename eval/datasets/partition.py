"""Folds that share no people: groups of people with as few dialogues between the groups as possible."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Person = TypeVar("Person", bound=Hashable)


def partition(
    pairs: Sequence[tuple[Person, Person]],
    groups: int,
    *,
    balance: float = 0.004,
    steps: int = 400_000,
    seed: int = 0,
) -> dict[Person, int]:
    """Put people into groups so that most dialogues have both of theirs in one, evenly over the groups.

    Simulated annealing (Kirkpatrick, Gelatt and Vecchi, Science 1983) of

        dialogues inside groups - balance * sum over groups of (dialogues inside the group) squared,

    moving one person at a time; the same input and seed give the same partition.

    Args:
        pairs: The two people of every dialogue.
        groups: How many groups.
        balance: How many dialogues an even partition is worth; the more dialogues, the smaller.
        steps: Moves tried.
        seed: Of the random moves.

    Returns:
        The group, from 0, of every person.
    """
    draw = random.Random(seed)
    talked: defaultdict[Person, Counter[Person]] = defaultdict(Counter)
    for one, other in pairs:
        talked[one][other] += 1
        talked[other][one] += 1
    people = list(talked)
    group = {person: draw.randrange(groups) for person in people}
    inside = Counter(group[one] for one, other in pairs if group[one] == group[other])
    for step in range(steps):
        person, new = draw.choice(people), draw.randrange(groups)
        old = group[person]
        if new == old:
            continue
        with_old = _talks(talked[person], group, old)
        with_new = _talks(talked[person], group, new)
        gain = float(with_new - with_old)
        gain -= balance * ((inside[new] + with_new) ** 2 - inside[new] ** 2)
        gain -= balance * ((inside[old] - with_old) ** 2 - inside[old] ** 2)
        temperature = 2.0 * (1 - step / steps) + 1e-3
        if gain >= 0 or draw.random() < math.exp(gain / temperature):
            group[person] = new
            inside[new] += with_new
            inside[old] -= with_old
    return group


def pack(sizes: Mapping[str, int], groups: int) -> dict[str, int]:
    """Put whole blocks into groups as evenly as possible: the largest first, each into the emptiest group."""
    filled = [0] * groups
    found = {}
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        emptiest = filled.index(min(filled))
        found[name] = emptiest
        filled[emptiest] += sizes[name]
    return found


def _talks(partners: Counter[Person], group: Mapping[Person, int], number: int) -> int:
    return sum(count for partner, count in partners.items() if group[partner] == number)
