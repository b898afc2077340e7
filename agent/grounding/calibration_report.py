"""How well titles are grounded, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.grounding.logistic import wilson
from agent.grounding.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class KindReport:
    """Counts for one kind of variant, in the catalog and with the true item removed from it.

    A namesake is another item that bears the very title (and does not contradict the year) of the
    variant: without more context nobody can tell which of them is meant, nor that one is missing.

    Args:
        kind: Of the variants.
        total: Variants of this kind.
        right: Linked to the true item.
        namesake: Linked to a namesake of it.
        wrong: Linked to any other item.
        ambiguous: Variants that have a namesake.
        false_namesake: With the true item removed, linked to a namesake.
        false_other: With the true item removed, linked to any other item.
    """

    kind: str
    total: int
    right: int
    namesake: int
    wrong: int
    ambiguous: int
    false_namesake: int
    false_other: int

    @property
    def rejected(self) -> int:
        """Variants that were not linked although their item is in the catalog."""
        return self.total - self.right - self.namesake - self.wrong

    def __add__(self, other: KindReport) -> KindReport:
        counts = [a + b for a, b in zip(_counts(self), _counts(other), strict=True)]
        return KindReport("all", *counts)


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Fitted thresholds and what they do on the half they were not fitted on."""

    thresholds: Thresholds
    kinds: tuple[KindReport, ...]

    def to_json(self) -> Mapping[str, Any]:
        """A JSON-ready mapping: ``thresholds`` and ``kinds`` with counts and 95 % intervals."""
        rows = []
        for kind in self.kinds:
            names = ("right", "namesake", "wrong", "rejected", "false_namesake", "false_other")
            intervals = {f"{n}_interval": wilson(getattr(kind, n), kind.total) for n in names}
            rows.append({**asdict(kind), "rejected": kind.rejected, **intervals})
        return {"thresholds": asdict(self.thresholds), "kinds": rows}

    def __str__(self) -> str:
        header = (
            f"{'':24} {'in the catalog':>62} {'true item removed':>35}\n{'kind':24} {'n':>6} {'right %':>20} "
            f"{'namesake':>8} {'wrong %':>18} {'rejected':>8} {'namesake':>10} {'other false links %':>24}"
        )
        return "\n".join([header, *(_line(kind) for kind in self.kinds)])


def _counts(report: KindReport) -> Sequence[int]:
    return [value for name, value in asdict(report).items() if name != "kind"]


def _line(kind: KindReport) -> str:
    def percent(count: int) -> str:
        return f"{100 * count / max(1, kind.total):.2f}"

    def interval(count: int) -> str:
        low, high = wilson(count, kind.total)
        return f"{percent(count)} [{100 * low:.2f}, {100 * high:.2f}]"

    return (
        f"{kind.kind:24} {kind.total:6} {interval(kind.right):>20} {percent(kind.namesake):>8} "
        f"{interval(kind.wrong):>18} {percent(kind.rejected):>8} {percent(kind.false_namesake):>10} "
        f"{interval(kind.false_other):>24}"
    )
