"""Evaluation sets from a folder in the documented formats."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from agent.catalog import Catalog, Item, load_catalog
from eval.datasets.conversations import split_by_group, to_dialogue, to_question, turns_to_predict
from eval.datasets.history import PARTS, split_by_time
from eval.datasets.lines import (
    ConversationLine,
    DialogueLine,
    LabelledLine,
    raise_problems,
    read_lines,
    read_titles,
)
from eval.datasets.records import Dialogue, EvalSet, Question
from eval.errors import DatasetError
from prompts import Message

_FORMATS = (
    "an evaluation set has catalog.csv (or .tsv, .jsonl, .parquet) and one of: conversations.jsonl (turns to "
    "predict, with an optional memory.jsonl of past dialogues), memory.jsonl whose dialogues name their "
    "'groups' (folds), titles.csv (text, item_id, kind), utterances.jsonl (labelled utterances), "
    "interactions.csv with timestamps"
)
_FILES = re.compile(
    r"(catalog|interactions)\.(csv|tsv|jsonl|parquet)(\.gz)?|(conversations|memory|utterances)\.jsonl(\.gz)?|titles\.csv"
)

NOT_IN_CATALOG = "title not in the catalog"
IN_CATALOG = "title in the catalog"


def load_folder(
    folder: Path,
    *,
    name: str | None = None,
    fold: int | str | None = None,
    kind: str | None = None,
    catalog: Catalog | None = None,
) -> EvalSet:
    """Load a folder.

    Args:
        folder: Where the files are.
        name: What to call the set; the folder's name where not given.
        fold: Which part is asked about; the first fold of dialogues, or the ``test`` part of
            interactions, where not given.
        kind: What one item is called, in the singular.
        catalog: The catalog, where it is not in the folder.

    Raises:
        DatasetError: a file is missing or breaks its format, or there is no such fold.
        CatalogError: the catalog or the interactions break their format.
    """
    if not folder.is_dir():
        raise DatasetError("no such folder", where=str(folder), hint=_FORMATS)
    conversations, memory = _file(folder, "conversations"), _file(folder, "memory")
    total = checksum(folder)
    if (utterances := _file(folder, "utterances")) is not None:
        if catalog is None and any(folder.glob("catalog.*")):
            catalog = _catalog(folder, kind, name, total)
        return _from_utterances(name or folder.resolve().name, utterances, catalog, total, fold)
    catalog = catalog or _catalog(folder, kind, name, total)
    dialogues = () if memory is None else _dialogues(memory, total)
    data = EvalSet(name or folder.resolve().name, "conversation", catalog, (), checksum=total)
    if conversations is not None:
        return _from_conversations(data, conversations, dialogues, fold)
    if memory is not None:
        return _from_dialogues(data, memory, dialogues, fold)
    if (titles := folder / "titles.csv").is_file():
        return _from_titles(data, titles, fold)
    if catalog.interactions:
        return from_interactions(data, fold)
    raise DatasetError("nothing to ask about", where=str(folder), hint=_FORMATS)


# All folds of a folder are made of the same lines: the checksum tells when these have changed.
@lru_cache(maxsize=1)
def _catalog(folder: Path, kind: str | None, name: str | None, checksum: str) -> Catalog:
    return load_catalog(folder, kind=kind, name=name)


@lru_cache(maxsize=1)
def _dialogues(memory: Path, checksum: str) -> tuple[Dialogue, ...]:
    return tuple(to_dialogue(line) for line in read_lines(memory, DialogueLine))


def _from_conversations(
    data: EvalSet, file: Path, dialogues: Sequence[Dialogue], fold: int | str | None
) -> EvalSet:
    """The turns of a file; the memory of all other dialogues where both give groups."""
    questions = tuple(to_question(line) for line in read_lines(file, ConversationLine))
    _no_parts(data, fold)
    raise_problems(_unknown_options(questions, data.catalog, str(file)), str(file))
    asked = {question.cluster for question in questions}
    memory = tuple(dialogue for dialogue in dialogues if dialogue.id not in asked)
    choices = all(question.options for question in questions)
    return with_counts(
        replace(data, task="choice" if choices else "conversation", questions=questions, memory=memory)
    )


def _from_dialogues(
    data: EvalSet, file: Path, dialogues: Sequence[Dialogue], fold: int | str | None
) -> EvalSet:
    """The turns of one fold of past dialogues; the others are the memory."""
    groups = sorted({group for dialogue in dialogues for group in dialogue.groups})
    if not groups:
        raise DatasetError(
            "its dialogues have no groups, and there is no conversations.jsonl beside it",
            where=str(file),
            hint=_FORMATS,
        )
    chosen = groups[0] if fold is None else fold
    if chosen not in groups:
        raise _no_fold(data.name, fold, groups)
    asked, memory = split_by_group(dialogues, int(chosen))
    questions = tuple(question for dialogue in asked for question in turns_to_predict(dialogue))
    return with_counts(
        replace(data, questions=questions, memory=memory, fold=chosen, folds=tuple(groups)), anew=True
    )


def _from_titles(data: EvalSet, file: Path, fold: int | str | None) -> EvalSet:
    """One question a title; its row number is its id."""
    _no_parts(data, fold)
    questions = tuple(
        Question(
            id=str(number),
            cluster=line.item_id or str(number),
            targets=(line.item_id,) if line.item_id else (),
            context=(Message("user", line.text),),
            slices=(IN_CATALOG if line.item_id else NOT_IN_CATALOG, *([line.kind] if line.kind else [])),
        )
        for number, line in enumerate(read_titles(file), start=1)
    )
    return replace(data, task="grounding", questions=questions)


def _from_utterances(
    name: str, file: Path, catalog: Catalog | None, checksum: str, fold: int | str | None
) -> EvalSet:
    """One question an utterance; without a catalog, those that the lines name are the folds."""
    lines = read_lines(file, LabelledLine)
    folds: tuple[str, ...] = ()
    if catalog is None:
        unnamed = [f"{file}: utterance {line.id!r}: catalog: missing" for line in lines if not line.catalog]
        raise_problems(unnamed, str(file), "name an embedded catalog, or put catalog.csv beside the file")
        folds = tuple(dict.fromkeys(line.catalog for line in lines))
        chosen = folds[0] if fold is None else str(fold)
        if chosen not in folds:
            raise _no_fold(name, fold, folds)
        catalog, fold = load_catalog(chosen), chosen
        lines = [line for line in lines if line.catalog == chosen]
    elif fold is not None:
        raise _no_fold(name, fold, folds)
    questions = tuple(
        Question(
            id=line.id,
            cluster=line.id,
            context=(Message("user", line.text),),
            last=tuple(line.last),
            label=line.model_dump(),
            slices=tuple(filter(None, (line.source, line.locale))),
        )
        for line in lines
    )
    return EvalSet(name, "understanding", catalog, questions, fold=fold, folds=folds, checksum=checksum)


def from_interactions(data: EvalSet, fold: int | str | None) -> EvalSet:
    """The interactions of the set's catalog, cut by time: what came before the cut stays its own."""
    chosen = "test" if fold is None else fold
    if chosen not in PARTS:
        raise _no_fold(data.name, fold, tuple(PARTS))
    split = split_by_time(data.catalog.interactions, str(chosen), where=data.name)
    catalog = Catalog(data.catalog.items, name=data.name, kind=data.catalog.kind, interactions=split.before)
    asked = replace(
        data, task="history", catalog=catalog, questions=split.questions, fold=chosen, folds=tuple(PARTS)
    )
    return with_counts(asked, anew=True)


def with_counts(data: EvalSet, *, anew: bool = False) -> EvalSet:
    """The set with its catalog's popularity counted in what may be learned from.

    Where the catalog has a popularity of its own, it stays unless it must be counted ``anew`` because
    it holds what is asked about.
    """
    learnable = data.memory or data.catalog.interactions
    if not anew and (not learnable or any(item.popularity for item in data.catalog)):
        return data
    counts = data.counts if learnable else {}
    old = data.catalog
    items = [_with_popularity(item, counts.get(item.id, 0.0)) for item in old]
    catalog = Catalog(items, name=old.name, kind=old.kind, interactions=old.interactions, skipped=old.skipped)
    return replace(data, catalog=catalog)


def _with_popularity(item: Item, popularity: float) -> Item:
    return item if item.popularity == popularity else replace(item, popularity=popularity)


def checksum(folder: Path) -> str:
    """16 hex digits over the names and the (decompressed) bytes of a folder's files."""
    files = sorted(path for path in folder.iterdir() if _FILES.fullmatch(path.name))
    return digest((path.name.removesuffix(".gz"), _content(path)) for path in files)


def digest(parts: Iterable[tuple[str, bytes]]) -> str:
    """16 hex digits over named contents, in their order."""
    total = hashlib.sha256()
    for name, content in parts:
        total.update(f"{name} {len(content)} ".encode())
        total.update(content)
    return total.hexdigest()[:16]


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError) as error:
        raise DatasetError(f"cannot be read: {error}", where=str(path)) from None


def _file(folder: Path, stem: str) -> Path | None:
    return next((p for end in (".jsonl", ".jsonl.gz") if (p := folder / f"{stem}{end}").is_file()), None)


def _unknown_options(questions: Sequence[Question], catalog: Catalog, file: str) -> list[str]:
    """Options cannot be answered, or counted as right or wrong, unless the catalog has them."""
    return [
        f"{file}: question {question.id!r}: options: {option!r} is not in the catalog"
        for question in questions
        for option in question.options
        if option not in catalog
    ]


def _no_parts(data: EvalSet, fold: int | str | None) -> None:
    if fold is not None:
        raise DatasetError(f"there is no fold {fold!r}", where=data.name, hint="this set has no folds")


def _no_fold(name: str, fold: int | str | None, folds: Sequence[int | str]) -> DatasetError:
    return DatasetError(f"there is no fold {fold!r}", where=name, hint=f"folds: {', '.join(map(str, folds))}")
