"""Conversations as files."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.catalog import Catalog, Interaction
from agent.clarification import Clarification, Option
from agent.context import Constraint, Facet, PreferenceState, UserContext
from agent.errors import SessionError
from prompts import Message

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Moment:
    """All that a session is at one moment: the context, the last list, and what awaits an answer.

    ``offer`` awaits a yes, ``asked`` one of its options.
    """

    context: UserContext
    shown: tuple[str, ...] = ()
    offer: tuple[Constraint, ...] = ()
    asked: Clarification | None = None


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
        "dialogue_id": last.dialogue_id,
        "locale": last.locale,
        "profile": dict(last.profile),
        "history": [asdict(event) for event in last.history],
        "examples": list(last.examples),
        "dialogue": [asdict(message) for message in last.dialogue],
        "moments": [_moment_to_json(moment) for moment in moments],
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
    missing = [i for moment in moments for i in _item_ids(moment) if i not in catalog]
    if missing:
        raise SessionError(
            f"speaks of item {missing[0]!r}, which {catalog.name!r} does not have",
            where=str(path),
            hint=f"the session was saved with the catalog {document['catalog']['name']!r}",
        )
    return moments


def _item_ids(moment: Moment) -> set[str]:
    state = moment.context.state
    return {*moment.shown, *state.attitudes, *state.seen, *state.rejected, *state.mentioned, *state.passed}


def _moment_to_json(moment: Moment) -> dict[str, Any]:
    context, told = moment.context, moment.context.state.told
    return {
        "said": len(context.dialogue),
        "wish": context.wish,
        "constraints": [asdict(c) for c in context.constraints],
        "attitudes": dict(context.state.attitudes),
        "seen": sorted(context.state.seen),
        "rejected": sorted(context.state.rejected),
        "facets": [[field, value, weight] for (field, value), weight in context.state.facets.items()],
        "mentioned": list(context.state.mentioned),
        "passed": sorted(context.state.passed),
        "turn": context.state.turn,
        "told": [[*key, turn] if isinstance(key, tuple) else [key, turn] for key, turn in told.items()],
        "shown": list(moment.shown),
        "offer": [asdict(c) for c in moment.offer],
        "asked": asdict(moment.asked) if moment.asked else None,
        "asked_before": list(context.asked),
    }


def _moments_from_json(document: dict[str, Any]) -> list[Moment]:
    dialogue = tuple(Message(**message) for message in document["dialogue"])
    whole = UserContext(
        user_id=document["user_id"],
        dialogue_id=document.get("dialogue_id"),
        history=tuple(Interaction(**event) for event in document["history"]),
        profile=dict(document["profile"]),
        locale=document["locale"],
        examples=tuple(document.get("examples", ())),
    )
    moments = []
    for entry in document["moments"]:
        state = PreferenceState(
            attitudes={str(i): int(a) for i, a in entry["attitudes"].items()},
            seen=frozenset(entry["seen"]),
            rejected=frozenset(entry["rejected"]),
            facets={(field, value): float(weight) for field, value, weight in entry["facets"]},
            mentioned=tuple(entry.get("mentioned", ())),
            passed=frozenset(entry.get("passed", ())),
            turn=int(entry.get("turn", 0)),
            told={_key(key): int(turn) for *key, turn in entry.get("told", ())},
        )
        context = whole.with_(
            state=state,
            dialogue=dialogue[: entry["said"]],
            wish=entry["wish"],
            constraints=tuple(_constraint(c) for c in entry["constraints"]),
            asked=tuple(entry.get("asked_before", ())),
        )
        asked = _clarification(entry["asked"]) if entry.get("asked") else None
        moments.append(Moment(context, tuple(entry["shown"]), _offer(entry["offer"]), asked))
    if not moments:
        raise ValueError("no moments")
    return moments


def _offer(entry: list[dict[str, Any]] | dict[str, Any] | None) -> tuple[Constraint, ...]:
    """What was offered to be dropped; files of version 0.1 hold one constraint or none."""
    listed = [entry] if isinstance(entry, dict) else entry or []
    return tuple(_constraint(c) for c in listed)


def _clarification(entry: dict[str, Any]) -> Clarification:
    options = tuple(Option(o["words"], tuple(map(_constraint, o["constraints"]))) for o in entry["options"])
    return Clarification(**{**entry, "options": options})


def _key(parts: Sequence[str]) -> str | Facet:
    """An item id, or a facet."""
    return parts[0] if len(parts) == 1 else (parts[0], parts[1])


def _constraint(entry: dict[str, Any]) -> Constraint:
    value = entry["value"]
    return Constraint(**{**entry, "value": tuple(value) if isinstance(value, list) else value})
