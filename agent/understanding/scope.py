"""The pass over cues that decides which cue speaks of which thing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.understanding.clauses import VERBS
from agent.understanding.judgements import Active, Event, negated_predicate, negated_verb
from agent.understanding.naming import Naming
from agent.understanding.text import words_between
from agent.understanding.wording import asks_before, compares, describes, questioned, told_of_past

_ADVERBS = re.compile(
    r"\W*(?:(?:tend to|used to|normally|usually|always"
    r"|really|also|do|did|still|kinda|quite|both|just|always|all|usually|kind of|sort of"
    r"|absolutely|actually"
    r"|mostly|generally|particularly|especially|too|much|even|only|would|will)\W+)*"
)
_CJK = re.compile("[\u4e00-\u9fff]")
_ELLIPSIS = re.compile(r"\s*[-–—?]\s*")
_REACH = {"predicate": 6, "verdict": 4, "refusal": 4, "favourite": 6}
"""How many words may stand between what is judged (or its copula) and the judgement."""
_NOT_ASKED = re.compile(r"[^.!?;\n]*(?:[.!;\n]|$)")
_SEEN_IT = re.compile(r"\s(?:it|that|them|those|'?em)\b")


@dataclass(slots=True)
class ScopeReader(Naming):
    """Reads cues and things in order, and judges the things.

    ``judgements`` holds what was found, in the order of ``targets``, once :meth:`finish` was called.
    """

    def read(self, event: Event) -> None:
        """Take in one cue or target."""
        kind = self._like(event) if event.kind == "like" else event.kind
        if kind == "similar" and describes(self.text, event.start):
            kind = "neutral"
        event = Event(kind, 1 if event.kind == "like" else event.value, event.start, event.end, event.text)
        getattr(self, f"_{kind}", self._govern)(event)
        self.previous = event

    def finish(self) -> None:
        """What is pending at the end of the text still counts."""
        self._settle(len(self.text))
        self._attach(len(self.text), self.text[-1:] == "?")

    def _like(self, event: Event) -> str:
        """Whether "like" is the verb or compares."""
        doer = self.previous.kind in ("subject", "addressee", "negation", "pronoun", "hearsay")
        near = bool(_ADVERBS.fullmatch(self.text, self.previous.end, event.start))
        blocked = self.copula is not None and self.previous.kind == "negation"
        adverb = re.search(r"(?:really|also|do|did|still|kinda|quite|both)\s+$", self.text[: event.start])
        return "forward" if (doer and near and not blocked) or (adverb and not self.active) else "similar"

    def _predicate(self, event: Event) -> None:
        if _CJK.search(event.text):  # Chinese adjectives need no copula.
            self._verdict(event)
            return
        if (
            self.subject
            and self.copula is not None
            and words_between(self.text, self.copula, event.start) <= _REACH[event.kind]
        ):
            self._judge_subject(event)
            return
        negated = self._take_negation(event.start)
        self._leave(event, negated)
        if not negated and not self.subject:
            self.quality = event

    def _tone(self, event: Event) -> None:
        self._leave(event, self._take_negation(event.start))

    def _leave(self, event: Event, negated: bool) -> None:
        """Keep a word of judgement that speaks of nothing yet."""
        asked = self.sentence.requests or asks_before(self.text, self.sentence.start, event.start)
        if not asked:
            self.sentence.loose.append((negated_predicate(event.value) if negated else event.value, event))

    def _verdict(self, event: Event) -> None:
        # "A bored me" and "loved A, B not so much": the words judge what stands right before them.
        if not self.subject and self.previous.kind == "stop" and _ELLIPSIS.fullmatch(self.previous.text):
            self.subject, self.by_pronoun = list(self.recent), True
        end = (
            self.targets[self.subject[-1]].end if self.subject and not self.by_pronoun else self.previous.end
        )
        if self.subject and words_between(self.text, end, event.start) <= _REACH[event.kind]:
            self._judge_subject(event)
        elif event.kind != "refusal":
            self._leave(event, self._take_negation(event.start))

    def _refusal(self, event: Event) -> None:
        self._verdict(event)

    def _favourite(self, event: Event) -> None:
        if self.subject and self.copula is not None:
            self._judge_subject(event)
        else:
            self._govern(event)

    def _judge_subject(self, event: Event) -> None:
        negated = self._take_negation(event.start) or any(
            self.judgements[p].cue == "negation"
            for p in self.subject  # "neither A nor B was good"
        )
        value = negated_predicate(event.value) if negated else event.value
        muted = self.muted or (self.asked and not _NOT_ASKED.match(self.text, event.end))
        muted |= questioned(self.text, self.sentence.start, event.start)
        active = Active(
            event.kind,
            0 if muted else value,
            event.end,
            seen=None if muted or event.kind == "refusal" else True,
        )
        governed = self.active is not None and self.active.used
        places = self.subject[-1:] if governed and not self.by_pronoun else self.subject
        self._apply(active, places, weak=self.by_pronoun)
        self.group = []  # "A was great, B was boring": what follows is not listed with it
        if self.active and not self.active.used:
            self.active = None

    def _govern(self, event: Event) -> None:
        """A cue for what is named after it."""
        active = self.active
        if event.text == "about" and active and active.kind == "forward" and not active.used:
            return  # "loved everything about"
        linked = self.copula is not None or self.previous.kind == "target"
        order = compares(event.text)
        if order and self.subject and linked and not (active and active.used):
            self._compare(event, order)
            return
        self._settle(event.start)
        self.sentence.requests |= event.kind in ("request", "similar", "want")
        unwanted = self.active is not None and self.active.value < 0 and not self.active.used
        unwanted |= self.active is not None and self.active.negated and not self.active.used
        recalled = self.negation is not None and self.negation.text.startswith(("did", "was", "were"))
        negated = self._take_negation(event.start) or (event.kind == "similar" and unwanted)
        value = event.value if event.kind not in ("similar", "want") else 1
        if event.kind in ("request", "seen"):
            value = -1 if negated and event.kind == "request" else 0
        elif negated:
            value = negated_verb(value)
        seen = None
        if event.kind == "seen":
            seen = not (negated or self.muted or self.asked)
        elif event.kind == "forward" and negated and recalled:
            seen = True
        elif event.kind == "forward":
            seen = told_of_past(self.text, event.start, event.text)
        asked = (self.muted or self.asked) and event.kind in (*VERBS, "seen")
        asked |= event.kind in VERBS and questioned(self.text, self.sentence.start, event.start)
        asked &= event.kind != "favourite" or self.muted or not _NOT_ASKED.match(self.text, event.end)
        if asked:
            value, seen = 0, None
        self.active = Active(
            "asked" if asked else event.kind, value, event.end, seen, event.start, negated=negated
        )
        if event.kind == "seen" and _SEEN_IT.search(event.text):
            self.sentence.pointed = True
            self._apply(self.active, self.recent, weak=True)
        if event.kind != "seen" or not self.group:
            self.subject, self.copula = [], None

    def _compare(self, event: Event, value: int) -> None:
        """Judge the subject of "A is (not) as good as B" and "better than B"; B only as its equal."""
        muted = self.muted or questioned(self.text, self.sentence.start, event.start)
        negated = self._take_negation(event.start)
        value = -value if negated else value
        self._apply(
            Active("predicate", 0 if muted else value, event.end, seen=None if muted else True),
            self.subject,
            weak=True,
        )
        equal = event.text.startswith("as ") and not negated and not muted
        self.active = Active("similar", 1, event.end) if equal else Active("compared", 0, event.end)
