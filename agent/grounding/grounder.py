"""Titles to items, or to a rejection with a reason. Nothing is forced to its nearest neighbour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from agent.catalog import Catalog
from agent.errors import VectorEngineError
from agent.grounding.embedder import Embedder, Progress
from agent.grounding.embeddings import embed_catalog
from agent.grounding.index import NumpyIndex, VectorIndex
from agent.grounding.matching import Hit, Matcher, Pair
from agent.grounding.normalise import clean
from agent.grounding.parse_item import ParsedTitle
from agent.grounding.surfaces import Form, Named
from agent.grounding.thresholds import Logistic, Thresholds, default_thresholds
from agent.settings import settings

Method = Literal["exact", "fuzzy", "embedding", "rejected"]

NEAREST = 5
_EMBEDDED = 5
_SAME = {
    Form.TITLE: "same title",
    Form.AKA: "same a.k.a. title",
    Form.ARTICLE: "same title but for an article left out",
    Form.NUMBER: "same title with numbers written otherwise",
    Form.SPACING: "same title with spaces set otherwise",
    Form.ARTICLE_ADDED: "same title but for an article",
    Form.HEAD: "same title without its subtitle",
    Form.TAIL: "same subtitle",
    Form.LONGER: "same title but for a subtitle",
}


@dataclass(frozen=True, slots=True)
class Grounding:
    """What became of one title.

    Args:
        text: The title as generated.
        item_id: The item it names, None where it was rejected.
        method: How it was found.
        confidence: Probability in [0, 1] that the link is right; of a rejection, that its nearest
            candidate would have been right.
        reason: Why, in a few English words for logs and traces.
        nearest: The items that came into question with their probabilities, best first.
        failed: Why the vector engine did not answer, where it was asked: the title was judged by its
            spelling alone.
    """

    text: str
    item_id: str | None
    method: Method
    confidence: float
    reason: str
    nearest: tuple[tuple[str, float], ...] = ()
    failed: str = ""

    def to_json(self) -> Mapping[str, Any]:
        """A JSON-ready mapping with the names of the fields."""
        return {
            "text": self.text,
            "item_id": self.item_id,
            "method": self.method,
            "confidence": round(self.confidence, 4),
            "reason": self.reason,
            "nearest": [{"id": item_id, "score": round(score, 4)} for item_id, score in self.nearest],
        }


class Grounder:
    """Links generated titles to the items of a catalog.

    Three stages, each with a threshold fitted on labelled pairs (``agent.grounding.calibrate``): the
    normalised forms of the titles are equal; their spelling is so alike that a misspelling is the
    better explanation; spelling and sentence embedding together are. A stated year that contradicts
    the item's is never overruled, and numbers must agree.

    Args:
        catalog: The items.
        embedder: For the last stage; without one there are two stages.
        thresholds: Fitted thresholds; the package's own where None.
        cache_dir: Where embeddings of titles are kept; the process's cache folder where None.
        index: Makes an index over vectors, float32, shape (n, d).
    """

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder | None = None,
        thresholds: Thresholds | None = None,
        *,
        cache_dir: Path | None = None,
        index: Callable[[np.ndarray], VectorIndex] = NumpyIndex,
    ) -> None:
        self.thresholds = thresholds or default_thresholds()
        self.matcher = Matcher(catalog, self.thresholds.year_slack)
        self._catalog, self._embedder, self._cache_dir = catalog, embedder, cache_dir
        self._make_index = index

    def prepare(self, progress: Progress | None = None) -> None:
        """Embed the titles now, so that the first rejection doesn't wait for it (seconds per 1,000 titles).

        Raises:
            ModelError: the embedder fails.
        """
        if self._embedder is not None:
            self._index = self._indexed(progress)

    def ground(
        self, titles: Sequence[str | ParsedTitle], *, without: Sequence[str | None] | None = None
    ) -> list[Grounding]:
        """Ground titles, many at a time for speed.

        Args:
            titles: As generated; a parsed title's year counts.
            without: For each title the id of an item that counts as not in the catalog, or None (for
                calibration).

        Returns:
            One grounding for each title, in order.

        Raises:
            UnknownItemError: an id in ``without`` is not in the catalog.
        """
        texts = [t.title if isinstance(t, ParsedTitle) else t for t in titles]
        years = [t.year if isinstance(t, ParsedTitle) else None for t in titles]
        absent = [None if i is None else self._catalog.row(i) for i in without or [None] * len(texts)]
        read = [self.matcher.read(*given) for given in zip(texts, years, absent, strict=True)]
        results = [
            self._exact(text, given, row) for text, given, row in zip(texts, read, absent, strict=True)
        ]
        for stage in (self._fuzzy, self._embedding):
            rest = [n for n, r in enumerate(results) if r.item_id is None and read[n].surfaces]
            if rest:
                fresh = stage([results[n] for n in rest], [read[n] for n in rest], [absent[n] for n in rest])
                for n, grounding in zip(rest, fresh, strict=True):
                    results[n] = grounding
        return results

    def _exact(self, text: str, read: Named, without: int | None) -> Grounding:
        if not read.surfaces:
            return Grounding(text, None, "rejected", 0.0, "there is no title in the text")
        hits = self.matcher.hits(read, without)
        usable = [h for h in hits if h.year != "contradicts"]
        trusted = [h for h in usable if self.thresholds.trusts(h.evidence)]
        if not trusted:
            return self._no_form(text, read, usable, hits)
        form, apart = min((h.form, h.years_apart if h.year == "agrees" else 99) for h in trusted)
        namesakes = [
            h for h in trusted if (h.form, h.years_apart if h.year == "agrees" else 99) == (form, apart)
        ]
        shares = _shares(np.array([self._catalog[h.row].popularity for h in namesakes]))
        order = sorted(range(len(namesakes)), key=lambda n: (-shares[n], namesakes[n].row))
        trust = self.thresholds.forms[namesakes[0].evidence]
        best = namesakes[order[0]]
        reason = _SAME[form] + (" and year" if best.year == "agrees" else "")
        if len(namesakes) > 1:
            reason += f", the most popular of {len(namesakes)} namesakes"
        return Grounding(
            text,
            self._catalog[best.row].id,
            "exact",
            trust * float(shares[order[0]]),
            reason,
            tuple((self._catalog[namesakes[n].row].id, trust * float(shares[n])) for n in order[:NEAREST]),
        )

    def _no_form(self, text: str, read: Named, usable: list[Hit], hits: list[Hit]) -> Grounding:
        if usable:
            best = min(usable, key=lambda h: (h.form, h.row))
            reason = f"{_SAME[best.form]} as {self._label(best.row)}, which is too little"
        elif hits:
            best = min(hits, key=lambda h: (h.form, h.years_apart, h.row))
            reason = f"the year {read.year} contradicts {self._label(best.row)}"
        else:
            return Grounding(text, None, "rejected", 0.0, "no title in the catalog is spelled like it")
        trust = self.thresholds.forms.get(best.evidence, 0.0) if usable else 0.0
        return Grounding(text, None, "rejected", trust, reason, ((self._catalog[best.row].id, trust),))

    def _fuzzy(
        self, before: list[Grounding], read: list[Named], without: list[int | None]
    ) -> list[Grounding]:
        found = self.spelling_pairs(read, without)
        return [
            self._judged(grounding, pairs, self.thresholds.fuzzy, "fuzzy")
            for grounding, pairs in zip(before, found, strict=True)
        ]

    def spelling_pairs(self, read: Sequence[Named], without: Sequence[int | None]) -> list[list[Pair]]:
        """For each text the items of similar spelling.

        An item that is known to have too little in common (a form that is not trusted) is left out: spelling
        alone sees no harm in one article too many.
        """
        found = self.matcher.pairs(read, without)
        held = [self._held_back(text, row) for text, row in zip(read, without, strict=True)]
        return [[p for p in pairs if p.row not in rows] for pairs, rows in zip(found, held, strict=True)]

    def _held_back(self, read: Named, without: int | None) -> set[int]:
        """Rows that only a form without trust speaks for, and no year."""
        hits = self.matcher.hits(read, without)
        return {h.row for h in hits if h.year != "agrees" and not self.thresholds.trusts(h.evidence)}

    def _embedding(
        self, before: list[Grounding], read: list[Named], without: list[int | None]
    ) -> list[Grounding]:
        if self._embedder is None:
            return before
        try:
            found = self.embedding_pairs([g.text for g in before], read, without)
        except VectorEngineError as error:
            return [replace(grounding, failed=error.what) for grounding in before]
        return [
            self._judged(grounding, pairs, self.thresholds.embedding, "embedding")
            for grounding, pairs in zip(before, found, strict=True)
        ]

    def embedding_pairs(
        self, texts: Sequence[str], read: Sequence[Named], without: Sequence[int | None]
    ) -> list[list[Pair]]:
        """For each text the items whose titles are nearest in the embedding space.

        The margin is in cosine, to the best other item that is spelled otherwise.
        """
        assert self._embedder is not None
        queries = self._embedder.encode([clean(t) for t in texts])
        rows, cosines = self._index.search(queries, _EMBEDDED + 2)
        found = []
        for text, absent, near, scores in zip(read, without, rows, cosines, strict=True):
            kept = [(int(r), float(s)) for r, s in zip(near, scores, strict=True) if r >= 0 and r != absent]
            held = self._held_back(text, absent)
            pairs = []
            for row, cosine in kept[:_EMBEDDED]:
                if row in held:
                    continue
                own = {s.key for s in self.matcher.items[row].surfaces}
                rivals = [s for r, s in kept if own.isdisjoint(s.key for s in self.matcher.items[r].surfaces)]
                margin = cosine - max(rivals, default=0.0)
                pair = self.matcher.pair(text, row, cosine, margin, absent)
                pairs += [pair] if pair else []
            found.append(pairs)
        return found

    @cached_property
    def _index(self) -> VectorIndex:
        return self._indexed(None)

    def _indexed(self, progress: Progress | None) -> VectorIndex:
        """An index over the embeddings of the titles."""
        assert self._embedder is not None
        folder = self._cache_dir or settings().cache_dir
        vectors = embed_catalog(self._catalog, self._embedder, folder, what="title", progress=progress)
        return self._make_index(vectors)

    def _judged(
        self, before: Grounding, pairs: list[Pair], model: Logistic, method: Literal["fuzzy", "embedding"]
    ) -> Grounding:
        """The link that a model makes of pairs, else the earlier rejection with what is near."""
        if not pairs:
            return before
        judged = sorted(
            ((model.probability(p.features), p) for p in pairs),
            key=lambda j: (-round(j[0], 9), -self._catalog[j[1].row].popularity, j[1].row),
        )
        nearest = tuple((self._catalog[p.row].id, probability) for probability, p in judged[:NEAREST])
        probability, best = judged[0]
        if probability >= model.threshold:
            kind = "spelling" if method == "fuzzy" else "meaning"
            reason = f"near in {kind} ({best.ratio:.2f})"
            return Grounding(before.text, nearest[0][0], method, probability, reason, nearest)
        scores = dict(before.nearest)
        scores |= {i: max(score, scores.get(i, 0.0)) for i, score in nearest}
        top = tuple(sorted(scores.items(), key=lambda pair: -pair[1])[:NEAREST])
        told = before.nearest and before.confidence >= probability
        too_far = (
            f"the nearest is {self._label(best.row)}, but {probability:.2f} is below {model.threshold:.2f}"
        )
        return Grounding(before.text, None, "rejected", top[0][1], before.reason if told else too_far, top)

    def _label(self, row: int) -> str:
        return self._catalog.label(self._catalog[row])


def _shares(popularity: np.ndarray) -> np.ndarray:
    """The share of each namesake in their uses, each counted once more than it was seen."""
    return (popularity + 1) / (popularity + 1).sum()
