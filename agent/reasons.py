"""The reasons of a list: evidence collected, put in plain words or in the language model's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from agent import explain
from agent.catalog import Item
from agent.context import UserContext
from agent.parts import Parts
from agent.recommendation import Evidence, Reason, Recommendation, Recommendations
from agent.retrieval import Fused
from agent.settings import Strategy
from agent.trace import LANGUAGE_MODEL, Stage
from agent.understanding import Understanding


class Reasons:
    """Says why items are recommended, from evidence only."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._catalog = parts, parts.catalog

    def explained(
        self,
        chosen: Sequence[Fused],
        said: Understanding,
        context: UserContext,
        strategy: Strategy,
        stage: Stage,
    ) -> tuple[Recommendation, ...]:
        """The chosen items in their order, with reasons where the strategy wants them."""
        wanted = strategy.explain != "none"
        found = [
            self._recommendation(rank, fused, said, context, explained=wanted)
            for rank, fused in enumerate(chosen, start=1)
        ]
        if not wanted:
            return tuple(found)
        if strategy.explain == "lm" and self._parts.model is not None:
            found = [
                self._reworded(r, worded, stage)
                for r, worded in zip(found, self._worded(found, said, context), strict=True)
            ]
        stage.outputs = {r.item.id: [reason.text for reason in r.reasons] for r in found}
        return tuple(found)

    def reword(self, made: Recommendations, *, first: int, strategy: Strategy) -> Iterator[Recommendation]:
        """See :meth:`agent.Recommender.reword`."""
        if strategy.explain != "auto" or self._parts.model is None:
            return
        with made.trace.stage("word") as stage:
            subjects = made.items[:first]
            worded = self._worded(subjects, made.understanding, made.context)
            for recommendation, words in zip(subjects, worded, strict=True):
                yield self._reworded(recommendation, words, stage)

    def why(self, item_id: str, context: UserContext, said: Understanding | None = None) -> str:
        """See :meth:`agent.Recommender.why`."""
        item = self._catalog.item(item_id)
        return explain.why(
            item, context, self._catalog, understanding=said, **self._counts(item_id, context, said)
        )

    def _recommendation(
        self, rank: int, fused: Fused, said: Understanding, context: UserContext, *, explained: bool
    ) -> Recommendation:
        item = self._catalog.item(fused.item_id)
        label = self._catalog.label(item)
        reasons: tuple[Reason, ...] = ()
        if explained:
            evidence = self._evidence(item, said, context)
            reasons = (explain.plain(label, evidence, context.locale, self._catalog.kind),)
        return Recommendation(rank, item, label, fused.score, reasons, fused.sources)

    def _worded(
        self, items: Sequence[Recommendation], said: Understanding, context: UserContext
    ) -> Iterator[explain.Worded]:
        assert self._parts.model is not None
        return explain.worded(
            self._parts.model,
            [explain.Subject(r.item, r.label, self._evidence(r.item, said, context)) for r in items],
            context,
            self._catalog,
            self._parts.prompts,
            request=said.text,
            locale=context.locale,
        )

    @staticmethod
    def _reworded(recommendation: Recommendation, worded: explain.Worded, stage: Stage) -> Recommendation:
        stage.usage += worded.usage
        stage.notes += [f"{recommendation.label}: {note}" for note in worded.notes]
        if worded.failed is not None:
            stage.do_without(LANGUAGE_MODEL, worded.failed)
        return replace(recommendation, reasons=(worded.reason,))

    def _evidence(self, item: Item, said: Understanding, context: UserContext) -> tuple[Evidence, ...]:
        return explain.collect_evidence(
            item, context, said, self._catalog, **self._counts(item.id, context, said)
        )

    def _counts(self, item_id: str, context: UserContext, said: Understanding | None) -> dict[str, Any]:
        """What links an item with others that the user likes or named, and with what they said."""
        return {
            "similar": self._similar(item_id, context),
            "co_liked": self._co_liked(item_id, context),
            "co_named": self._co_named(item_id, context),
            "spoken": self._parts.spoken_words.telling(item_id, context, said.text if said else ""),
        }

    def _similar(self, item_id: str, context: UserContext) -> list[tuple[str, float]]:
        """Liked items with their cosine to this one, nearest first."""
        liked = self._liked(item_id, context)
        if not liked:
            return []
        vectors = self._parts.vectors[[self._catalog.row(i) for i in liked]]
        cosines = vectors @ self._parts.vectors[self._catalog.row(item_id)]
        return sorted(zip(liked, map(float, cosines), strict=True), key=lambda pair: -pair[1])

    def _co_liked(self, item_id: str, context: UserContext) -> list[tuple[str, int]]:
        """Liked items with the number of other people who like both."""
        liked = self._liked(item_id, context)
        return self._parts.co_likes.counts(item_id, liked, context) if liked else []

    def _co_named(self, item_id: str, context: UserContext) -> list[tuple[str, int]]:
        """Items that the user named with the number of past dialogues that name both."""
        named = [i for i in context.named if i != item_id and i in self._catalog]
        if not named or not len(self._parts.memory):
            return []
        rows = [self._catalog.row(i) for i in named]
        both = self._parts.memory.naming(self._catalog.row(item_id), rows, context.dialogue_id)
        return list(zip(named, both.astype(int).tolist(), strict=True))

    def _liked(self, item_id: str, context: UserContext) -> list[str]:
        """The other items of the catalog that the user likes, oldest first."""
        return [i for i, a in context.attitudes.items() if a > 0 and i != item_id and i in self._catalog]
