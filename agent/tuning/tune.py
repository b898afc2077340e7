"""From past conversations and interactions to a tuned adapter, in one call."""

from __future__ import annotations

import hashlib
import random
import shutil
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from agent.catalog import Catalog, Interaction
from agent.dialogues import PastDialogue
from agent.errors import FittingError, TuningError
from agent.generation import spoken_titles
from agent.lm import TitleIndex
from agent.lm.adapters import FORMAT, Adapter, fingerprint
from agent.lm.beam import search_titles
from agent.lm.resolve import Located, locate
from agent.lm.transformers_engine import TransformersModel
from agent.lm.weights import load_weights, quiet
from agent.recommender import Recommender
from agent.settings import Settings
from agent.settings import settings as process_settings
from agent.tuning.folder import AdapterFolder
from agent.tuning.packing import encode, packs_of
from agent.tuning.rows import TASKS, WEIGHTS, Row, RowMaker, Task, debiased
from agent.tuning.trainer import LoraOptions, Progress, Trained, add_lora, described, loss_on, train

NEEDED = 50
"""Rows with a title or an opinion as answer below which a model learns nothing but them."""

_PARTS = 20
"""One dialogue or user in so many is kept for validation."""
_KEPT, _GUARDED = 4000, 500
_BEAM, _CUTOFF = 24, 10
_ANSWER = 256
"""Tokens that an answer may have beyond a prompt."""

LICENCES: Mapping[str, str] = {
    "movies": "MIT (MovieTweetings); CC BY 4.0 (ReDial, Li et al., NeurIPS 2018)",
    "articles": "CC0 1.0 (arXiv metadata)",
}


@dataclass(frozen=True, slots=True)
class RowOptions:
    """What rows are made.

    Attributes:
        prompt_tokens: The most tokens of a prompt.
        users: The most users whose interactions are learned from, drawn by chance.
        items: The most items whose text is learned to name; those that no other row names come first.
        lists: Share of the dialogues of which a list of titles is made.
        replies: Share of the dialogues whose replies are learned.
        weights: What a token of an answer counts, by the task; 0 leaves a task out.
        debias: Rows count less, to this power, the more rows have the same answer; 0: all count alike.
        replayed: Rows of earlier tuning for each new one, where an adapter is gone on from.
        tolerance: How much the loss on earlier validation rows may rise then, in nats a token.
        measured: Validation rows that titles are searched for, for the card's recall.
    """

    prompt_tokens: int = 512
    users: int = 1000
    items: int = 600
    lists: float = 1.0
    replies: float = 0.15
    weights: Mapping[Task, float] = field(default_factory=lambda: dict(WEIGHTS))
    debias: float = 0.2
    replayed: float = 1.0
    tolerance: float = 0.02
    measured: int = 40


@dataclass(frozen=True, slots=True)
class Tuned:
    """A new version of an adapter: its folder, name and card."""

    folder: Path
    version: str
    card: Mapping[str, Any]


def tune(
    catalog: Catalog,
    out: Path,
    *,
    model: str = "auto",
    dialogues: Sequence[PastDialogue] = (),
    interactions: Sequence[Interaction] = (),
    files: Sequence[Path] = (),
    go_on: bool = False,
    licence: str | None = None,
    rows: RowOptions | None = None,
    lora: LoraOptions | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Tuned:
    """Tune a language model on a catalog and what people said and did with it.

    One dialogue or user in twenty is kept for validation: its loss decides when to stop, and its rows become
    the regression set. A run that was killed goes on from its last checkpoint when it is called again with
    the same data and options, and ends with the same weights.

    Args:
        catalog: What can be recommended.
        out: The folder of the adapter.
        model: The base model, by name.
        dialogues: Past dialogues.
        interactions: Past events.
        files: Where these come from; their checksums go on the card.
        go_on: Tune the current version in ``out`` further, with rows of earlier tuning among the new ones.
        licence: Of the data, for the card.
        rows: What rows are made.
        lora: How weights are tuned.
        settings: Of the installation.
        progress: Told what is done, and how far it is.

    Raises:
        FittingError: there is too little to learn from.
        TuningError: the folder is taken, the disk is full, or what was tuned further is worse on
            earlier data.
        ModelError: the model cannot be loaded or tuned.
    """
    rows, lora = rows or RowOptions(), lora or LoraOptions()
    settings = (settings or process_settings()).model_copy(update={"adapter": None})
    folder = AdapterFolder(out)
    before = Adapter.open(folder.current_path) if go_on else None
    if before is None:
        folder.check_free()
    base = locate(model, settings=settings)
    with quiet():
        weights, tokenizer, held = load_weights(base.folder, base.precision, base.device)
    if before is not None:
        before.check_base(base.folder, base.name)
    engine = TransformersModel(weights, tokenizer, name=f"{base.name}:{held}")
    made = _make_rows(catalog, engine, dialogues, interactions, rows, lora.seed, settings, progress)
    learned, held_out = made
    guarded = folder.regression() if before is not None else ()
    # A few new dialogues may have none to validate with: those of earlier tuning say when to stop.
    deciding = held_out or guarded
    _check_enough(learned, deciding)
    if before is not None:
        learned = _with_replay(learned, folder.replay(), rows.replayed, lora.seed)

    work = out / f".tuning-{_key(learned, held_out, rows, lora, base, before)}"
    limit = min(engine.context_window, rows.prompt_tokens + _ANSWER)
    packs = packs_of(encode(learned, engine, limit), lora.pack_tokens)
    validation = packs_of(encode(deciding, engine, limit), lora.pack_tokens)
    with quiet():
        lora_model = add_lora(weights, lora, None if before is None else before.folder)
        measure = _Measure(catalog, engine, held_out, guarded, rows.measured, lora, limit)
        figures = {"before": measure(lora_model)}
        trained = train(lora_model, packs, validation, lora, work, progress)
        figures["after"] = measure(lora_model)
    if before is not None:
        _check_regression(figures, rows.tolerance, before)
    card = {
        "format": FORMAT,
        "made": datetime.now(UTC).date().isoformat(),
        "parent": None if before is None else before.version,
        "base": {"name": base.name, "fingerprint": fingerprint(base.folder), "held": held},
        "catalog": {
            "name": catalog.name,
            "fingerprint": catalog.fingerprint,
            "items": len(catalog),
            "kind": catalog.kind,
        },
        "data": _data(catalog, files, dialogues, interactions),
        "licence": licence or LICENCES.get(catalog.name, "not stated"),
        "rows": _counts(learned),
        "validation": f"one dialogue or user in {_PARTS}, by the CRC-32 of its id "
        f"({sum(_counts(held_out).values()):,} rows)",
        "figures": figures,
        "training": _training(trained),
        "options": {**asdict(lora), **asdict(rows)},
    }
    chance = random.Random(lora.seed)
    kept = chance.sample(learned, min(_KEPT, len(learned)))
    guard = chance.sample([*guarded, *held_out], min(_GUARDED, len(guarded) + len(held_out)))
    version = folder.publish(trained.model, card, catalog, kept, guard)
    shutil.rmtree(work, ignore_errors=True)
    return Tuned(out, version, {**card, "version": version})


def _make_rows(
    catalog: Catalog,
    engine: TransformersModel,
    dialogues: Sequence[PastDialogue],
    interactions: Sequence[Interaction],
    options: RowOptions,
    seed: int,
    settings: Settings,
    progress: Progress | None,
) -> tuple[list[Row], list[Row]]:
    """Rows to learn from, and rows to validate with."""
    remembered = [d for d in dialogues if not held_out(d.id)]
    recommender = Recommender(
        catalog, engine, dialogues=remembered, strategy="understand=rules", settings=settings
    )
    maker = RowMaker(
        recommender,
        engine.count_tokens,
        budget=options.prompt_tokens,
        lists=options.lists,
        replies=options.replies,
        weights=options.weights,
        seed=seed,
    )
    learned, validation = list[Row](), list[Row]()
    for done, dialogue in enumerate(dialogues, start=1):
        (validation if held_out(dialogue.id) else learned).extend(maker.of_dialogue(dialogue))
        if progress is not None and done % 20 == 0:
            progress("dialogues", done, len(dialogues))
    for user, events in _users(interactions, options.users, seed).items():
        (validation if held_out(user) else learned).extend(maker.of_user(user, events))
    learned = list(debiased(learned, options.debias))
    learned += _item_rows(maker, learned, options.items, seed)
    return [row for row in learned if row.weight], [row for row in validation if row.weight]


def held_out(group: str) -> bool:
    """Whether a dialogue or user is kept for validation."""
    return zlib.crc32(group.encode()) % _PARTS == 0


def _users(interactions: Sequence[Interaction], most: int, seed: int) -> dict[str, list[Interaction]]:
    events: defaultdict[str, list[Interaction]] = defaultdict(list)
    for event in interactions:
        events[event.user_id].append(event)
    several = sorted(user for user, own in events.items() if len(own) > 1)
    chosen = random.Random(seed).sample(several, min(most, len(several)))
    return {user: events[user] for user in chosen}


def _item_rows(maker: RowMaker, learned: Sequence[Row], most: int, seed: int) -> list[Row]:
    """Rows of items, new ones twice: those that no other row names, of which the model knows nothing else."""
    named = {row.item_id for row in learned}
    items = random.Random(seed).sample(list(maker.catalog), len(maker.catalog))
    new = [item for item in items if item.id not in named]
    old = [item for item in items if item.id in named]
    twice = new[: most // 2]
    chosen = [*twice, *twice, *old][:most]
    return [maker.of_item(item) for item in chosen]


def _check_enough(learned: Sequence[Row], validation: Sequence[Row]) -> None:
    telling = sum(row.task in ("next", "history", "liking") for row in learned)
    hint = (
        "give more conversations in which items of the catalog are recommended, or interactions of more "
        "users; some hundreds of either will do"
    )
    if telling < NEEDED:
        raise FittingError(f"only {telling} rows to learn from, {NEEDED} are needed", hint=hint)
    if not validation:
        kept = f"one dialogue or user in {_PARTS} is kept for it, by its id"
        raise FittingError(f"{telling} rows to learn from, and none to validate with: {kept}", hint=hint)


def _with_replay(learned: Sequence[Row], earlier: Sequence[Row], each: float, seed: int) -> list[Row]:
    count = min(len(earlier), round(each * len(learned)))
    return [*learned, *random.Random(seed).sample(list(earlier), count)]


class _Measure:
    """What a model is worth on rows that it does not learn from."""

    def __init__(
        self,
        catalog: Catalog,
        engine: TransformersModel,
        rows: Sequence[Row],
        guarded: Sequence[Row],
        searched: int,
        lora: LoraOptions,
        limit: int,
    ) -> None:
        self._rows, self._guarded, self._lora, self._limit = rows, guarded, lora, limit
        self._engine, self._catalog = engine, catalog
        titled = [row for row in rows if row.item_id is not None and row.task in ("next", "history")]
        self._searched = random.Random(0).sample(titled, min(searched, len(titled)))

    def __call__(self, model: Any) -> dict[str, float]:
        figures = {}
        for task in TASKS:
            if own := [row for row in self._rows if row.task == task]:
                figures[f"loss, {task}"] = self._loss(model, own)
        if self._guarded:
            figures["loss, earlier validation rows"] = self._loss(model, self._guarded)
        if self._searched:
            figures[f"recall@{_CUTOFF} of the beam ({len(self._searched)} rows)"] = self._recall(model)
        return figures

    def _loss(self, model: Any, rows: Sequence[Row]) -> float:
        packs = packs_of(encode(rows, self._engine, self._limit), self._lora.pack_tokens)
        return loss_on(model, packs, self._lora.batch_tokens)

    def _recall(self, model: Any) -> float:
        engine = TransformersModel(
            model.get_base_model(), self._engine.tokenizer, name=f"{self._engine.name} in tuning"
        )
        titles = TitleIndex(spoken_titles(self._catalog), engine.encode)
        hits = []
        for row in self._searched:
            found = search_titles(engine, row.messages, titles, _BEAM).rows[:_CUTOFF]
            hits.append(self._catalog.row(str(row.item_id)) in found)
        return float(np.mean(hits))


def _check_regression(figures: Mapping[str, Mapping[str, float]], tolerance: float, before: Adapter) -> None:
    name = "loss, earlier validation rows"
    was, now = figures["before"].get(name), figures["after"].get(name)
    if was is not None and now is not None and now > was + tolerance:
        raise TuningError(
            f"what was tuned further is worse on earlier data: loss {was:.3f} before, {now:.3f} after; "
            f"{before.version} is kept",
            where=str(before.folder),
            hint="replay more earlier rows, take a lower learning rate, or allow more with --tolerance",
        )


def _key(
    learned: Sequence[Row],
    validation: Sequence[Row],
    rows: RowOptions,
    lora: LoraOptions,
    base: Located,
    before: Adapter | None,
) -> str:
    """Tells trainings apart, so that a checkpoint is only gone on from with the same data and options."""
    digest = hashlib.sha256(repr((rows, described(replace(lora, minutes=None)))).encode())
    digest.update(f"{fingerprint(base.folder)} {base.precision} {before and before.name}".encode())
    for row in (*learned, *validation):
        digest.update(repr(row).encode())
    return digest.hexdigest()[:12]


def _data(
    catalog: Catalog,
    files: Sequence[Path],
    dialogues: Sequence[PastDialogue],
    interactions: Sequence[Interaction],
) -> list[dict[str, Any]]:
    holds = f"{len(dialogues):,} dialogues, {len(interactions):,} events in all"
    known = [
        {"file": p.name, "sha256": hashlib.sha256(p.read_bytes()).hexdigest(), "holds": holds} for p in files
    ]
    return known or [{"file": catalog.name, "sha256": catalog.fingerprint, "holds": holds}]


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    counts = Counter(row.task for row in rows)
    return {task: counts[task] for task in TASKS if counts[task]}


def _training(trained: Trained) -> dict[str, Any]:
    return {
        "steps": trained.steps,
        "planned": trained.planned,
        "tokens_per_second": trained.tokens_per_second,
        "losses": [dict(line) for line in trained.losses],
    }
