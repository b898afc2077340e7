"""What systems answered: an append-only store that survives being killed at any moment.

Each writer appends to a segment file of its own, one JSON line an answer, written with one call and read
back by key. A line that was cut off can only be a segment's last: readers skip it, and the answer is made
again. Nothing is ever rewritten.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic_core import from_json

from agent.lm import Usage
from eval.errors import StoreError
from eval.metrics import WrittenTitle

SEGMENTS = "answers"
_LOCK, _OWNER = "lock", "owner.json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answered to one question: all that metrics need, nothing that depends on them.

    Attributes:
        key: See :func:`answer_key`.
        question: Id of the question.
        seed: The seed it was asked with.
        ranked: Item ids, best first, each once.
        titles: The titles written; None where the system writes no text.
        examples: Titles that the prompt's own examples show.
        faithful: For each reason given, whether the checker passes it.
        turns: Turns that a simulated dialogue took.
        succeeded: Whether it ended in an accepted item.
        usage: Tokens spent; None where no language model ran.
        milliseconds: Wall-clock time of the answer.
        peak_megabytes: The greatest resident memory of the process by then.
        error: Why no answer came; None where one did.
        prompts: Hashes of the rendered prompts, by name.
        place: Segment and byte offset of the line, for :meth:`Store.detail`.
    """

    key: str
    question: str
    seed: int
    ranked: tuple[str, ...] = ()
    titles: tuple[WrittenTitle, ...] | None = None
    examples: tuple[str, ...] = ()
    faithful: tuple[bool, ...] = ()
    turns: int | None = None
    succeeded: bool | None = None
    usage: Usage | None = None
    milliseconds: float | None = None
    peak_megabytes: float | None = None
    error: str | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    place: tuple[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready mapping without what is at its default."""
        mapping = asdict(self)
        del mapping["place"]
        return {name: value for name, value in mapping.items() if value not in (None, (), {})} | {
            name: [] for name in ("titles",) if self.titles == ()
        }

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any], place: tuple[str, int] | None = None) -> Answer:
        """The answer that :meth:`to_json` was called on."""
        values = dict(mapping)
        if (titles := values.get("titles")) is not None:
            values["titles"] = tuple(WrittenTitle(t["text"], t["item_id"]) for t in titles)
        if (usage := values.get("usage")) is not None:
            values["usage"] = Usage(**usage)
        for name in ("ranked", "examples", "faithful"):
            if name in values:
                values[name] = tuple(values[name])
        return cls(**values, place=place)


def answer_key(*parts: Any) -> str:
    """The name of an answer: 32 hex digits that change with anything that it depends on.

    Args:
        parts: JSON-ready values: checksum of the data, question, model with revision and quantisation,
            hash of the prompt, switches of the strategy, seed.
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Store:
    """The answers in a folder, by key.

    Args:
        folder: Where the segments are; made when the first answer is added.

    Raises:
        StoreError: a segment is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / SEGMENTS
        self._answers: dict[str, Answer] = {}
        self._segment: _Segment | None = None
        for path in sorted(self._folder.glob("*.jsonl")):
            for offset, record in _records(path):
                answer = Answer.from_json(record["answer"], (path.name, offset))
                self._answers.setdefault(answer.key, answer)

    def __len__(self) -> int:
        return len(self._answers)

    def __contains__(self, key: object) -> bool:
        return key in self._answers

    def __getitem__(self, key: str) -> Answer:
        return self._answers[key]

    def get(self, key: str) -> Answer | None:
        """The answer, or None where there is none yet."""
        return self._answers.get(key)

    def add(self, answer: Answer, trace: Sequence[Mapping[str, Any]] = ()) -> Answer:
        """Keep an answer; once this returns, it survives the process.

        Args:
            answer: The answer; one that is there already is kept as it is.
            trace: The stages of its making, as JSON-ready mappings.

        Raises:
            StoreError: the disk is full or the folder cannot be written to.
        """
        if (kept := self._answers.get(answer.key)) is not None:
            return kept
        if self._segment is None:
            self._segment = _Segment.create(self._folder)
        line = json.dumps(
            {"answer": answer.to_json(), "trace": list(trace)},
            ensure_ascii=False,
            separators=(",", ":"),
            default=str,
        )
        try:
            offset = self._segment.append(line.encode("utf-8", "replace") + b"\n")
        except StoreError:
            # Half a line may have been written: it must stay the last of its segment.
            self.close()
            raise
        placed = Answer.from_json(answer.to_json(), (self._segment.path.name, offset))
        self._answers[answer.key] = placed
        return placed

    def detail(self, answer: Answer) -> tuple[Mapping[str, Any], ...]:
        """The trace that was kept with an answer of this store."""
        if answer.place is None:
            return ()
        name, offset = answer.place
        with (self._folder / name).open("rb") as stream:
            stream.seek(offset)
            return tuple(from_json(stream.readline())["trace"])

    def close(self) -> None:
        """Close the segment; the answers stay readable."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None


class _Segment:
    """A file that one writer appends lines to."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path, self._descriptor, self._size = path, descriptor, 0

    @classmethod
    def create(cls, folder: Path) -> _Segment:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            number = 1 + max((int(p.stem) for p in folder.glob("*.jsonl") if p.stem.isdecimal()), default=0)
            path = folder / f"{number:06d}.jsonl"
            return cls(path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644))
        except OSError as error:
            raise _cannot_write(error, folder) from None

    def append(self, line: bytes) -> int:
        """Write a whole line and return the offset it begins at."""
        start, rest = self._size, line
        try:
            while rest:
                written = os.write(self._descriptor, rest)
                self._size += written
                rest = rest[written:]
        except OSError as error:
            raise _cannot_write(error, self.path) from None
        return start

    def close(self) -> None:
        os.close(self._descriptor)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the folder of a run for one writer; the system lets go of it when the process dies.

    Raises:
        StoreError: another process is writing to it, or it cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreError(
            f"another run is writing to this folder{_owner(folder)}",
            where=str(folder),
            hint="wait for it, or take another folder with --out",
        ) from None
    except OSError as error:
        raise _cannot_write(error, folder) from None
    try:
        with suppress(OSError):
            (folder / _OWNER).write_text(json.dumps({"process": os.getpid()}))
        yield
    finally:
        (folder / _OWNER).unlink(missing_ok=True)
        lock.release()


def _owner(folder: Path) -> str:
    try:
        return f" (process {json.loads((folder / _OWNER).read_text())['process']})"
    except (OSError, ValueError, KeyError):
        return ""


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of a segment with their offsets, without a last one that was cut off."""
    offset = 0
    with path.open("rb") as stream:
        lines = stream.readlines()
    for number, line in enumerate(lines, start=1):
        try:
            record = from_json(line)
            if not line.endswith(b"\n") or not isinstance(record, dict) or "answer" not in record:
                raise ValueError("not a whole record")
            yield offset, record
        except ValueError:
            if number == len(lines):
                return
            raise StoreError(
                "this line is damaged",
                where=f"{path}:{number}",
                hint="take it out and run again: only its answer is made anew",
            ) from None
        offset += len(line)


def _cannot_write(error: OSError, path: Path) -> StoreError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    what = "the disk is full" if full else f"cannot be written to: {error.strerror}"
    hint = (
        "make room and run again: it goes on where it stopped" if full else "name another folder with --out"
    )
    return StoreError(what, where=str(path), hint=hint)
