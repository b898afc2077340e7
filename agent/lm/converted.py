"""Where GGUF files are kept once they are unpacked."""

from __future__ import annotations

import hashlib
from pathlib import Path

from agent.errors import ModelNotFoundError
from agent.settings import Settings


def converted_folder(file: Path, settings: Settings) -> Path:
    """The folder for a GGUF file, named after it and its content, whether or not it is there yet.

    Raises:
        ModelNotFoundError: there is no such file.
    """
    if not file.is_file():
        raise ModelNotFoundError("there is no such GGUF file", where=str(file))
    return settings.cache_dir / "models" / f"{file.stem}-{_fingerprint(file)}"


def _fingerprint(file: Path, blocks: int = 64, size: int = 1 << 16) -> str:
    """A hash (16 hex digits) of a file's length and of evenly spaced blocks, quick for any size."""
    length = file.stat().st_size
    digest = hashlib.sha256(str(length).encode())
    with file.open("rb") as stream:
        for i in range(blocks):
            stream.seek(max(0, length - size) * i // (blocks - 1))
            digest.update(stream.read(size))
    return digest.hexdigest()[:16]
