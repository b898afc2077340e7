"""What the columns of a catalog can be asked: which fields there are, of what kind, with which values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from agent.catalog import Catalog
from agent.context import Constraint, Operator, fold
from agent.understanding.names import text_columns, values_of
from agent.understanding.quantities import numeric_columns

_LISTED = 40
_COMPARISONS = ("<", "<=", ">", ">=", "==")


class Fields:
    """The fields of a catalog that a constraint may speak of.

    Args:
        catalog: Its years, categories and attributes with numbers or short texts.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._numbers = set(numeric_columns(catalog))
        if any(item.year is not None for item in catalog):
            self._numbers.add("year")
        self._texts: dict[str, dict[str, str]] = {
            "categories": {fold(name): name for name in catalog.categories}
        }
        for column in text_columns(catalog):
            found = {fold(v): v for item in catalog for v in values_of(item.get(column))}
            self._texts[column] = found
        self._listed = catalog.categories[:_LISTED]

    def describe(self) -> list[str]:
        """One line a field for a prompt: ``year (number)``, ``categories (Comedy, Drama)``."""
        lines = [f"{name} (number)" for name in sorted(self._numbers)]
        if self._listed:
            lines.append(f"categories ({', '.join(self._listed)})")
        return lines + [f"{name} (text)" for name in self._texts if name != "categories"]

    def constraint(self, field: Any, op: Any, value: Any, text: str = "") -> Constraint | None:
        """A constraint that the catalog can check, in its own spelling; None where it cannot.

        Numbers are compared with numeric fields only; ``in`` and ``not in`` keep the values that the
        catalog holds, and nothing is left where it holds none.
        """
        if op not in get_args(Operator) or not isinstance(field, str):
            return None
        if field in self._numbers and op in _COMPARISONS:
            number = _number(value)
            return None if number is None else Constraint(field, op, number, text)
        if field in self._texts and op in ("in", "not in", "=="):
            known = self.known(field, value if isinstance(value, (list, tuple)) else [value])
            return Constraint(field, "in" if op == "==" else op, known, text) if known else None
        return None

    def known(self, field: str, values: Sequence[Any]) -> tuple[str, ...]:
        """Those of the values that a text field has, as the catalog spells them."""
        own = self._texts.get(field, {})
        return tuple(dict.fromkeys(own[fold(v)] for v in values if fold(v) in own))

    def __contains__(self, field: object) -> bool:
        return field in self._numbers or field in self._texts


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else number
