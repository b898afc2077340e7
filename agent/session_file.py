"""Conversations as files."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.catalog import Catalog
from agent.errors import SessionError
from agent.moments import Moment, moment_from_json, moment_to_json, opening_from_json, opening_to_json
from prompts import Message

FORMAT = 1


def write_moments(path: Path, moments: Sequence[Moment], catalog: Catalog) -> None:
    """Write a conversation as JSON; an existing file is replaced whole or not at all.

    Raises:
        SessionError: the file cannot be written.
    """
    last = moments[-1].context
    document = {
        "format": FORMAT,
        "catalog": {"name": catalog.name, "fingerprint": catalog.fingerprint},
        "user_id": last.user_id,
        **opening_to_json(last),
        "dialogue": [asdict(message) for message in last.dialogue],
        "moments": [moment_to_json(moment) for moment in moments],
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8"
        ) as file:
            json.dump(document, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    except OSError as error:
        raise SessionError(f"cannot be written: {error.strerror}", where=str(path)) from None


def read_moments(path: Path, catalog: Catalog) -> list[Moment]:
    """Read a conversation.

    Raises:
        SessionError: the file is missing, broken, of another version, or speaks of items that this catalog
            does not have.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SessionError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError as error:
        raise SessionError(f"is not a session file: {error}", where=str(path)) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else None
        raise SessionError(f"has format {found!r}, this version reads {FORMAT}", where=str(path))
    try:
        moments = _moments_from_json(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SessionError(f"is damaged: {error!r}", where=str(path)) from None
    missing = [i for moment in moments for i in moment.item_ids if i not in catalog]
    if missing:
        raise SessionError(
            f"speaks of item {missing[0]!r}, which {catalog.name!r} does not have",
            where=str(path),
            hint=f"the session was saved with the catalog {document['catalog']['name']!r}",
        )
    return moments


def _moments_from_json(document: dict[str, Any]) -> list[Moment]:
    dialogue = tuple(Message(**message) for message in document["dialogue"])
    opening = opening_from_json(document, document["user_id"])
    moments = [moment_from_json(entry, opening, dialogue) for entry in document["moments"]]
    if not moments:
        raise ValueError("no moments")
    return moments
