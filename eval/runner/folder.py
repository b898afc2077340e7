"""The folder of a run: what was asked for, and what it was asked of."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.errors import StoreError
from eval.files import write_whole
from eval.matrix import Matrix
from eval.runner.asked import Asked

MANIFEST = "run.json"
_FORMAT = 1


@dataclass
class Manifest:
    """What a run is of. It is brought up to date as data and models become known.

    Attributes:
        id: The run's name.
        created: When it was begun, ISO 8601 in UTC.
        matrix: The matrix that was last asked for.
        checksums: Checksum by data set.
        models: Name of the weights by the name that was asked for (``auto``).
        embedders: Name and dimension of embedders by the name that was asked for.
        outputs: Hashes of the files of stored outputs, by path.
    """

    id: str
    created: str
    matrix: dict[str, Any]
    checksums: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    embedders: dict[str, tuple[str, int]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    format: int = _FORMAT


class RunFolder:
    """A folder with a manifest; the store and the results lie beside it.

    Args:
        path: The folder.
        manifest: What it is a run of.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest

    @classmethod
    def begin(cls, path: Path, matrix: Matrix, *, resume: bool = True) -> RunFolder:
        """The folder of a new run, or of one to go on with.

        Raises:
            StoreError: the folder holds something else, or a run where ``resume`` is False.
        """
        asked = matrix.model_dump(mode="json")
        if (path / MANIFEST).exists():
            if not resume:
                raise StoreError(
                    "there is a run in this folder",
                    where=str(path),
                    hint="go on with it with --resume, or name another folder with --out",
                )
            folder = cls.open(path)
            folder.manifest.matrix = asked
            return folder
        now = datetime.now(UTC)
        name = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        return cls(path, Manifest(name, now.isoformat(timespec="seconds"), asked))

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """The folder of a run that was begun.

        Raises:
            StoreError: there is no run in it, or its manifest is broken.
        """
        file = path / MANIFEST
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            if values.get("format") != _FORMAT:
                raise StoreError("the run was made by another version", where=str(file), hint="run it anew")
            return cls(path, Manifest(**values))
        except FileNotFoundError:
            raise StoreError(
                "there is no run in this folder", where=str(path), hint="`groundrec eval run` makes one"
            ) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise StoreError(f"this is no record of a run: {error}", where=str(file)) from None

    @property
    def matrix(self) -> Matrix:
        """The matrix that was last asked for."""
        return Matrix.of(self.manifest.matrix, where=str(self.path / MANIFEST))

    def check(self, data: Iterable[Asked]) -> None:
        """Note the checksums of the data.

        Raises:
            StoreError: a data set is not what it was when the run was begun.
        """
        for asked in data:
            before = self.manifest.checksums.setdefault(asked.name, asked.data.checksum)
            if before != asked.data.checksum:
                raise StoreError(
                    f"the data set {asked.name!r} has changed since the run was begun "
                    f"(checksum {before}, now {asked.data.checksum})",
                    where=str(self.path),
                    hint="answers to other data are not mixed: name another folder with --out",
                )

    def save(self) -> None:
        """Write the manifest in one step; raises StoreError where it cannot be written."""
        write_whole(self.path / MANIFEST, json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1))
