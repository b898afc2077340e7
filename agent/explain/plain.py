"""Plain reasons: one short sentence from localised wordings, no model needed."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from agent.explain.lexicon import CJK
from agent.explain.phrasing import Statement, statements
from agent.localisation import text
from agent.recommendation import Evidence, Reason

LONGEST = 25
"""Words of a reason (a Chinese character counts half)."""

_AFTER = frozenset({"popularity", "facts", "contrast"})


def plain(item_label: str, evidence: Sequence[Evidence], locale: str = "en", kind: str = "") -> Reason:
    """A sentence with the two or three strongest facts.

    The wording varies with the item's label, and is the same every time for one label and evidence.
    ``kind`` is what the catalog calls an item ("movie"). Without evidence the sentence claims
    nothing.
    """
    chosen = choose(statements(evidence, locale, kind))
    if not chosen:
        return Reason(text("explain.close", locale))
    seed = crc32(item_label.encode())
    parts = [_pick(chosen[0].openings, seed), *(_pick(s.wordings, seed // 7) for s in chosen[1:])]
    used = tuple(e for statement in chosen for e in statement.evidence)
    return Reason(text("explain.sentence", locale, text=joined(parts, locale)), used)


def choose(found: Sequence[Statement]) -> list[Statement]:
    """Two or three statements of different topics that fit in one sentence, the strongest first."""
    chosen: list[Statement] = []
    room = LONGEST - 1  # one word joins them
    for statement in found:
        length = max(map(words_in, statement.wordings if chosen else statement.openings))
        if repeats(statement, chosen) or (chosen and length > room) or len(chosen) == 3:
            continue
        if len(chosen) == 2 and statement.topic not in _AFTER:
            continue
        chosen.append(statement)
        room -= length
    return chosen


def repeats(statement: Statement, chosen: Sequence[Statement]) -> bool:
    """Whether a statement says again what the chosen ones said."""
    if statement.topic in {s.topic for s in chosen}:
        return True
    if statement.topic in ("co_liked", "co_named"):
        return statement.evidence[0].item_id in {e.item_id for s in chosen for e in s.evidence}
    if statement.topic != "counted":
        return False
    told = {v for s in chosen for e in s.evidence for v in (e.value, *e.detail.split("|"))}
    return statement.evidence[0].value in told


def joined(parts: Sequence[str], locale: str) -> str:
    """Statements as one sentence without its full stop."""
    if len(parts) == 3:
        return text("explain.three", locale, first=parts[0], second=parts[1], third=parts[2])
    return text("explain.two", locale, first=parts[0], second=parts[1]) if len(parts) == 2 else parts[0]


def words_in(sentence: str) -> int:
    """The length of a sentence in words; two Chinese characters count as one."""
    chinese = sum(len(run) for run in CJK.findall(sentence))
    words = CJK.sub(" ", sentence).split()
    return sum(any(c.isalnum() for c in word) for word in words) + (chinese + 1) // 2


def _pick(wordings: Sequence[str], seed: int) -> str:
    return wordings[seed % len(wordings)]
