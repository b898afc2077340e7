"""A grammar of true sentences: a model chooses facts and wording, and cannot say anything else."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agent.explain.phrasing import Statement
from agent.explain.plain import LONGEST, repeats, words_in
from agent.lm.base import Grammar
from agent.localisation import text

_STATEMENTS, _FIRST = 5, 2


def grammar(found: Sequence[Statement], locale: str) -> Grammar:
    """A Lark grammar of sentences with one or two of the strongest statements.

    One of the two strongest comes first, and is followed by a second wherever one fits that does not
    repeat it. What the item is not is left out where there is more to say: every item of a list shares
    that. So a model decides little more than facts and wordings; the tokens between are forced.

    Args:
        found: At least one statement, strongest first.
        locale: The language they are in.
    """
    telling = [s for s in found if s.topic != "contrast"]
    found = (telling if len(telling) > 1 else found)[:_STATEMENTS]
    rules = []
    for i, first in enumerate(found[:_FIRST]):
        openings = _either(first.openings)
        seconds = [j for j, second in enumerate(found) if j != i and _follows(first, second)]
        ending = f" joint ({' | '.join(f'w{j}' for j in seconds)})" if seconds else ""
        rules.append(f"o{i}: ({openings}){ending}")
    rules += [f"w{i}: {_either(s.wordings)}" for i, s in enumerate(found)]
    joints = (text(f"explain.{key}", locale, first="", second="") for key in ("two", "two_apart"))
    end = text("explain.sentence", locale, text="")
    starts = " | ".join(f"o{i}" for i in range(len(found[:_FIRST])))
    lines = [f"start: ({starts}) {json.dumps(end)}", f"joint: {_either(tuple(joints))}", *rules]
    return Grammar("lark", "\n".join(lines) + "\n")


def _follows(first: Statement, second: Statement) -> bool:
    length = max(map(words_in, first.openings)) + max(map(words_in, second.wordings))
    return length <= LONGEST and not repeats(second, [first])


def _either(texts: Sequence[str]) -> str:
    return " | ".join(json.dumps(t, ensure_ascii=False) for t in dict.fromkeys(texts))
