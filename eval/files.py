"""Files written in one step, and what to say where they cannot be."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path

from eval.errors import StoreError


def write_whole(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old one or the new one.

    Raises:
        StoreError: the disk is full, or the file cannot be written to.
    """
    scratch = path.with_name(f".{path.name}.part")
    try:
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise cannot_write(error, path) from None


def cannot_write(error: OSError, path: Path) -> StoreError:
    """What to tell of a file that could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        what, hint = "the disk is full", "make room and run the same command again: nothing kept is lost"
    else:
        what, hint = f"cannot be written to: {error.strerror}", "name another place"
    return StoreError(what, where=str(path), hint=hint)
