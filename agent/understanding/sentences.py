"""What a sentence holds that no rule for cues could place, and which of its things it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agent.understanding.judgements import Active, Event, Judgement
from agent.understanding.text import Span, words_between

_WORD, _FRAGMENT, _POINTED = 2, 7, 14
"""Most words of a sentence that says nothing but a judgement: of anything, of what the sentence before
named, of what a pronoun points at."""
_NOUN = re.compile(
    r"\s+(?:movies?|films?|flicks?|ones?|stuff|work|papers?|reads?|games?|watch|series|franchise)\b"
)
_AT = re.compile(r"\W*(?:(?:at|through|during|by|in|of|with|over|for|to|on|about|from|:|the)\W+)*")
"""Between a word of judgement and the thing that it speaks of ("yawned at")."""
_TOO = re.compile(
    r"\W*(?:(?:and|also|same(?: goes)? (?:for|with)|ditto(?: for)?)\s+)?\ue000[\ue000 ,&]*(?:and\s\ue000+)?"
    r"(?:\s+(?:too|as well|also|likewise|same))?\W*"
)
"""A sentence that says of one thing what the one before said of another ("A too", "same for B")."""
_SAME = re.compile(r"\b(?:too|as well|also|same|ditto|likewise)\b")


@dataclass(slots=True)
class Sentence:
    """What a sentence holds: things listed together, and words of judgement that no rule could attach."""

    start: int = 0
    groups: list[list[int]] = field(default_factory=list)
    loose: list[tuple[int, Event]] = field(default_factory=list)
    requests: bool = False
    chosen: list[list[int]] = field(default_factory=list)  # what "the former" and "the latter" stand for
    pointed: bool = False  # whether a pronoun stands for what was named before

    @property
    def places(self) -> list[int]:
        """All things of the sentence, in order."""
        return [place for group in self.groups for place in group]

    def spoken_of(
        self, text: str, targets: Sequence[Span], recent: Sequence[int], known: bool, end: int
    ) -> Iterator[tuple[list[int], int]]:
        """Things listed together and the sum of the words of judgement that speak of them.

        Words speak of the things right after them ("yawned at A"), else of those named last before them, else
        of the first. Those of a sentence without a thing speak of what was named last, where it is short or
        has a noun for it ("Boring.", "Such a great film.").

        Args:
            text: Lower-case text in which the targets are masked.
            targets: Where the things are named.
            recent: The things named last.
            known: Whether the sentence before named something.
            end: Where the sentence ends.
        """
        groups = self.groups
        if not groups and self.loose and self._points_back(text, known, end):
            groups = [list(recent)]
        totals = [0] * len(groups)
        for value, event in self.loose if groups else ():
            totals[_nearest(text, targets, groups, event)] += value
        yield from zip(groups, totals, strict=True)

    def _points_back(self, text: str, known: bool, end: int) -> bool:
        if all(_NOUN.match(text, event.end) or _NOUN.search(event.text) for _, event in self.loose):
            return True
        most = _POINTED if self.pointed else _FRAGMENT if known else _WORD
        return words_between(text, self.start, end) <= most

    def same_as_before(self, text: str, end: int) -> bool:
        """Whether it only says of its thing what the sentence before said of another ("A too")."""
        named = bool(self.groups) and not self.loose
        return named and bool(_SAME.search(text, self.start, end) and _TOO.fullmatch(text, self.start, end))

    def judged(
        self, group: list[int], total: int, judgements: Sequence[Judgement], end: int
    ) -> Active | None:
        """The judgement that a sum makes of things that nothing else has judged."""
        if not total or any(judgements[place].attitude for place in group):
            return None
        return Active("predicate", max(-2, min(2, total)), end, seen=True)

    def open_to(self, group: list[int], judgements: Sequence[Judgement]) -> list[int]:
        """The things of a group of which a loose word may speak."""
        kinds = (None, "seen", "neutral", "asked", *(("compared",) if group in self.chosen else ()))
        return [place for place in group if judgements[place].cue in kinds]


def _nearest(text: str, targets: Sequence[Span], groups: Sequence[Sequence[int]], event: Event) -> int:
    """Which of the groups a word of judgement speaks of."""
    nearest = 0
    for place, group in enumerate(groups):
        first = targets[group[0]].start if group else 0
        if first < event.start:
            nearest = place
        elif _AT.fullmatch(text, event.end, first):
            return place
    return nearest
