"""The fitted part of grounding: how far each kind of evidence can be trusted."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from agent.errors import SettingsError
from agent.grounding.features import FEATURES


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model: probability = 1 / (1 + exp(-(bias + weights . features)))."""

    bias: float
    weights: Mapping[str, float]
    threshold: float

    def probability(self, features: np.ndarray) -> float:
        """Probability that a pair with these features (in the order of FEATURES) is one title."""
        logit = self.bias + sum(w * features[FEATURES.index(name)] for name, w in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a title is linked and when it is rejected.

    Args:
        forms: Share of right links among matches of each form of a title (``title``, ``article``, ...), and
            of the same with an agreeing year (``title+year``).
        least: A form is trusted when that share is at least this.
        fuzzy: Judges the spelling of what no form matches.
        embedding: Judges spelling and sentence embedding of what the spelling alone leaves open.
        year_slack: Years that two statements of one release may be apart.
        provenance: How the numbers were fitted.
    """

    forms: Mapping[str, float]
    least: float
    fuzzy: Logistic
    embedding: Logistic
    year_slack: int = 1
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def trusts(self, form: str) -> bool:
        """Whether a match of this form is a link."""
        return self.forms.get(form, 0.0) >= self.least

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Thresholds:
        """Read what ``save`` wrote.

        Raises:
            SettingsError: the file is missing or is no file of thresholds.
        """
        try:
            return cls.of(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise SettingsError(
                f"no grounding thresholds could be read ({type(error).__name__}: {error})",
                where=str(path),
                hint="make the file with: groundrec calibrate PAIRS --out FILE",
            ) from error

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Thresholds:
        """Thresholds from the JSON mapping; raises KeyError or TypeError where a part is missing."""
        models = {name: Logistic(**values[name]) for name in ("fuzzy", "embedding")}
        if unknown := [w for m in models.values() for w in m.weights if w not in FEATURES]:
            raise KeyError(f"unknown feature {unknown[0]!r}")
        return cls(**{**values, **models})


@cache
def default_thresholds() -> Thresholds:
    """The thresholds that come with the package."""
    return Thresholds.of(json.loads((files("agent.grounding") / "thresholds.json").read_text("utf-8")))
