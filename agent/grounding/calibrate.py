"""Fit the thresholds of grounding on labelled pairs and report on pairs that were held out.

Every variant is looked at twice: in the catalog, where its item is right, and with its item removed, where
every link is false. So titles that are in the catalog and titles that are not weigh the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from agent import __version__
from agent.grounding.calibration_data import CalibrationData, Variant, read_pairs
from agent.grounding.calibration_report import CalibrationReport, KindReport
from agent.grounding.embedder import Embedder, Progress, load_embedder
from agent.grounding.features import FEATURES
from agent.grounding.grounder import Grounder
from agent.grounding.logistic import fit_logistic, sigmoid
from agent.grounding.matching import Hit, Matcher, Pair, evidence_names, read_title
from agent.grounding.surfaces import Form, Named
from agent.grounding.thresholds import Logistic, Thresholds
from agent.settings import Settings
from agent.settings import settings as process_settings

FORMS_BUDGET = 0.012
FUZZY_BUDGET = 0.005
EMBEDDING_BUDGET = 0.001
"""False links allowed to a stage: shares of the found variants, true item removed, namesakes not counted."""

FORMS_FLOOR = 0.7
"""A form whose matches are right less often than this is never trusted."""

LINK_FLOOR = 0.7
"""Nothing that is less probable than this is linked, whatever the budget."""

EMBEDDING_FEATURES = (
    "query_missing",
    "item_missing",
    "near",
    "known_swap",
    "inflected",
    "article",
    "margin",
    "year",
    "cosine",
)
"""What the embedding stage weighs: the words that only one of the titles has, and (last) the cosine."""

_NEVER = Logistic(bias=-60.0, weights={}, threshold=1.0)


@dataclass(frozen=True, slots=True)
class _Query:
    """A variant as it is looked up: in the catalog, or with its item (``row``) removed."""

    variant: Variant
    read: Named
    row: int
    removed: bool

    @property
    def without(self) -> int | None:
        return self.row if self.removed else None


def calibrate(
    pairs_path: Path,
    *,
    embedder: Embedder | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> CalibrationReport:
    """Fit on one half of the items of a pairs file and report on the other.

    Args:
        pairs_path: TSV with a header: item id, canonical title, variant, kind.
        embedder: For the embedding stage; the one that the settings name where None.
        settings: Where caches are kept; the process's own where None.
        progress: Told which of four steps is done.

    Returns:
        The thresholds (``report.thresholds.save(path)`` keeps them) and counts for each kind.

    Raises:
        CatalogError: the pairs cannot be read.
        ModelError: the embedder cannot be loaded.
    """
    settings = settings or process_settings()
    tell = progress or (lambda what, done, total: None)
    data = read_pairs(pairs_path)
    embedder = embedder or load_embedder(settings.embedder, settings)
    tell("calibration", 1, 4)
    matcher = Matcher(data.catalog)
    forms, least = _fit_forms(matcher, _queries(matcher, data.fit))
    thresholds = Thresholds(forms, least, _NEVER, _NEVER, provenance=_provenance(pairs_path, data, embedder))
    grounder = Grounder(data.catalog, embedder, thresholds, cache_dir=settings.cache_dir)
    thresholds = replace(thresholds, fuzzy=_fit_stage(grounder, data.fit, "fuzzy", FUZZY_BUDGET))
    tell("calibration", 2, 4)
    grounder = Grounder(data.catalog, embedder, thresholds, cache_dir=settings.cache_dir)
    thresholds = replace(thresholds, embedding=_fit_stage(grounder, data.fit, "embedding", EMBEDDING_BUDGET))
    tell("calibration", 3, 4)
    grounder = Grounder(data.catalog, embedder, thresholds, cache_dir=settings.cache_dir)
    report = CalibrationReport(thresholds, evaluate(grounder, data.report))
    tell("calibration", 4, 4)
    return report


def evaluate(grounder: Grounder, variants: Sequence[Variant]) -> tuple[KindReport, ...]:
    """Ground variants with their items in the catalog and without; one report a kind, then all found ones."""
    texts = [v.text for v in variants]
    present = grounder.ground(texts)
    removed = grounder.ground(texts, without=[v.item_id for v in variants])
    reports = []
    order = sorted(range(len(variants)), key=lambda n: (variants[n].is_made, variants[n].kind))
    for kind, group in groupby(order, key=lambda n: variants[n].kind):
        counts: Counter[str] = Counter()
        for n in group:
            namesakes = _namesakes(grounder.matcher, variants[n])
            linked, falsely = present[n].item_id, removed[n].item_id
            counts["total"] += 1
            counts["ambiguous"] += bool(namesakes)
            if linked is not None:
                right = linked == variants[n].item_id
                counts["right" if right else "namesake" if linked in namesakes else "wrong"] += 1
            if falsely is not None:
                counts["false_namesake" if falsely in namesakes else "false_other"] += 1
        fields = ("total", "right", "namesake", "wrong", "ambiguous", "false_namesake", "false_other")
        reports.append(KindReport(kind, *(counts[f] for f in fields)))
    found = [r for r, v in zip(reports, _kinds(variants), strict=True) if not v.is_made]
    every = found[0] if found else None
    for report in found[1:]:
        every = every + report if every else report
    return (*reports, replace(every, kind="all found")) if every else tuple(reports)


def _kinds(variants: Sequence[Variant]) -> list[Variant]:
    """One variant of each kind, in the order of the report."""
    firsts = {v.kind: v for v in reversed(variants)}
    return sorted(firsts.values(), key=lambda v: (v.is_made, v.kind))


def _namesakes(matcher: Matcher, variant: Variant) -> set[str]:
    """Ids of other items that bear the very title of a variant."""
    row = matcher.catalog.row(variant.item_id)
    true = {s.key for s in matcher.items[row].surfaces if s.form <= Form.AKA}
    read = read_title(variant.text)
    own = true | {s.key for s in read.surfaces if s.form <= Form.AKA}
    return {
        matcher.catalog[other].id
        for key in own
        for other in matcher.bearers(key)
        if other != row and matcher.agreement(read, other)[0] != "contradicts"
    }


def _queries(matcher: Matcher, variants: Sequence[Variant]) -> list[_Query]:
    return [
        _Query(v, read_title(v.text), matcher.catalog.row(v.item_id), removed)
        for v in variants
        for removed in (False, True)
    ]


def _fit_forms(matcher: Matcher, queries: Sequence[_Query]) -> tuple[dict[str, float], float]:
    """How often each form's matches are right, and the least share that keeps within the budget."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for query in queries:
        hits = [h for h in matcher.hits(query.read, query.without) if h.year != "contradicts"]
        if not hits:
            continue
        best = min(hits, key=_order)
        rows = {h.row for h in hits if _order(h) == _order(best)}
        total[best.evidence] += 1
        right[best.evidence] += query.row in rows
        if query.removed and not query.variant.is_made:
            namesakes = _namesakes(matcher, query.variant)
            false[best.evidence] += all(matcher.catalog[row].id not in namesakes for row in rows)
    plain = {name: _share(right[name], total[name], 0.5) for name in evidence_names()}
    # An agreeing year can only help, so a match without one is where its share starts from.
    dated = {name + "+year": prior for name, prior in plain.items()}
    forms = plain | {name: _share(right[name], total[name], prior) for name, prior in dated.items()}
    found = sum(q.removed and not q.variant.is_made for q in queries)
    least, spent = 1.0, 0
    for name in sorted(forms, key=lambda n: -forms[n]):
        spent += false[name]
        if spent > FORMS_BUDGET * found or forms[name] < FORMS_FLOOR:
            break
        least = forms[name]
    return {name: round(share, 4) for name, share in sorted(forms.items())}, round(least - 5e-5, 4)


def _share(right: int, total: int, prior: float, strength: float = 2.0) -> float:
    """A share drawn towards a prior one that counts as much as ``strength`` observations."""
    return (right + strength * prior) / (total + strength)


def _order(hit: Hit) -> tuple[Form, bool]:
    return hit.form, hit.year != "agrees"


def _fit_stage(grounder: Grounder, variants: Sequence[Variant], name: str, budget: float) -> Logistic:
    """Fit the model of one stage on what the stages before it leave open."""
    matcher = grounder.matcher
    queries = _queries(matcher, variants)
    before = grounder.ground(
        [q.variant.text for q in queries], without=[q.variant.item_id if q.removed else None for q in queries]
    )
    left = [q for q, grounding in zip(queries, before, strict=True) if grounding.item_id is None]
    reads, absent = [q.read for q in left], [q.without for q in left]
    if name == "fuzzy":
        found = grounder.spelling_pairs(reads, absent)
    else:
        found = grounder.embedding_pairs([q.variant.text for q in left], reads, absent)
    used = EMBEDDING_FEATURES if name == "embedding" else tuple(f for f in FEATURES if f != "cosine")
    columns = [FEATURES.index(f) for f in used]
    judged = [
        (q, p) for q, pairs in zip(left, found, strict=True) for p in _without_namesakes(matcher, q, pairs)
    ]
    features = np.array([p.features[columns] for _, p in judged])
    labels = np.array([not q.removed and p.row == q.row for q, p in judged], dtype=float)
    bias, weights = fit_logistic(features, labels)
    if name == "embedding" and weights[-1] < 0:
        # Beside the words the cosine told nothing: a sign that makes near neighbours less likely is noise.
        used, features = used[:-1], features[:, :-1]
        bias, weights = fit_logistic(features, labels)
    probabilities = sigmoid(bias + features @ weights)
    tops: dict[int, tuple[float, bool]] = {}
    for (query, _), probability, label in zip(judged, probabilities, labels, strict=True):
        tops[id(query)] = max(tops.get(id(query), (0.0, False)), (float(probability), bool(label)))
    false = sorted(
        (tops[id(q)][0] for q in left if q.removed and not q.variant.is_made and id(q) in tops), reverse=True
    )
    allowed = int(budget * sum(q.removed and not q.variant.is_made for q in queries))
    threshold = max(LINK_FLOOR, false[allowed] if allowed < len(false) else 0.0)
    rounded = {f: round(float(w), 4) for f, w in zip(used, weights, strict=True)}
    return Logistic(round(bias, 4), rounded, round(min(threshold + 5e-5, 1.0), 4))


def _without_namesakes(matcher: Matcher, query: _Query, pairs: Sequence[Pair]) -> list[Pair]:
    """Leave out namesakes of the true item: neither right nor a mistake to learn from."""
    own = {s.key for s in matcher.items[query.row].surfaces if s.form <= Form.SPACING}
    return [
        p
        for p in pairs
        if p.row == query.row
        or own.isdisjoint(s.key for s in matcher.items[p.row].surfaces if s.form <= Form.SPACING)
    ]


def _provenance(path: Path, data: CalibrationData, embedder: Embedder) -> dict[str, str | int]:
    return {
        "command": f"groundrec calibrate {path.name}",
        "version": __version__,
        "pairs_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "items": len(data.catalog),
        "fitted_on": sum(not v.is_made for v in data.fit),
        "fitted_on_made": sum(v.is_made for v in data.fit),
        "embedder": embedder.name,
    }
