"""The data of a run: which questions are asked of which data set, by which protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from eval.datasets import EvalSet, Question, load_dataset
from eval.errors import ProtocolError
from eval.matrix import DatasetSpec, Matrix
from eval.protocols import PROTOCOLS, Protocol
from eval.results import DatasetStamp

_SAMPLE_SEED = 0


@dataclass(frozen=True, eq=False)
class Fold:
    """A part of a data set with what may be learned from for it, and the questions asked of it."""

    data: EvalSet
    questions: tuple[Question, ...]


@dataclass(frozen=True, eq=False)
class Asked:
    """A data set as a run asks it.

    Attributes:
        name: How the matrix calls it.
        protocol: How it is asked.
        folds: Its parts; a question is in one of them.
    """

    name: str
    protocol: Protocol
    folds: tuple[Fold, ...]

    def __len__(self) -> int:
        return sum(len(fold.questions) for fold in self.folds)

    def __iter__(self) -> Iterator[tuple[Fold, Question]]:
        return ((fold, question) for fold in self.folds for question in fold.questions)

    @property
    def data(self) -> EvalSet:
        """The first part; name, catalog, licence and checksum are those of all."""
        return self.folds[0].data

    @property
    def stamp(self) -> DatasetStamp:
        """What a result says of it."""
        missing = {t for fold, q in self for t in q.targets if t not in fold.data.catalog}
        return DatasetStamp(
            name=self.name,
            protocol=self.protocol.name,
            checksum=self.data.checksum,
            catalog=self.data.catalog.fingerprint,
            items=len(self.data.catalog),
            rows=len(self),
            clusters=len({question.cluster for _, question in self}),
            licence=self.data.licence,
            unknown_targets=len(missing),
        )


def open_data(matrix: Matrix) -> tuple[Asked, ...]:
    """Load the data sets of a matrix and choose the questions.

    Raises:
        DatasetError: a data set is not there or broken.
        ProtocolError: a protocol is unknown or does not fit its data set.
    """
    return tuple(_open(spec, matrix) for spec in matrix.datasets)


def choose(questions: Sequence[Question], limit: int | None, sample: int | None) -> frozenset[str]:
    """Ids of the questions that are asked.

    Args:
        questions: All of them, in order.
        limit: Only the first ones.
        sample: So many at random. Which ones does not hang on the order, and a larger sample holds every
            smaller one.
    """
    chosen = list(questions)
    if sample is not None:
        chosen = sorted(chosen, key=lambda q: hashlib.sha256(f"{_SAMPLE_SEED} {q.id}".encode()).digest())
    return frozenset(question.id for question in chosen[:sample][:limit])


def _open(spec: DatasetSpec, matrix: Matrix) -> Asked:
    load = partial(load_dataset, spec.name, columns=spec.columns, split=spec.split, kind=spec.kind)
    first = load(fold=spec.folds[0] if spec.folds else None)
    # Numbered folds part the same kind of questions, so all are asked; named ones are for different ends.
    numbered = first.folds if all(isinstance(fold, int) for fold in first.folds) else ()
    names = spec.folds or numbered or (first.fold,)
    sets = [first if name == first.fold else load(fold=name) for name in names]
    protocol = _protocol(spec, first, matrix)
    questions = [tuple(protocol.questions(data)) for data in sets]
    limit, sample = spec.limit or matrix.limit, spec.sample or matrix.sample
    kept = choose([question for some in questions for question in some], limit, sample)
    folds = (
        Fold(data, tuple(question for question in some if question.id in kept))
        for data, some in zip(sets, questions, strict=True)
    )
    return Asked(spec.label, protocol, tuple(fold for fold in folds if fold.questions))


def _protocol(spec: DatasetSpec, data: EvalSet, matrix: Matrix) -> Protocol:
    if spec.protocol is not None and spec.protocol not in PROTOCOLS:
        raise ProtocolError(
            f"there is no protocol {spec.protocol!r}",
            where=spec.name,
            hint=f"there are: {', '.join(PROTOCOLS)}",
        )
    fitting = [p for p in PROTOCOLS.values() if data.task in p.tasks]
    chosen = PROTOCOLS[spec.protocol] if spec.protocol else fitting[0]
    return chosen() if matrix.depth is None else chosen(depth=matrix.depth)
