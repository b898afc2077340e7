"""The folder of an adapter: its versions, which is current, and the rows that a later one starts from."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from peft import PeftModel

from agent.catalog import Catalog
from agent.errors import AdapterError, TuningError
from agent.lm.adapters import CARD, CURRENT, ITEMS, VERSIONS
from agent.tuning.card import readme
from agent.tuning.rows import Row
from prompts import Message

_REPLAY, _REGRESSION = "replay.jsonl", "regression.jsonl"
_VERSION = re.compile(r"v(\d+)")


class AdapterFolder:
    """Versions of an adapter, ``v1``, ``v2``, ..., of which one is current.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def versions(self) -> tuple[str, ...]:
        """All versions, oldest first."""
        found = [p.name for p in (self.path / VERSIONS).glob("v*") if _VERSION.fullmatch(p.name)]
        return tuple(sorted(found, key=lambda name: int(name[1:])))

    @property
    def current(self) -> str | None:
        """The version that is used; None where there is none yet."""
        pointer = self.path / CURRENT
        return pointer.read_text("utf-8").strip() if pointer.is_file() else None

    @property
    def current_path(self) -> Path:
        """The folder of the current version.

        Raises:
            AdapterError: there is none.
        """
        if self.current is None:
            raise AdapterError(
                "holds no adapter", where=str(self.path), hint="`groundrec tune --out FOLDER` makes one"
            )
        return self.path / VERSIONS / self.current

    def check_free(self) -> None:
        """Refuse a folder that a first version may not be written to.

        Raises:
            TuningError: it is a file, or holds an adapter or something else.
        """
        if self.path.exists() and not self.path.is_dir():
            raise TuningError("is a file", where=str(self.path), hint="name a folder that is not there yet")
        if self.current is not None:
            raise TuningError(
                f"holds an adapter already ({self.current})",
                where=str(self.path),
                hint="go on from it with --continue, or name another folder",
            )
        if self.path.is_dir() and any(not p.name.startswith(".") for p in self.path.iterdir()):
            raise TuningError(
                "is there and holds no adapter",
                where=str(self.path),
                hint="name a folder that is not there yet",
            )

    def publish(
        self,
        model: PeftModel,
        card: Mapping[str, Any],
        catalog: Catalog,
        replay: Iterable[Row],
        regression: Iterable[Row],
    ) -> str:
        """Write a new version, whole or not at all, and make it the current one; returns its name.

        Raises:
            TuningError: it cannot be written.
        """
        name = f"v{max((int(v[1:]) for v in self.versions), default=0) + 1}"
        card = {**card, "version": name}
        home = self.path / VERSIONS
        made: Path | None = None
        try:
            home.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(dir=home, prefix=".new-"))
            model.save_pretrained(str(made))
            (made / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
            (made / "README.md").write_text(readme(card), "utf-8")
            titles = {item.id: item.title for item in catalog}
            (made / ITEMS).write_text(json.dumps(titles, ensure_ascii=False), "utf-8")
            dump_rows(made / _REPLAY, replay)
            dump_rows(made / _REGRESSION, regression)
            made.rename(home / name)
            self._point(name)
        except Exception as error:  # safetensors has errors of its own for a disk that is full
            if made is not None:
                shutil.rmtree(made, ignore_errors=True)
            raise TuningError(
                f"the adapter cannot be written: {error}",
                where=str(home),
                hint="make room and run the same command again; the last checkpoint is kept",
            ) from error
        return name

    def roll_back(self, version: str) -> None:
        """Make another version the current one.

        Raises:
            AdapterError: there is no such version.
        """
        if version not in self.versions:
            raise AdapterError(
                f"has no version {version!r}",
                where=str(self.path),
                hint=f"it has {', '.join(self.versions) or 'none'}",
            )
        self._point(version)

    def replay(self) -> tuple[Row, ...]:
        """Rows that the current version was tuned on."""
        return load_rows(self.current_path / _REPLAY)

    def regression(self) -> tuple[Row, ...]:
        """Rows that no version was tuned on, which a new one must foretell as well as the current one."""
        return load_rows(self.current_path / _REGRESSION)

    def _point(self, name: str) -> None:
        new = self.path / f".{CURRENT}"
        new.write_text(name + "\n", "utf-8")
        os.replace(new, self.path / CURRENT)


def dump_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as :func:`load_rows` reads them, a JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")


def load_rows(path: Path) -> tuple[Row, ...]:
    """Read rows.

    Raises:
        AdapterError: the file is not there or damaged.
    """
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return tuple(
            Row(**{**line, "messages": tuple(Message(**message) for message in line["messages"])})
            for line in lines
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise AdapterError(f"cannot be read: {error}", where=str(path)) from None
