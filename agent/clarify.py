"""Clarifying questions, chosen by how much the answer is expected to tell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from agent.catalog import Catalog, Item
from agent.clarification import Clarification, Option
from agent.context import Constraint, UserContext
from agent.explain.lexicon import lexicon
from agent.feedback import LENGTHS
from agent.localisation import text
from agent.retrieval import Fused
from agent.understanding.names import text_columns
from agent.understanding.quantities import numeric_columns

SHARPNESS = 1.0
"""How strongly a candidate's score tells of its chance: p is proportional to exp(SHARPNESS score)."""

OPEN = "open"
"""What stands among the fields asked about for the question that offers no options."""

_OPTIONS = 4
_RARE = 0.05
"""Answers less likely than that are no option of their own."""

_SHARED = 2
"""A value of fewer candidates, such as an author's name, says which items are wanted, not of what kind."""

_LEAST_GAIN = 0.5
"""Bits that an answer must be expected to tell."""

_GRADES = frozenset({"rating", "mean_rating", "average_rating", "avg_rating", "score", "popularity"})
"""Columns of which everybody wants more."""

_DECADE = 10
_NICE = (1, 2, 5)


class Clarifier:
    """Finds the question whose answer splits the candidates best.

    With p the distribution over candidates, and an answer a of probability P(a) = Σ_i p_i P(a | i), the
    expected gain of a question is the mutual information of answer and candidate,

        gain = H(p) - Σ_a P(a) H(p | a),

    in bits. Someone who wants candidate i answers with one of the options that i meets, all alike likely, or
    with "none of these". Expected information gain: Lindley 1956; in product search: Zou and Kanoulas,
    Learning to ask, SIGIR 2020 (which asks by the split of the posterior, too).

    Args:
        catalog: Its columns are what can be asked about.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        numbers = [name for name in numeric_columns(catalog) if name not in _GRADES]
        self._numbers = ("year", *numbers) if any(i.year is not None for i in catalog) else tuple(numbers)
        self._texts = ("categories", *text_columns(catalog))

    def choose(self, candidates: Sequence[Fused], context: UserContext, n: int) -> Clarification | None:
        """The best question; None where none tells enough, or where ``n`` items show what there is.

        Args:
            candidates: With the scores they are ranked by.
            context: What is known, and what was asked before: neither is asked about.
            n: How many items a list shows. Where the candidates are worth fewer (2^H(p) < n), nothing is
                asked.
        """
        items = [self._catalog.item(c.item_id) for c in candidates]
        p = distribution(np.array([c.score for c in candidates]))
        if not len(p) or entropy(p) < np.log2(n):
            return None
        told = {c.field for c in context.constraints} | set(context.asked)
        told |= {field for (field, _), weight in context.state.tastes.items() if weight > 0}
        found = [q for q in self._questions(items, p, context.locale) if q.field not in told]
        best = max(found, key=lambda q: q.gain, default=None)
        return best if best is not None and best.gain >= _LEAST_GAIN else None

    def _questions(self, items: Sequence[Item], p: np.ndarray, locale: str) -> Iterator[Clarification]:
        for field in self._texts:
            yield from _question(field, _named(items, p, field, locale), items, p, locale)
        for field in self._numbers:
            yield from _question(field, _ranges(items, p, field, locale), items, p, locale)


def distribution(scores: np.ndarray) -> np.ndarray:
    """Chances of candidates to be what is wanted, from their scores; shape (n,), sum 1."""
    if not len(scores):
        return scores
    odds = np.exp(SHARPNESS * (scores - scores.max()))
    return np.asarray(odds / odds.sum())


def entropy(p: np.ndarray) -> float:
    """H(p) in bits."""
    held = p[p > 0]
    return float(-(held * np.log2(held)).sum())


def expected_gain(p: np.ndarray, meets: np.ndarray) -> float:
    """Expected reduction of H(p), in bits, by an answer.

    Args:
        p: Chances of the candidates, shape (n,).
        meets: Which candidate meets which option, bool, shape (n, options).
    """
    counts = meets.sum(axis=1, keepdims=True)
    answers = np.where(counts > 0, meets / np.maximum(counts, 1), 0.0)
    answers = np.column_stack([answers, counts[:, 0] == 0])
    joint = p[:, None] * answers
    chances = joint.sum(axis=0)
    left = sum(
        chance * entropy(column / chance) for chance, column in zip(chances, joint.T, strict=True) if chance
    )
    return entropy(p) - float(left)


def listed(options: Sequence[Option], locale: str) -> str:
    """``a, b or c``."""
    words = [option.words for option in options]
    return text("ask.or", locale).join([text("ask.comma", locale).join(words[:-1]), words[-1]])


def _question(
    field: str, options: Sequence[Option], items: Sequence[Item], p: np.ndarray, locale: str
) -> Iterator[Clarification]:
    if len(options) < 2:
        return
    meets = np.array([[option.allows(item) for option in options] for item in items])
    question = text(
        f"ask.{_wording(field, options)}",
        locale,
        field=field.replace("_", " "),
        options=listed(options, locale),
    )
    yield Clarification(field, tuple(options), question, expected_gain(p, meets))


def _wording(field: str, options: Sequence[Option]) -> str:
    if field in ("categories", "year"):
        return field
    if field in LENGTHS:
        return "length"
    return "attribute" if options[0].constraints[0].op == "in" else "number"


def _named(items: Sequence[Item], p: np.ndarray, field: str, locale: str) -> list[Option]:
    """The values of a text column that are likeliest wanted."""
    chances: defaultdict[str, float] = defaultdict(float)
    holders: Counter[str] = Counter()
    for item, chance in zip(items, p, strict=True):
        held = item.get(field)
        for value in held if isinstance(held, (tuple, list)) else (held,):
            if value and _in_words(str(value)):
                chances[str(value)] += float(chance)
                holders[str(value)] += 1
    shared = [value for value in chances if holders[value] >= _SHARED]
    best = sorted(shared, key=lambda value: -chances[value])[:_OPTIONS]
    likely = [value for value in best if chances[value] >= _RARE]
    shown = lexicon(locale).shown
    return [Option(shown(v), (Constraint(field, "in", (v,), shown(v)),)) for v in likely]


def _in_words(value: str) -> bool:
    """Whether a value says something to people: no code such as ``cs.IR``."""
    return "." not in value and not any(map(str.isdigit, value))


def _ranges(items: Sequence[Item], p: np.ndarray, field: str, locale: str) -> list[Option]:
    """Ranges of a number, lowest first (of years, the newest first)."""
    known = [(float(v), float(c)) for i, c in zip(items, p, strict=True) if (v := i.get(field)) is not None]
    if not known:
        return []
    values, chances = (np.array(column) for column in zip(*sorted(known), strict=True))
    shares = np.cumsum(chances) / chances.sum()
    if field == "year":
        return _periods(values, shares, locale)
    cuts = _cuts(values, shares)
    edges = list(zip([None, *cuts], [*cuts, None], strict=True)) if cuts else []
    return [_range(field, low, high, locale) for low, high in edges]


def _periods(years: np.ndarray, shares: np.ndarray, locale: str) -> list[Option]:
    """The newest decades that are likely wanted, and all before; single years where there are few."""
    oldest, newest = (
        float(years[min(int(np.searchsorted(shares, q)), len(years) - 1)]) for q in (_RARE, 1 - _RARE)
    )
    length = _DECADE if newest - oldest >= _DECADE else 1
    first = int(newest // length * length)
    starts = [first - k * length for k in range(_OPTIONS - 1) if first - k * length > oldest or k == 0]
    options = []
    for place, start in enumerate(starts):
        if place == 0:
            words = text("ask.since" if length > 1 else "ask.in_year", locale, value=start)
            bounds = [Constraint("year", ">=", start, words)]
        else:
            words = text("ask.decade" if length > 1 else "ask.in_year", locale, value=start)
            bounds = [
                Constraint("year", ">=", start, words),
                Constraint("year", "<=", start + length - 1, words),
            ]
        options.append(Option(words, tuple(bounds)))
    if starts[-1] > oldest:
        words = text("ask.before", locale, value=starts[-1])
        options.append(Option(words, (Constraint("year", "<", starts[-1], words),)))
    return options


def _cuts(values: np.ndarray, shares: np.ndarray) -> list[float]:
    """Round numbers near the terciles, ascending; none where the values do not differ."""
    spread = float(values[-1] - values[0])
    if spread <= 0:
        return []
    power = 10.0 ** np.floor(np.log10(spread / 4))
    step = max(nice * power for nice in _NICE if nice * power <= spread / 4)
    terciles = (float(values[np.searchsorted(shares, q)]) for q in (1 / 3, 2 / 3))
    cuts = sorted({round(value / step) * step for value in terciles})
    return [cut for cut in cuts if values[0] < cut <= values[-1]]


def _range(field: str, low: float | None, high: float | None, locale: str) -> Option:
    """From ``low`` to below ``high``."""
    shown = {"low": f"{low:g}" if low is not None else "", "high": f"{high:g}" if high is not None else ""}
    key = "under" if low is None else "from" if high is None else "between"
    words = text(f"ask.{key}", locale, **shown)
    bounds = [Constraint(field, ">=", low, words)] if low is not None else []
    bounds += [Constraint(field, "<", high, words)] if high is not None else []
    return Option(words, tuple(bounds))
