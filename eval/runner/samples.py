"""Rows in full, for people to look into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.catalog import Catalog
from eval.datasets import Question
from eval.protocols import Answer
from eval.results import ChatMessage, NamedItem, Sample, TitleRecord
from eval.runner.asked import Asked, choose
from eval.runner.scoring import Given, Scored
from eval.store import Store
from eval.variants import AS_GIVEN

_SHOWN_RANKS = 20
_SHOWN_FAILURES = 5
_SHOWN_ELSEWHERE = (
    ("prompt", "messages"),
    ("generate", "text"),
    ("ground", "groundings"),
    ("diversify", "sources"),
)


def samples(
    given: Sequence[Given], scored: Scored, asked: Asked, store: Store, count: int
) -> tuple[Sample, ...]:
    """Some answers in full: of the same questions for every system, and of some that failed.

    Args:
        given: The answers of one system.
        scored: What was measured of them.
        asked: The data set.
        store: Holds their traces.
        count: How many questions.
    """
    if not count:
        return ()
    chosen = choose([question for _, question in asked], None, count)
    first_seed = given[0].stored.seed
    shown = [
        each
        for each in given
        if each.question.id in chosen and each.stored.seed == first_seed and each.variant == AS_GIVEN
    ]
    failed = (each for each in given if each.stored.answer.error is not None and each not in shown)
    shown += [each for each, _ in zip(failed, range(_SHOWN_FAILURES), strict=False)]
    places = {question: place for place, question in reversed(list(enumerate(scored.questions)))}
    return tuple(
        _sample(each, scored.row_values(places[each.question.id]), asked, store.trace(each.stored))
        for each in sorted(shown, key=lambda each: each.question.id)
    )


def _sample(
    each: Given, values: Mapping[str, float], asked: Asked, trace: Sequence[Mapping[str, Any]]
) -> Sample:
    question, answer, catalog = each.question, each.stored.answer, each.fold.data.catalog
    ranked = asked.protocol.row(question, answer, each.fold.data).ranked
    ranks = {item_id: rank for rank, item_id in enumerate(ranked, start=1)}
    stages = {stage["stage"]: stage for stage in trace}
    sources = stages.get("diversify", {}).get("outputs", {}).get("sources", {})
    return Sample(
        id=question.id,
        cluster=question.cluster,
        request=question.request,
        dialogue=tuple(ChatMessage(turn.role, turn.content) for turn in question.earlier),
        history=tuple(_named(item_id, catalog) for item_id in question.known),
        targets=tuple(_named(item_id, catalog, ranks.get(item_id)) for item_id in question.targets),
        ranked=tuple(
            _named(item_id, catalog, ranks[item_id], tuple(sources.get(item_id, ())))
            for item_id in ranked[:_SHOWN_RANKS]
        ),
        prompt=tuple(
            ChatMessage(message["role"], message["content"])
            for message in stages.get("prompt", {}).get("outputs", {}).get("messages", ())
        ),
        text=stages.get("generate", {}).get("outputs", {}).get("text"),
        titles=tuple(_titles(answer, question, catalog)),
        trace=tuple(_slim(stage) for stage in trace),
        error=answer.error,
        milliseconds=answer.milliseconds,
        values=values,
    )


def _titles(answer: Answer, question: Question, catalog: Catalog) -> Iterator[TitleRecord]:
    """The titles written, with what grounding says of them."""
    for title in answer.titles or ():
        item = title.item_id if title.item_id in catalog else None
        yield TitleRecord(
            text=title.text,
            item_id=item,
            label=None if item is None else catalog.label(catalog.item(item)),
            method=title.method,
            confidence=title.confidence,
            reason=title.reason,
            is_target=item in question.targets,
        )


def _named(
    item_id: str, catalog: Catalog, rank: int | None = None, sources: tuple[str, ...] = ()
) -> NamedItem:
    label = catalog.label(catalog.item(item_id)) if item_id in catalog else f"{item_id} (not in the catalog)"
    return NamedItem(item_id, label, rank, sources)


def _slim(stage: Mapping[str, Any]) -> dict[str, Any]:
    """A stage without what the sample shows elsewhere."""
    outputs = {
        name: value
        for name, value in stage["outputs"].items()
        if (stage["stage"], name) not in _SHOWN_ELSEWHERE
    }
    return {**stage, "outputs": outputs}
