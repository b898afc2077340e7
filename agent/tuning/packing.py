"""Rows as tokens; rows that begin alike share the tokens they begin with."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.tuning.rows import Row

if TYPE_CHECKING:
    from agent.lm.transformers_engine import TransformersModel

_BUCKET = 8
"""Batches whose packs are sorted by length together, so that little is padded."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A row in tokens.

    Attributes:
        tokens: Prompt and answer.
        answer: Where the answer begins.
        weight: What each of its tokens counts.
    """

    tokens: tuple[int, ...]
    answer: int
    weight: float


@dataclass(frozen=True, slots=True)
class Pack:
    """Rows in one sequence, in which each token sees what is before it in its own row and nothing else.

    Beginnings that several rows share are there once (a trie), so that a dialogue is computed once for all
    that was recommended in it; the losses are those of the rows one by one. The order of tokens does not
    matter to a model that is told their positions; those after which something is to be foretold come last,
    so that the model need compute no other logits.

    Attributes:
        tokens: int, shape (n,).
        positions: Of each token in its row, shape (n,).
        parents: The place of the token before each, -1 at the beginning, shape (n,).
        places: The token after which each answer token comes, shape (m,).
        targets: The answer tokens, shape (m,).
        weights: What each counts, shape (m,).
    """

    tokens: np.ndarray
    positions: np.ndarray
    parents: np.ndarray
    places: np.ndarray
    targets: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def foretelling(self) -> int:
        """How many tokens, the last ones, have something to foretell."""
        return len(self) - int(self.places.min())

    def visible(self) -> np.ndarray:
        """Which token sees which, bool, shape (n, n)."""
        seen = np.eye(len(self), dtype=bool)
        for place in np.argsort(self.positions, kind="stable"):
            if self.parents[place] >= 0:
                seen[place] |= seen[self.parents[place]]
        return seen


def encode(rows: Iterable[Row], model: TransformersModel, limit: int) -> list[tuple[str, Tokens]]:
    """Rows as tokens, with their groups; an answer ends with the model's end of a turn.

    Answers are cut where a row is longer than ``limit`` tokens; prompts that leave no room are left out.
    """
    rows = list(rows)
    end = model.end_token
    answers = model.encode([row.answer for row in rows])
    found = []
    for row, answer in zip(rows, answers, strict=True):
        prompt = model.tokens(row.messages)
        tokens = (*prompt, *answer, end)[:limit]
        if len(tokens) > len(prompt):
            found.append((f"{row.task} {row.group}", Tokens(tokens, len(prompt), row.weight)))
    return found


def pack(sequences: Sequence[Tokens]) -> Pack:
    """One sequence of several."""
    nodes: dict[tuple[int, int], int] = {}
    tokens, positions, parents = list[int](), list[int](), list[int]()
    losses: list[tuple[int, int, float]] = []
    for sequence in sequences:
        at = -1
        for position, token in enumerate(sequence.tokens):
            if position >= sequence.answer:
                losses.append((at, token, sequence.weight))
            # The last token foretells nothing.
            if position == len(sequence.tokens) - 1:
                break
            if (at, token) not in nodes:
                nodes[at, token] = len(tokens)
                tokens.append(token)
                positions.append(position)
                parents.append(at)
            at = nodes[at, token]
    places, targets, weights = (np.array(column) for column in zip(*losses, strict=True))
    last = np.zeros(len(tokens), dtype=bool)
    last[places] = True
    order = np.argsort(last, kind="stable")
    moved = np.empty(len(tokens), dtype=np.int64)
    moved[order] = np.arange(len(tokens))
    above = np.array(parents)[order]
    return Pack(
        np.array(tokens)[order],
        np.array(positions)[order],
        np.where(above >= 0, moved[above], -1),
        moved[places],
        targets,
        weights.astype(np.float32),
    )


def packs_of(sequences: Iterable[tuple[str, Tokens]], size: int) -> list[Pack]:
    """Packs of the sequences of each group, each of about ``size`` tokens at most."""
    groups: defaultdict[str, list[Tokens]] = defaultdict(list)
    for group, sequence in sequences:
        groups[group].append(sequence)
    packs = []
    for members in groups.values():
        open_: list[Tokens] = []
        known: set[tuple[int, ...]] = set()
        for sequence in members:
            new = {sequence.tokens[:end] for end in range(1, len(sequence.tokens))} - known
            if open_ and len(known) + len(new) > size:
                packs.append(pack(open_))
                open_, known = [], set()
                new = {sequence.tokens[:end] for end in range(1, len(sequence.tokens))}
            open_.append(sequence)
            known |= new
        packs.append(pack(open_))
    return packs


def batches_of(packs: Sequence[Pack], size: int, seed: int) -> list[list[Pack]]:
    """Packs in a random order, those of like length together, at most ``size`` tokens a batch with padding.

    A pack that is longer is a batch of its own.
    """
    chance = random.Random(seed)
    order = chance.sample(range(len(packs)), len(packs))
    mean = max(1, size // max(1, int(np.mean([len(p) for p in packs]))))
    found: list[list[Pack]] = []
    for first in range(0, len(order), _BUCKET * mean):
        together = sorted((packs[i] for i in order[first : first + _BUCKET * mean]), key=len)
        batch: list[Pack] = []
        for each in together:
            if batch and (len(batch) + 1) * len(each) > size:
                found.append(batch)
                batch = []
            batch.append(each)
        found.append(batch)
    chance.shuffle(found)
    return found


def collate(packs: Sequence[Pack]) -> dict[str, Any]:
    """A batch as tensors, padded on the left so that what foretells is at the end of all.

    Returns:
        ``input_ids`` and ``position_ids``, shape (b, n); ``visible``, bool, shape (b, 1, n, n); and for each
        answer token ``owner`` (the pack), ``place`` (counted from the first of the ``last`` tokens whose
        logits are needed), ``target`` and ``weight``.
    """
    import torch

    length, last = max(map(len, packs)), max(p.foretelling for p in packs)
    ids = torch.zeros(len(packs), length, dtype=torch.long)
    positions = torch.zeros(len(packs), length, dtype=torch.long)
    visible = torch.eye(length, dtype=torch.bool).repeat(len(packs), 1, 1, 1)
    columns: dict[str, list[np.ndarray]] = {"owner": [], "place": [], "target": [], "weight": []}
    for row, each in enumerate(packs):
        pad = length - len(each)
        ids[row, pad:] = torch.from_numpy(each.tokens)
        positions[row, pad:] = torch.from_numpy(each.positions)
        visible[row, 0, pad:, pad:] = torch.from_numpy(each.visible())
        columns["owner"].append(np.full(len(each.targets), row))
        columns["place"].append(each.places + pad - (length - last))
        columns["target"].append(each.targets)
        columns["weight"].append(each.weights)
    joined = {name: torch.from_numpy(np.concatenate(parts)) for name, parts in columns.items()}
    return {"input_ids": ids, "position_ids": positions, "visible": visible, "last": last, **joined}
