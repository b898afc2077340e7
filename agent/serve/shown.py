"""From items, lists and steps to what the service answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from agent.catalog import Catalog, Item
from agent.recommendation import Recommendations
from agent.recommender import Recommender
from agent.serve.views import ItemName, ItemView, ListView, ReasonView, RecommendationView, TurnView
from agent.settings import Strategy
from agent.store import Exposure, StoredList, StoredTurn
from agent.trace import Trace
from prompts import PromptLibrary

_CLIPPED = 200
"""Characters of a text in a trace that was too long."""


def item_view(item: Item, catalog: Catalog) -> ItemView:
    """An item as the service shows it."""
    return ItemView(
        id=item.id,
        title=item.title,
        label=catalog.label(item),
        year=item.year,
        description=item.description,
        categories=list(item.categories),
        url=item.url,
        image=item.image,
        attributes={name: _plain(value) for name, value in item.attributes.items()},
    )


def item_name(item_id: str, catalog: Catalog) -> ItemName:
    """An item by id and label; one that the catalog no longer has is called by its id."""
    label = catalog.label(catalog.item(item_id)) if item_id in catalog else item_id
    return ItemName(id=item_id, label=label)


def stored_list(made: Recommendations, strategy: Strategy, recommender: Recommender) -> StoredList:
    """A list as it is kept, with the versions of what made it."""
    catalog, model = recommender.catalog, recommender.parts.model
    prompt, digest = _prompt(made.trace, strategy, recommender.parts.prompts, made.context.locale)
    return StoredList(
        id=uuid4().hex,
        items=tuple(
            Exposure(
                r.rank,
                r.item.id,
                float(r.score),
                float(r.propensity),
                tuple(r.sources),
                tuple((reason.text, reason.worded_by) for reason in r.reasons),
            )
            for r in made
        ),
        strategy=strategy.text,
        catalog=catalog.name,
        fingerprint=catalog.fingerprint,
        prompt=prompt,
        prompt_hash=digest,
        model=model.name if model is not None and _asked_model(made.trace) else None,
        notes=made.notes,
        question=made.question,
        options=tuple(option.words for option in made.asked.options) if made.asked else (),
        degraded=made.degraded,
    )


def list_view(stored: StoredList, catalog: Catalog) -> ListView:
    """A list as the service shows it, with the items as the catalog now has them."""
    return ListView(
        id=stored.id,
        items=[
            RecommendationView(
                rank=e.rank,
                item=item_view(catalog.item(e.item_id), catalog)
                if e.item_id in catalog
                else ItemView(id=e.item_id, title=e.item_id, label=e.item_id),
                score=e.score,
                reasons=[ReasonView(text=words, worded_by=by) for words, by in e.reasons],
                sources=list(e.sources),
                propensity=e.propensity,
            )
            for e in stored.items
        ],
        notes=list(stored.notes),
        question=stored.question,
        options=list(stored.options),
        degraded=list(stored.degraded),
        strategy=stored.strategy,
        prompt=f"{stored.prompt}@{stored.prompt_hash}" if stored.prompt else None,
        model=stored.model,
    )


def turn_view(turn: StoredTurn, lists: Mapping[str, StoredList], catalog: Catalog) -> TurnView:
    """A step as the service shows it."""
    shown = lists.get(turn.list_id or "")
    return TurnView(
        seq=turn.seq,
        kind=turn.kind,
        text=turn.text,
        reply=turn.reply,
        list=list_view(shown, catalog) if shown else None,
        at=turn.created,
    )


def bounded(trace: Trace, most: int) -> list[Any]:
    """A trace of at most so many bytes of JSON: texts are clipped, then stages lose what went in and out."""
    stages: list[Any] = json.loads(json.dumps(trace.to_json(), default=str))
    for shorten in (_clip, _drop):
        if len(json.dumps(stages)) <= most:
            return stages
        stages = [shorten(stage) for stage in stages]
    return stages if len(json.dumps(stages)) <= most else []


def _clip(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _CLIPPED else f"{value[:_CLIPPED]} …"
    if isinstance(value, list):
        return [_clip(each) for each in value]
    return {name: _clip(each) for name, each in value.items()} if isinstance(value, dict) else value


def _drop(stage: dict[str, Any]) -> dict[str, Any]:
    return {**stage, "inputs": {}, "outputs": {}, "notes": [*stage["notes"][:1], "too long to be kept"]}


def _stages(trace: Trace) -> dict[str, Any]:
    return {stage.name: stage for stage in trace.stages}


def _prompt(
    trace: Trace, strategy: Strategy, prompts: PromptLibrary, locale: str
) -> tuple[str | None, str | None]:
    """The prompt that titles were generated with, else the one that candidates were scored with."""
    stages = _stages(trace)
    if "prompt" in stages and "prompt" in stages["prompt"].inputs:
        return stages["prompt"].inputs["prompt"], stages["prompt"].inputs["hash"]
    if "rank" in stages and "pmi" in stages["rank"].outputs:
        prompt = prompts.get(strategy.score_prompt, locale)
        return prompt.name, prompt.hash
    return None, None


def _asked_model(trace: Trace) -> bool:
    """Whether the language model had a part in a list."""
    stages = _stages(trace)
    return "generate" in stages or ("rank" in stages and "pmi" in stages["rank"].outputs)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return [_plain(each) for each in value] if isinstance(value, Sequence) else str(value)
