"""From past dialogues to turns to predict, and from checked lines to records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from agent.dialogues import Spoken
from eval.datasets.lines import ConversationLine, DialogueLine
from eval.datasets.records import Dialogue, Question
from prompts import Message


def turns_to_predict(dialogue: Dialogue) -> tuple[Question, ...]:
    """One question for each turn in which the assistant names items.

    Items that nobody has said before are its targets, the others are ``repeated``. A turn with
    nothing new is kept, since protocols that count repetition ask about it.
    """
    found = []
    for turn in sorted({item.turn for item in dialogue.items if item.by == "assistant"}):
        before = dialogue.said_before(turn)
        named = dialogue.recommended(turn)
        found.append(
            Question(
                id=f"{dialogue.id}-{turn}",
                cluster=dialogue.id,
                targets=tuple(i for i in named if i not in before),
                context=dialogue.turns[:turn],
                mentioned=before,
                repeated=tuple(i for i in named if i in before),
            )
        )
    return tuple(found)


def split_by_group(
    dialogues: Sequence[Dialogue], fold: int
) -> tuple[tuple[Dialogue, ...], tuple[Dialogue, ...]]:
    """The dialogues of a fold, and those that may be learned from: of none of its people."""
    asked = tuple(d for d in dialogues if d.groups == (fold,))
    return asked, tuple(d for d in dialogues if fold not in d.groups)


def to_question(line: ConversationLine) -> Question:
    """A checked line as a question; the dialogue is its cluster, or the line itself where there is none."""
    return Question(
        id=line.id,
        cluster=line.dialogue or line.id,
        targets=tuple(dict.fromkeys(line.targets)),
        context=merged(Message(turn.role, turn.content) for turn in line.context),
        mentioned=tuple(dict.fromkeys(line.mentioned)),
        repeated=tuple(dict.fromkeys(line.repeated)),
        options=tuple(dict.fromkeys(line.options)),
        slices=tuple(line.slices),
    )


def to_dialogue(line: DialogueLine) -> Dialogue:
    """A checked line as a dialogue."""
    return Dialogue(
        line.id,
        tuple(Message(turn.role, turn.content) for turn in line.turns),
        tuple(Spoken(i.id, i.turn, i.by, i.attitude) for i in line.items),
        groups=tuple(line.groups),
    )


def merged(turns: Iterable[Message]) -> tuple[Message, ...]:
    """Turns with those that follow each other in one role put together, a line each."""
    return tuple(
        Message(role, "\n".join(turn.content for turn in some))
        for role, some in groupby(turns, key=lambda turn: turn.role)
    )
