"""How a speaker feels about the things an utterance names.

A single pass over the cues of the text, clause by clause: a cue such as "loved" governs the things
named after it until another cue or clause ("loved A, B and C"); a predicate such as "was boring"
judges those named before it; negation turns a cue around, a contrast ends its reach, and a pronoun
stands for what was named last. Rules for scope follow the clause-level view of Taboada et al. (2011,
"Lexicon-based methods for sentiment analysis"): negation shifts a judgement, it does not mirror it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.understanding.lexicon import cues
from agent.understanding.text import Span, lower, masked, words_between

MARK = "\ue000"
"""Stands for the characters of a named thing while cues are searched."""

_TARGET = re.compile(f"{MARK}+")
_VERBS = {"forward", "like", "favourite"}
_PAST = re.compile(r"(?:ed|loved|hated|enjoyed|enjoys?|lov\w+|couldn'?t.*|fell.*|walked.*|gave.*|encant\w+|got a kick.*|ich liebe|had fun.*)$")
_HYPOTHETICAL = re.compile(r"(?:will|would|'ll|'d|might|may|could|gonna|going to)\s+(?:\w+\s+)?$")
_NEGATED_COPULA = re.compile(r"(?:is|was|are|were|ai)n")
_ADVERBS = re.compile(r"\W*(?:(?:really|also|do|did|still|kinda|quite|both|just|always|all|usually|kind of|sort of|absolutely|actually|mostly|generally|particularly|especially|too|much|even|only|would|will)\W+)*")
_FINDS = re.compile(r"f[io]u?nd|consider|thought")
_CJK = re.compile("[\u4e00-\u9fff]")
_REACH = {"predicate": 6, "verdict": 4, "favourite": 6}
_NEGATION_REACH = 4


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the text says of one thing: attitude (-2..2), whether it is known already, and the kind of cue.

    ``cue`` is None where nothing is said, ``negated`` is True for "not X" and "no X".
    """

    attitude: int = 0
    seen: bool = False
    cue: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class _Event:
    kind: str
    value: int
    start: int
    end: int
    text: str = ""


@dataclass(slots=True)
class _Active:
    kind: str
    value: int
    end: int
    seen: bool | None = None
    used: bool = False
    negated: bool = False


def judge(text: str, targets: Sequence[Span]) -> list[Judgement]:
    """A judgement of each target.

    Args:
        text: The readable text.
        targets: Where the things are named, in order, without overlaps.
    """
    marked = masked(lower(text), targets, MARK)
    reader = _Reader(marked, list(targets))
    for event in _events(marked):
        reader.read(event)
    reader.finish()
    return reader.judgements


def _events(marked: str) -> list[_Event]:
    """Cues and targets in order; where cues overlap the longest is kept."""
    found = [_Event("target", 0, m.start(), m.end()) for m in _TARGET.finditer(marked)]
    for cue in cues():
        found += [
            _Event(cue.kind, cue.value, m.start(), m.end(), m[0]) for m in cue.pattern.finditer(marked) if m[0]
        ]
    found.sort(key=lambda e: (e.start - e.end, _priority(e.kind), e.start))
    taken = bytearray(len(marked))
    kept = []
    for event in found:
        if not any(taken[event.start : event.end]):
            taken[event.start : event.end] = b"\x01" * (event.end - event.start)
            kept.append(event)
    return sorted(kept, key=lambda e: e.start)


def _priority(kind: str) -> int:
    return 0 if kind in ("forward", "favourite", "verdict", "predicate", "similar", "want") else 1


@dataclass(slots=True)
class _Reader:
    """The state of the pass: what governs, what was named, what is pending."""

    text: str
    targets: list[Span]
    judgements: list[Judgement] = field(init=False)
    active: _Active | None = None
    before: _Active | None = None  # what governed until the last contrast or clause
    negation: int | None = None  # end of a negation that has not met its cue yet
    subject: list[int] = field(default_factory=list)
    copula: int | None = None
    group: list[int] = field(default_factory=list)
    recent: list[int] = field(default_factory=list)
    by_pronoun: bool = False
    finding: int | None = None  # end of "found" and the like, which link what follows to a judgement
    muted: bool = False
    previous: _Event = _Event("stop", 0, 0, 0)
    index: int = 0

    def __post_init__(self) -> None:
        self.judgements = [Judgement() for _ in self.targets]

    def read(self, event: _Event) -> None:
        """Take in one cue or target."""
        kind = self._like(event) if event.kind == "like" else event.kind
        event = _Event(kind, 1 if event.kind == "like" else event.value, event.start, event.end, event.text)
        getattr(self, f"_{kind}", self._govern)(event)
        self.previous = event

    def finish(self) -> None:
        """What is pending at the end of the text still counts."""
        self._settle(len(self.text))

    def _like(self, event: _Event) -> str:
        """Whether "like" is the verb or compares."""
        doer = self.previous.kind in ("subject", "addressee", "negation", "pronoun", "hearsay")
        near = bool(_ADVERBS.fullmatch(self.text, self.previous.end, event.start))
        blocked = self.copula is not None and self.previous.kind == "negation"
        adverb = re.search(r"(?:really|also|do|did|still|kinda|quite|both)\s+$", self.text[: event.start])
        return "forward" if (doer and near and not blocked) or (adverb and not self.active) else "similar"

    def _stop(self, event: _Event) -> None:
        self._settle(event.start)
        self.active = self.before = self.negation = self.copula = None
        self.subject, self.group, self.muted = [], [], False

    def _contrast(self, event: _Event) -> None:
        self._settle(event.start)
        self.before = self.active or self.before
        self.active = self.negation = None
        self.copula = self.copula if self.subject else None
        self.group = []

    def _separator(self, event: _Event) -> None:
        if event.text not in (",", "，"):
            return
        self.negation = None
        active = self.active
        # "A I loved, B I hated": the object came first.
        if active and not active.used and self.group and not self.text[active.end : event.start].strip():
            self._settle(event.start)
            self.active = None

    def _subject(self, event: _Event) -> None:
        self._settle(event.start)
        self.before = self.active or self.before
        self.active = self.negation = self.copula = None
        self.subject, self.muted = [], False

    def _addressee(self, event: _Event) -> None:
        self._subject(event)
        self.muted = True

    def _hearsay(self, event: _Event) -> None:
        self._settle(event.start)
        self.active, self.muted, self.negation = None, True, None

    def _pronoun(self, event: _Event) -> None:
        active = self.active
        if active and not active.used and words_between(self.text, active.end, event.start) <= 2:
            self._apply(active, self.recent, weak=True)
            return
        if not active or active.used or not self.group:
            self.subject, self.copula, self.by_pronoun = list(self.recent), self._found(event), True
            if "'s" in event.text:
                self.copula = event.end

    def _negation(self, event: _Event) -> None:
        self.negation = event.end
        if self.subject and _NEGATED_COPULA.match(event.text):
            self.copula = event.end

    def _copula(self, event: _Event) -> None:
        self.finding = event.end if _FINDS.match(event.text) else None
        if event.text == "it's":
            self.subject, self.by_pronoun = list(self.recent), True
        if self.subject and self.finding is None:
            self.copula = event.end

    def _found(self, event: _Event) -> int | None:
        """The place of "found" in "found it boring": it links like a copula."""
        finding, self.finding = self.finding, None
        return event.end if finding is not None and words_between(self.text, finding, event.start) <= 1 else None

    def _target(self, event: _Event) -> None:
        place, self.index = self.index, self.index + 1
        joined = self.previous.kind in ("separator", "target") and self.group
        self.group = [*self.group, place] if joined else [place]
        self.recent = list(self.group)
        governed = self._negated_target(event)
        if governed:
            self._apply(governed, [place])
        self.subject, self.copula, self.by_pronoun = list(self.group), self._found(event), False

    def _negated_target(self, event: _Event) -> _Active | None:
        if self.negation is not None and words_between(self.text, self.negation, event.start) <= 3:
            governor = self.active or self.before
            value = -1 if governor is None or governor.value >= 0 else 1
            self.active = _Active("negation", value, event.end, used=True, negated=True)
            self.negation = None
        return self.active

    def _predicate(self, event: _Event) -> None:
        if _CJK.search(event.text):  # Chinese adjectives need no copula.
            self._verdict(event)
            return
        if not self.subject or self.copula is None:
            self.negation = None
            return
        if words_between(self.text, self.copula, event.start) <= _REACH[event.kind]:
            self._judge_subject(event)

    def _verdict(self, event: _Event) -> None:
        # "A bored me" and "loved A, B not so much": the words judge what stands right before them.
        if not self.subject and self.previous.kind == "stop" and self.previous.text.endswith("?"):
            self.subject, self.by_pronoun = list(self.recent), True
        end = self.targets[self.subject[-1]].end if self.subject and not self.by_pronoun else self.previous.end
        if self.subject and words_between(self.text, end, event.start) <= _REACH[event.kind]:
            self._judge_subject(event)

    def _favourite(self, event: _Event) -> None:
        if self.subject and self.copula is not None:
            self._judge_subject(event)
        else:
            self._govern(event)

    def _judge_subject(self, event: _Event) -> None:
        negated = self._take_negation(event.start)
        value = _negated_predicate(event.value) if negated else event.value
        active = _Active(event.kind, 0 if self.muted else value, event.end, seen=None if self.muted else True)
        governed = self.active is not None and self.active.used
        places = self.subject[-1:] if governed and not self.by_pronoun else self.subject
        self._apply(active, places, weak=self.by_pronoun)
        if self.active and not self.active.used:
            self.active = None

    def _govern(self, event: _Event) -> None:
        """A cue for what is named after it."""
        compared = re.match("as |better|worse", event.text)
        if compared and self.subject and self.copula is not None:
            self._compare(event, -1 if compared[0] == "worse" else 1)
            return
        self._settle(event.start)
        unwanted = self.active is not None and self.active.negated and not self.active.used
        negated = self._take_negation(event.start) or (event.kind == "similar" and unwanted)
        value = event.value if event.kind not in ("similar", "want") else 1
        if event.kind in ("request", "seen"):
            value = -1 if negated and event.kind == "request" else 0
        elif negated:
            value = _negated_verb(value)
        seen = None
        if event.kind == "seen":
            seen = not (negated or self.muted)
        elif event.kind == "forward" and _PAST.search(event.text):
            seen = not _HYPOTHETICAL.search(self.text[: event.start])
        if self.muted and event.kind in _VERBS:
            value, seen = 0, None
        self.active = _Active(event.kind, value, event.end, seen, negated=negated)
        if event.kind != "seen" or not self.group:
            self.subject, self.copula = [], None

    def _compare(self, event: _Event, value: int) -> None:
        """"A is (not) as good as B", "A is better than B": the subject is judged, B only where it is its equal."""
        negated = self._take_negation(event.start)
        value = -value if negated else value
        self._apply(_Active("predicate", 0 if self.muted else value, event.end, seen=True), self.subject, weak=True)
        equal = event.text.startswith("as ") and not negated and not self.muted
        self.active = _Active("similar", 1, event.end) if equal else _Active("neutral", 0, event.end)

    def _settle(self, end: int) -> None:
        """A cue at the end of its clause speaks of what was named before it ("A I have seen")."""
        active = self.active
        if active and not active.used and active.kind in ("forward", "seen", "want") and words_between(self.text, active.end, end) <= 2:
            self._apply(active, self.group or self.recent, weak=True)

    def _take_negation(self, start: int) -> bool:
        negation, self.negation = self.negation, None
        return negation is not None and words_between(self.text, negation, start) <= _NEGATION_REACH

    def _apply(self, active: _Active, places: Sequence[int], *, weak: bool = False) -> None:
        """Let a cue judge; a weak one (by pronoun) does not overrule an attitude that was said outright."""
        active.used = True
        for place in places:
            old = self.judgements[place]
            keeps = active.kind == "seen" or (weak and old.attitude != 0) or active.kind == "neutral"
            self.judgements[place] = Judgement(
                attitude=old.attitude if keeps else active.value,
                seen=old.seen if active.seen is None else active.seen,
                cue=old.cue if keeps and old.cue else active.kind,
                negated=old.negated or active.negated,
            )


def _negated_verb(value: int) -> int:
    """"don't love" is no love; "didn't hate" is no hate, which is nothing yet."""
    return -1 if value > 0 else 0


def _negated_predicate(value: int) -> int:
    """"wasn't good" is bad; "wasn't boring" is some praise, "wasn't terrible" none."""
    return -1 if value > 0 else 1 if value == -1 else 0
