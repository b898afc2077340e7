"""What systems answered: an append-only store that survives being killed at any moment.

Each writer appends to a segment file of its own, one JSON line an answer, written with one call and read
back by key. A line that was cut off can only be a segment's last: readers skip it, and the answer is made
again. Nothing is ever rewritten.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic_core import from_json

from eval.errors import StoreError
from eval.files import cannot_write
from eval.protocols.answers import Answer

SEGMENTS = "answers"
_LOCK, _OWNER = "lock", "owner.json"


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer and what it was made with.

    Attributes:
        key: See :func:`answer_key`.
        seed: The seed the question was asked with.
        answer: The answer without its trace; :meth:`Store.trace` reads that.
        prompts: Hashes of the rendered prompts, by name.
        code: Version and revision that made it.
        peak_megabytes: The greatest resident memory of the process since its cell was begun.
        place: Segment and byte offset of the line.
    """

    key: str
    seed: int
    answer: Answer
    prompts: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    peak_megabytes: float | None = None
    place: tuple[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready mapping, without the place and the trace."""
        return {
            "key": self.key,
            "seed": self.seed,
            "answer": replace(self.answer, trace=None).to_json(),
            "prompts": dict(self.prompts),
            "code": self.code,
            "peak_megabytes": self.peak_megabytes,
        }

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any], place: tuple[str, int]) -> Stored:
        """What a line holds, but for the trace."""
        return cls(
            mapping["key"],
            mapping["seed"],
            Answer.from_json(mapping["answer"]),
            mapping["prompts"],
            mapping["code"],
            mapping["peak_megabytes"],
            place,
        )


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

    An answer is never replaced, unless it failed and was asked for again.

    Args:
        folder: Where the folder of segments is; made when the first answer is added.

    Raises:
        StoreError: a segment is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / SEGMENTS
        self._answers: dict[str, Stored] = {}
        self._segment: _Segment | None = None
        for path in sorted(self._folder.glob("*.jsonl")):
            for offset, record in _records(path):
                self._keep(Stored.from_json(record, (path.name, offset)))

    def __len__(self) -> int:
        return len(self._answers)

    def __contains__(self, key: object) -> bool:
        return key in self._answers

    def __getitem__(self, key: str) -> Stored:
        return self._answers[key]

    @property
    def places(self) -> list[tuple[str, tuple[str, int] | None]]:
        """The keys, sorted, with the places of their answers."""
        return [(key, stored.place) for key, stored in sorted(self._answers.items())]

    def get(self, key: str) -> Stored | None:
        """The answer, or None where there is none yet."""
        return self._answers.get(key)

    def add(self, stored: Stored) -> Stored:
        """Keep an answer and its trace; once this returns, it survives the process.

        Returns:
            What is kept: the answer that was there already, or this one with its place.

        Raises:
            StoreError: the disk is full or the folder cannot be written to.
        """
        if (kept := self._answers.get(stored.key)) is not None and kept.answer.error is None:
            return kept
        if self._segment is None:
            self._segment = _Segment.create(self._folder)
        record = {**stored.to_json(), "trace": list(stored.answer.trace or ())}
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str)
        try:
            offset = self._segment.append(line.encode("utf-8", "replace") + b"\n")
        except StoreError:
            # Half a line may have been written: it must stay the last of its segment.
            self.close()
            raise
        answer = replace(stored.answer, trace=None)
        return self._keep(replace(stored, answer=answer, place=(self._segment.path.name, offset)))

    def trace(self, stored: Stored) -> tuple[Mapping[str, Any], ...]:
        """The stages that were kept with an answer of this store."""
        if stored.place is None:
            return ()
        name, offset = stored.place
        with (self._folder / name).open("rb") as stream:
            stream.seek(offset)
            return tuple(from_json(stream.readline())["trace"])

    def close(self) -> None:
        """Close the segment; the answers stay readable."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def _keep(self, stored: Stored) -> Stored:
        kept = self._answers.get(stored.key)
        if kept is None or kept.answer.error is not None:
            self._answers[stored.key] = kept = stored
        return kept


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
            raise cannot_write(error, folder) from None

    def append(self, line: bytes) -> int:
        """Write a whole line and return the offset it begins at."""
        start, rest = self._size, line
        try:
            while rest:
                written = os.write(self._descriptor, rest)
                self._size += written
                rest = rest[written:]
        except OSError as error:
            raise cannot_write(error, self.path) from None
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
        raise cannot_write(error, folder) from None
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
            if not line.endswith(b"\n") or not isinstance(record, dict) or "key" not in record:
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
