"""Where clauses begin and end, and what that does to the cues that are at work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.understanding.judgements import Active, Event, Judgement
from agent.understanding.sentences import Sentence
from agent.understanding.text import Span, words_between
from agent.understanding.wording import follows_only, varies

VERBS = ("forward", "favourite")
"""Kinds of cues that are the speaker's own feeling."""
_NEGATION_REACH = 4
_CLAUSE_END_REACH = 2
_OPENING = 2
_SENTENCE_END = re.compile(r"[.!?;\n…。！？；]")
_ELIDED = re.compile(r"\W*(?:$|[.!?;,])")


_START = Event("stop", 0, 0, 0)


@dataclass(slots=True)
class Clauses:
    """The state of a reading: what governs, what was named, what is pending; and where clauses end it.

    Args:
        text: Lower-case text in which the targets are masked.
        targets: Where the things are named, in order.
    """

    text: str
    targets: list[Span]
    judgements: list[Judgement] = field(init=False)
    active: Active | None = None
    before: Active | None = None  # what governed until the last contrast or clause
    negation: Event | None = None  # one that has not met its cue yet
    subject: list[int] = field(default_factory=list)
    copula: int | None = None
    group: list[int] = field(default_factory=list)
    recent: list[int] = field(default_factory=list)
    by_pronoun: bool = False
    finding: int | None = None  # end of "found" and the like, which link what follows to a judgement
    muted: bool = False  # what others say
    asked: bool = False  # what the other is asked or told about themselves
    quality: Event | None = None  # one that waits for its thing ("another good one is")
    raised: bool = False  # "I don't think": negates what is thought
    sentence: Sentence = field(default_factory=Sentence)
    earlier: list[int] = field(default_factory=list)  # what the last sentence with a thing named
    pair: tuple[int, int] | None = None  # the things that "the former" and "the latter" stand for
    known: bool = False  # whether the sentence before named something
    previous: Event = _START
    index: int = 0

    def __post_init__(self) -> None:
        self.judgements = [Judgement() for _ in self.targets]

    def _stop(self, event: Event) -> None:
        if event.text == "so" and self.previous.kind in ("copula", "negation") and self.subject:
            return  # "was so good"
        self._settle(event.start)
        if _SENTENCE_END.search(event.text):
            self._attach(event.start, "?" in event.text or "？" in event.text)
        self.active = self.before = self.negation = self.copula = None
        self.raised = False
        self.subject, self.group, self.muted, self.asked, self.quality = [], [], False, False, None

    def _attach(self, end: int, asked: bool) -> None:
        """At the end of a sentence: words of judgement that no rule has attached speak of its things."""
        said, self.sentence = self.sentence, Sentence(end)
        known, self.known = self.known, bool(said.groups)
        earlier, self.earlier = self.earlier, said.places or self.earlier
        if earlier and said.same_as_before(self.text, end) and self.judgements[earlier[-1]].attitude:
            before = self.judgements[earlier[-1]]
            self._apply(Active("predicate", before.attitude, end, seen=before.seen), said.places)
            return
        if asked or self.muted:
            return
        for group, total in said.spoken_of(self.text, self.targets, self.recent, known, end):
            active = said.judged(group, total, self.judgements, len(self.text))
            if active:
                self._apply(active, said.open_to(group, self.judgements))

    def _contrast(self, event: Event) -> None:
        self._settle(event.start)
        said = self.sentence
        if not said.groups and not said.pointed:
            said.loose = []  # said of something else
        if said.groups == [self.group] and varies(self.text, event.start):
            opens = words_between(self.text, said.start, self.targets[self.group[0]].start) <= _OPENING
            if opens and not any(self.judgements[p].cue for p in self.group):
                self._apply(Active("similar", 1, event.end), self.group)
        self.before = self.active or self.before
        self.active = self.negation = None
        self.raised = False
        self.copula = self.copula if self.subject else None
        self.group = []

    def _separator(self, event: Event) -> None:
        if event.text not in (",", "，"):
            return
        self.negation = None
        active = self.active
        # "A I loved, B I hated": the object came first.
        if active and not active.used and self.group and not self.text[active.end : event.start].strip():
            self._settle(event.start)
            self.active = None

    def _subject(self, event: Event) -> None:
        self._settle(event.start)
        self.before = self.active or self.before
        self.active = self.negation = self.copula = None
        self.subject, self.muted, self.asked, self.quality = [], False, False, None

    def _addressee(self, event: Event) -> None:
        self._subject(event)
        self.asked = True

    def _hearsay(self, event: Event) -> None:
        self._settle(event.start)
        self.active, self.muted, self.negation = None, True, None

    def _raised(self, event: Event) -> None:
        self._subject(event)
        self.raised = True

    def _settle(self, end: int) -> None:
        """A cue at the end of its clause speaks of what was named before it ("A I have seen")."""
        active = self.active
        if (
            active
            and not active.used
            and active.kind in ("forward", "favourite", "seen", "want")
            and not follows_only(self.text, active.start)
            and words_between(self.text, active.end, end) <= _CLAUSE_END_REACH
        ):
            self._apply(active, self.group or self.recent, weak=True)
        negation = self.negation
        elided = negation is not None and _ELIDED.match(self.text, negation.end)
        if elided and self.before and self.before.value > 0 and not self.subject:
            # "She loved A but I didn't"
            self._apply(Active("negation", -1, end, negated=True), self.recent)

    def _take_negation(self, start: int) -> bool:
        negation, self.negation = self.negation, None
        if self.raised:
            self.raised = False
            return True
        return negation is not None and words_between(self.text, negation.end, start) <= _NEGATION_REACH

    def _apply(self, active: Active, places: Sequence[int], *, weak: bool = False) -> None:
        """Let a cue judge; a weak one (by pronoun) does not overrule an attitude that was said outright."""
        active.used = True
        for place in places:
            old = self.judgements[place]
            # "slow at first but I ended up loving it": a feeling told outright outweighs a description.
            outright = active.kind in VERBS and old.cue not in VERBS and active.value != 0
            said = weak and old.attitude != 0 and not outright
            keeps = said or active.kind in ("seen", "neutral", "compared")
            self.judgements[place] = Judgement(
                attitude=old.attitude if keeps else active.value,
                seen=old.seen if active.seen is None else active.seen,
                cue=old.cue if keeps and old.cue else active.kind,
                negated=old.negated or active.negated,
            )
