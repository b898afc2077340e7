"""What a cue may speak of: things as they are named, and the words that stand for them later."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.understanding.clauses import Clauses
from agent.understanding.judgements import Active, Event
from agent.understanding.text import words_between
from agent.understanding.wording import questioned

_NEGATED_COPULA = re.compile(r"(?:is|was|are|were|ai)[n ]")
_FINDS = re.compile(r"f[io]u?nd|consider|thought")
_NEGATED_TARGET_REACH = 3
_PRONOUN_REACH = 2
_QUALITY_REACH = 3
"""How many words may stand between a quality and the copula that links it ("a good old one is X")."""
_LISTED = 2
"""How many words may stand between things that are listed ("A, and also B")."""


@dataclass(slots=True)
class Naming(Clauses):
    """Reads things, pronouns and the copulas that link them to a judgement."""

    def _target(self, event: Event) -> None:
        place, self.index = self.index, self.index + 1
        self.pair = None
        near = place and words_between(self.text, self.targets[place - 1].end, event.start) <= _LISTED
        joined = self.previous.kind in ("separator", "target") and self.group and near
        self.group = [*self.group, place] if joined else [place]
        self.recent = list(self.group)
        governed = self._negated_target(event)
        if governed:
            self._apply(governed, [place])
        self.subject, self.copula, self.by_pronoun = list(self.group), self._found(event), False
        if joined and self.sentence.groups:
            self.sentence.groups[-1].append(place)
        else:
            self.sentence.groups.append([place])

    def _negated_target(self, event: Event) -> Active | None:
        if (
            self.negation is not None
            and not questioned(self.text, self.sentence.start, event.start)
            and words_between(self.text, self.negation.end, event.start) <= _NEGATED_TARGET_REACH
        ):
            governor = self.active or self.before
            value = -1 if governor is None or governor.negated or governor.value >= 0 else 1
            self.active = Active("negation", value, event.end, used=True, negated=True)
            self.negation = None
        return self.active

    def _pronoun(self, event: Event) -> None:
        self.sentence.pointed = True
        if self.subject and event.text in ("both", "都"):  # "A and B were both great"
            return
        active = self.active
        if active and not active.used and words_between(self.text, active.end, event.start) <= _PRONOUN_REACH:
            self._apply(active, self.recent, weak=True)
            return
        if not active or active.used or not self.group:
            self.subject, self.copula, self.by_pronoun = list(self.recent), self._found(event), True
            if event.text.endswith("s") and event.text not in ("this", "those", "its"):
                self.copula = event.end

    def _anaphora(self, event: Event) -> None:
        """What was named last is a model of what is wanted, unless it was disliked."""
        self._settle(event.start)
        self.sentence.requests = True
        if not self._take_negation(event.start):
            liked = [p for p in self.recent if self.judgements[p].attitude >= 0]
            self._apply(Active("similar", 1, event.end), liked, weak=True)
        self.active = None

    def _former(self, event: Event) -> None:
        self._of_two(event, -2)

    def _latter(self, event: Event) -> None:
        self._of_two(event, -1)

    def _of_two(self, event: Event, place: int) -> None:
        """The first or second of the two things named last stands for itself."""
        if self.pair is None and self.index >= 2:
            self.pair = (self.index - 2, self.index - 1)
        if self.pair is None:
            return
        one = self.pair[place]
        if self.active and not self.active.used:
            self._apply(self.active, [one])
        self.subject, self.copula, self.by_pronoun = [one], None, False
        if event.text.endswith("'s"):
            self.copula = event.end
        self.recent = [one]
        self.sentence.groups.append([one])
        self.sentence.chosen.append([one])
        self.sentence.requests = False

    def _negation(self, event: Event) -> None:
        self.negation = event
        if self.subject and _NEGATED_COPULA.match(event.text):
            self.copula = event.end

    def _copula(self, event: Event) -> None:
        self.finding = event.end if _FINDS.match(event.text) else None
        if event.text == "it's":
            self.subject, self.by_pronoun = list(self.recent), True
        if self.subject and self.finding is None:
            self.copula = event.end
        quality, self.quality = self.quality, None
        if quality and words_between(self.text, quality.end, event.start) <= _QUALITY_REACH:
            self.active = Active("predicate", quality.value, event.end, seen=True)

    def _found(self, event: Event) -> int | None:
        """The place of "found" in "found it boring": it links like a copula."""
        finding, self.finding = self.finding, None
        return (
            event.end if finding is not None and words_between(self.text, finding, event.start) <= 1 else None
        )
