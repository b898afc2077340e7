"""What an understander makes of labelled utterances, counted right, found and labelled.

Mentions count where the span overlaps, the best item is one of the label's, and the sign of the
attitude agrees; constraints as triples (field, operator, value) in one form; intents by utterance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from agent.catalog.dates import is_date
from agent.context import Constraint, fold
from agent.understanding import Understanding
from eval.datasets.lines import LabelledLine, read_lines

Understand = Callable[[str, Sequence[str]], Understanding]


@dataclass(frozen=True, slots=True)
class Count:
    """Right, predicted and labelled things; they add up."""

    right: int = 0
    predicted: int = 0
    labelled: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.right + other.right, self.predicted + other.predicted, self.labelled + other.labelled
        )

    @property
    def f1(self) -> float:
        """2 right / (predicted + labelled); 1 where there is nothing to find and nothing was found."""
        total = self.predicted + self.labelled
        return 2 * self.right / total if total else 1.0


@dataclass(frozen=True, slots=True)
class LineScore:
    """The counts of one utterance by measure; ``error`` says why nothing was understood of it, if so."""

    id: str
    source: str
    locale: str
    catalog: str
    counts: Mapping[str, Count] = field(default_factory=dict)
    error: str | None = None


MEASURES = ("mentions", "items", "seen", "constraints", "critiques", "facets", "intents", "relaxed", "n")


def load_labels(path: Path) -> list[dict[str, Any]]:
    """The labelled lines of a file.

    Raises:
        DatasetError: the file cannot be read, or lines break the format; all problems are named.
    """
    return [line.model_dump() for line in read_lines(path, LabelledLine)]


def sign(number: float) -> int:
    """-1, 0 or 1."""
    return (number > 0) - (number < 0)


def score_line(label: Mapping[str, Any], said: Understanding) -> LineScore:
    """All counts of one utterance."""
    counts = {
        "mentions": score_mentions(
            label["mentions"], said, lambda g, m: sign(g["attitude"]) == sign(m.attitude)
        ),
        "items": score_mentions(label["mentions"], said, lambda _g, _m: True),
        "seen": score_mentions(label["mentions"], said, lambda g, m: g["seen"] == m.seen),
        "constraints": score_constraints(label["constraints"], said.constraints),
        "critiques": score_critiques(label["critiques"], said, label["last"]),
        "facets": _sets(
            {(fold(name), sign(value)) for name, value in label["facets"].items()},
            {(fold(value), sign(weight)) for (_, value), weight in said.facets.items()},
        ),
        "intents": score_intents(label["intents"], said.intents),
        "relaxed": _sets(set(label["relaxed"]), set(said.relaxed)),
        "n": _sets({label["n"]} - {None}, {said.n} - {None}),
    }
    return LineScore(label["id"], label["source"], label["locale"], label["catalog"], counts)


def score_mentions(
    labels: Sequence[Mapping[str, Any]], said: Understanding, agrees: Callable[[Mapping[str, Any], Any], bool]
) -> Count:
    """Match each label once: by a mention that overlaps it, names its item first, and agrees."""
    free = list(labels)
    right = extra = 0
    for mention in said.mentions:
        here = [
            g
            for g in free
            if mention.item_ids
            and mention.item_ids[0] in g["ids"]
            and mention.start < g["end"]
            and g["start"] < mention.end
        ]
        match = next((g for g in here if agrees(g, mention)), None)
        if match is not None:
            free.remove(match)
            right += not match.get("optional", False)
            continue
        extra += not any(g.get("optional") for g in here)
    labelled = sum(not g.get("optional", False) for g in labels)
    return Count(right, right + extra, labelled)


def triples(constraints: Iterable[Constraint | Mapping[str, Any]]) -> set[tuple[str, str, Any]]:
    """Constraints in one form: inclusive years, ``<`` and ``<=`` alike for other numbers, folded sets.

    Labels tell no date finer than a year: a date counts by its year.
    """
    found: set[tuple[str, str, Any]] = set()
    for c in constraints:
        given: Mapping[str, Any] = (
            {"field": c.field, "op": c.op, "value": c.value} if isinstance(c, Constraint) else c
        )
        name, op, value = given["field"], given["op"], given["value"]
        if op in ("in", "not in"):
            values = (value,) if isinstance(value, str) else value
            found.add((name, op, frozenset(fold(v) for v in values)))
        elif name == "year" or is_date(value):
            name, number = "year", int(str(value)[:4])
            op = {"<": "<=", ">": ">="}.get(op, op) if is_date(value) else op
            bounds = {
                "<": [("<=", number - 1)],
                ">": [(">=", number + 1)],
                "==": [(">=", number), ("<=", number)],
            }
            found |= {(name, o, v) for o, v in bounds.get(op, [(op, number)])}
        else:
            found.add((name, op[0] if op != "==" else op, float(value)))
    return found


def score_constraints(labels: Sequence[Mapping[str, Any]], constraints: Sequence[Constraint]) -> Count:
    """Triples (field, operator, value); optional ones are neither required nor wrong."""
    required = triples(g for g in labels if not g.get("optional"))
    optional = triples(g for g in labels if g.get("optional"))
    return _sets(required, triples(constraints) - (optional - required))


def score_critiques(labels: Sequence[Mapping[str, Any]], said: Understanding, last: Sequence[str]) -> Count:
    """(kind, stem of the value, place of the reference)."""
    ranks = {item_id: rank for rank, item_id in enumerate(last, 1)}
    required = {(g["kind"], _stem(g["value"]), g["rank"]) for g in labels}
    found = {(c.kind, _stem(c.value), ranks.get(c.item_id or "")) for c in said.critiques}
    return _sets(required, found)


def _stem(value: str | None) -> str | None:
    return None if value is None else fold(value).replace("-", "").replace(" ", "")[:5]


def score_intents(labels: Sequence[str], intents: Sequence[str]) -> Count:
    """One right where every required intent (either of ``a|b``) is there."""
    return Count(int(all(set(g.split("|")) & set(intents) for g in labels)), 1, 1)


def _sets(labelled: set[Any], found: set[Any]) -> Count:
    return Count(len(labelled & found), len(found), len(labelled))


def evaluate(lines: Sequence[Mapping[str, Any]], understand: Callable[[str], Understand]) -> list[LineScore]:
    """Score lines with one understander a catalog.

    Args:
        lines: Labelled lines.
        understand: From a catalog's name to the function that reads an utterance and the last list.
    """
    return list(scores(lines, understand))


def scores(
    lines: Iterable[Mapping[str, Any]], understand: Callable[[str], Understand]
) -> Iterator[LineScore]:
    """Score line by line; one that cannot be read counts as nothing understood. See :func:`evaluate`."""
    readers: dict[str, Understand] = {}
    for line in lines:
        name = line["catalog"]
        if name not in readers:
            readers[name] = understand(name)
        try:
            said = readers[name](line["text"], line["last"])
        except Exception as error:  # a row must come of whatever an understander does
            nothing = score_line(line, Understanding(line["text"]))
            yield replace(nothing, error=f"{type(error).__name__}: {error}")
        else:
            yield score_line(line, said)


def total(scored: Sequence[LineScore], measure: str) -> Count:
    """The counts of all utterances together."""
    return sum((s.counts[measure] for s in scored), Count())


def interval(
    scored: Sequence[LineScore], measure: str, *, samples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """95% percentile bootstrap interval of F1 (of accuracy for intents) over utterances."""
    table = np.array([[c.right, c.predicted, c.labelled] for c in (s.counts[measure] for s in scored)])
    draws = np.random.default_rng(seed).integers(0, len(table), (samples, len(table)))
    right, predicted, labelled = table[draws].sum(axis=1).T
    sizes = predicted + labelled
    values = np.where(sizes > 0, 2 * right / np.maximum(sizes, 1), 1.0)
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
