"""A conversation of our own as a past dialogue, so that the next one can learn from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from agent.dialogues import PastDialogue, Spoken
from agent.moments import Moment


def recollect(moments: Sequence[Moment], dialogue_id: str | None = None) -> PastDialogue:
    """What of a conversation is worth remembering: the turns, and the items that somebody cared about.

    Items that the user named are said by the user, in the turn that named them. Items of a list are said
    by the assistant, but only those that the user has an attitude to in the end: to have been shown is no
    praise, and a memory of whatever was shown would recommend itself.

    Args:
        moments: All states of the conversation, oldest first.
        dialogue_id: What the dialogue is called; else its context's name for it, else a digest of what
            was said.
    """
    context = moments[-1].context
    attitudes = context.state.attitudes
    found: dict[str, Spoken] = {}
    for item_id, turn, by in _said(moments):
        attitude = attitudes.get(item_id)
        if item_id not in found and (by == "user" or attitude):
            found[item_id] = Spoken(item_id, turn, by, attitude)  # type: ignore[arg-type]
    name = dialogue_id or context.dialogue_id or _digest(context.dialogue)
    return PastDialogue(name, context.dialogue, tuple(sorted(found.values(), key=lambda item: item.turn)))


def _said(moments: Sequence[Moment]) -> Iterator[tuple[str, int, str]]:
    """(item, turn, by whom), in the order in which they were said."""
    before = moments[0]
    for now in moments[1:]:
        turn = len(before.context.dialogue)
        if len(now.context.dialogue) > turn:
            named = set(before.context.state.mentioned)
            yield from ((i, turn, "user") for i in now.context.state.mentioned if i not in named)
            if now.shown != before.shown:
                yield from ((i, turn + 1, "assistant") for i in now.shown)
        before = now


def _digest(turns: Sequence[object]) -> str:
    return hashlib.sha256(repr(turns).encode()).hexdigest()[:16]
