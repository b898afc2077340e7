"""The pass over cues that decides which cue speaks of which thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.understanding.text import Span, words_between

_VERBS = ("forward", "favourite")
_PAST = re.compile(
    r"(?:ed|lov\w+|enjoys?|couldn'?t.*|fell.*|walked.*|gave.*|encant\w+|got a kick.*|ich liebe|had fun.*)$"
)
_HYPOTHETICAL = re.compile(r"(?:will|would|'ll|'d|might|may|could|gonna|going to)\s+(?:\w+\s+)?$")
_NEGATED_COPULA = re.compile(r"(?:is|was|are|were|ai)[n ]")
_ADVERBS = re.compile(
    r"\W*(?:(?:tend to|used to|normally|usually|always"
    r"|really|also|do|did|still|kinda|quite|both|just|always|all|usually|kind of|sort of"
    r"|absolutely|actually"
    r"|mostly|generally|particularly|especially|too|much|even|only|would|will)\W+)*"
)
_DOES = re.compile(r"(?:really|also|do|did|still|kinda|quite|both)\s+$")
_FINDS = re.compile(r"f[io]u?nd|consider|thought")
_CJK = re.compile("[\u4e00-\u9fff]")
_ELLIPSIS = re.compile(r"\s*[-–—?]\s*")

_REACH = {"predicate": 6, "verdict": 4, "refusal": 4, "favourite": 6}
"""How many words may stand between what is judged (or its copula) and the judgement."""
_NEGATION_REACH = 4
_NEGATED_TARGET_REACH = 3
_PRONOUN_REACH = 2
_CLAUSE_END_REACH = 2
_QUALITY_REACH = 3
"""How many words may stand between a quality and the copula that links it ("a good old one is X")."""
_WORD, _FRAGMENT, _POINTED = 2, 7, 14
"""Most words of a sentence that says nothing but a judgement: of anything, of what the sentence before
named, of what a pronoun points at."""
_QUESTION = re.compile(
    r"[^\w\ue000]*(?:(?:and|but|so|ok|okay|hey|hm+|wait|also|then|or)\W+)*(?:is|isn't|was|wasn't|are|aren't|were|weren't"
    r"|does|doesn't|did|didn't|do|don't|will|would|wouldn't|can|could|should|has|have|think|reckon|any chance"
    r"|worth|ever)\b[^.!?;\n]*\?"
)
"""A question that can be answered by yes or no."""
_SEEN_IT = re.compile(r"\s(?:it|that|them|those|'?em)\b")
_LISTED = 2
"""How many words may stand between things that are listed ("A, and also B")."""
_VARIED = re.compile(
    r"(?:but|only|except) (?:for|with|without|set|in|on|less|more|not (?:so|as|that|too)|a (?:bit|little)|slightly"
    r"|make it|(?!never|after|whether|other|however|another|rather|over|under|her\b|per\b)\w+er\b)"
)
"""After a thing: how what is wanted differs from it ("A but funnier")."""
_OPENING = 2
_TOO = re.compile(
    r"\W*(?:(?:and|also|same(?: goes)? (?:for|with)|ditto(?: for)?)\s+)?\ue000[\ue000 ,&]*(?:and\s\ue000+)?"
    r"(?:\s+(?:too|as well|also|likewise|same))?\W*"
)
"""A sentence that says of one thing what the one before said of another ("A too", "same for B")."""
_SAME = re.compile(r"\b(?:too|as well|also|same|ditto|likewise)\b")
_WANTED = re.compile(r"\b(?:something|anything|looking for|need|want|another)\b")
_OWN = re.compile(r"\b(?:i|we)(?:'ve)?\s+(?:\w+\s+)?$")
_AT = re.compile(r"\W*(?:(?:at|through|during|by|in|of|with|over|for|to|on|about|from|:|the)\W+)*")
"""Between a word of judgement and the thing that it speaks of ("yawned at")."""
_NOT_ASKED = re.compile(r"[^.!?;\n]*(?:[.!;\n]|$)")
_SENTENCE_END = re.compile(r"[.!?;\n…。！？；]")
_OF_ANOTHER = re.compile(
    r"(?:(?:^|[.!?;,\n])\W*(?:there (?:are|is)|there's|(?:is|are|was|were)\s+(?!there\b))"
    r"|(?:\b(?:it|they|he|she)|(?:^|[.!?;,\n]\s*)(?:that|this))"
    r"(?:'s| is| was| are| were)(?! there)\b)[^.!?;,\n]*$"
)
"""Before "like": the words describe one thing by another, and ask for neither ("it is a bit like")."""
_PREPOSITION = re.compile(
    r"except|anything|everything|apart|other|excluding|exclude|leave"
    r"|(?:the )?(?:\w+ )?opposite|unlike|less|different|no more"
)
"""Cues that are no verbs: their object never stands before them."""
_ELIDED = re.compile(r"\W*(?:$|[.!?;,])")
_NOUN = re.compile(
    r"\s+(?:movies?|films?|flicks?|ones?|stuff|work|papers?|reads?|games?|watch|series|franchise)\b"
)


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
class Event:
    """A cue or a named thing ("target") and its place; ``value`` is that of the lexicon."""

    kind: str
    value: int
    start: int
    end: int
    text: str = ""


@dataclass(slots=True)
class _Active:
    """A cue that governs what follows it, until another cue or the end of its clause."""

    kind: str
    value: int
    end: int
    seen: bool | None = None
    start: int = -1
    used: bool = False
    negated: bool = False


@dataclass(slots=True)
class _Sentence:
    """What a sentence holds: things listed together, and words of judgement that no rule could attach."""

    start: int = 0
    groups: list[list[int]] = field(default_factory=list)
    loose: list[tuple[int, Event]] = field(default_factory=list)
    requests: bool = False
    chosen: list[list[int]] = field(default_factory=list)  # what "the former" and "the latter" stand for
    pointed: bool = False  # whether a pronoun stands for what was named before

    @property
    def places(self) -> list[int]:
        return [place for group in self.groups for place in group]


@dataclass(slots=True)
class ScopeReader:
    """Reads cues and targets in order; the state is what governs, what was named, what is pending.

    Args:
        text: Lower-case text in which the targets are masked.
        targets: Where the things are named, in order.
    """

    text: str
    targets: list[Span]
    judgements: list[Judgement] = field(init=False)
    active: _Active | None = None
    before: _Active | None = None  # what governed until the last contrast or clause
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
    sentence: _Sentence = field(default_factory=_Sentence)
    earlier: list[int] = field(default_factory=list)  # what the sentence before named
    pair: tuple[int, int] | None = None  # the things that "the former" and "the latter" stand for
    known: bool = False  # whether the sentence before named something
    previous: Event = Event("stop", 0, 0, 0)
    index: int = 0

    def __post_init__(self) -> None:
        self.judgements = [Judgement() for _ in self.targets]

    def read(self, event: Event) -> None:
        """Take in one cue or target."""
        kind = self._like(event) if event.kind == "like" else event.kind
        if kind == "similar" and _OF_ANOTHER.search(self.text[: event.start]):
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
        """At the end of a sentence: words of judgement that no rule has attached speak of its things.

        Each speaks of the things right after it ("yawned at A"), else of those named last before it, else
        of the first. Those of a sentence without a thing speak of what was named last where it is short
        or has a noun for it ("Boring.", "Such a great film.").
        """
        said, self.sentence = self.sentence, _Sentence(end)
        known, self.known = self.known, bool(said.groups)
        earlier, self.earlier = self.earlier, said.places
        if earlier and said.groups and not said.loose and _SAME.search(self.text, said.start, end):
            before = self.judgements[earlier[-1]]
            if before.attitude and _TOO.fullmatch(self.text, said.start, end):
                self._apply(_Active("predicate", before.attitude, end, seen=before.seen), said.places)
                return
        if asked or self.muted or not said.loose:
            return
        groups = said.groups
        if not groups and (
            all(_NOUN.match(self.text, e.end) or _NOUN.search(e.text) for _, e in said.loose)
            or words_between(self.text, said.start, end)
            <= (_POINTED if said.pointed else _FRAGMENT if known else _WORD)
        ):
            groups = [list(self.recent)]
        totals = [0] * len(groups)
        for value, event in said.loose if groups else ():
            totals[self._nearest(groups, event)] += value
        for group, total in zip(groups, totals, strict=True):
            if total and not any(self.judgements[place].attitude for place in group):
                active = _Active("predicate", max(-2, min(2, total)), len(self.text), seen=True)
                open_to = (None, "seen", "neutral", "asked", *(("compared",) if group in said.chosen else ()))
                free = [p for p in group if self.judgements[p].cue in open_to]
                self._apply(active, free)

    def _nearest(self, groups: Sequence[Sequence[int]], event: Event) -> int:
        """Which of the groups a word of judgement speaks of."""
        nearest = 0
        for place, group in enumerate(groups):
            first = self.targets[group[0]].start if group else 0
            if first < event.start:
                nearest = place
            elif _AT.fullmatch(self.text, event.end, first):
                return place
        return nearest

    def _tone(self, event: Event) -> None:
        self._leave(event, self._take_negation(event.start))

    def _contrast(self, event: Event) -> None:
        self._settle(event.start)
        said = self.sentence
        if not said.groups and not said.pointed:
            said.loose = []  # said of something else
        if said.groups == [self.group] and _VARIED.match(self.text, event.start):
            opens = words_between(self.text, said.start, self.targets[self.group[0]].start) <= _OPENING
            if opens and not any(self.judgements[p].cue for p in self.group):
                self._apply(_Active("similar", 1, event.end), self.group)
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
            self._apply(_Active("similar", 1, event.end), liked, weak=True)
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

    def _raised(self, event: Event) -> None:
        self._subject(event)
        self.raised = True

    def _copula(self, event: Event) -> None:
        self.finding = event.end if _FINDS.match(event.text) else None
        if event.text == "it's":
            self.subject, self.by_pronoun = list(self.recent), True
        if self.subject and self.finding is None:
            self.copula = event.end
        quality, self.quality = self.quality, None
        if quality and words_between(self.text, quality.end, event.start) <= _QUALITY_REACH:
            self.active = _Active("predicate", quality.value, event.end, seen=True)

    def _found(self, event: Event) -> int | None:
        """The place of "found" in "found it boring": it links like a copula."""
        finding, self.finding = self.finding, None
        return (
            event.end if finding is not None and words_between(self.text, finding, event.start) <= 1 else None
        )

    def _target(self, event: Event) -> None:
        place, self.index = self.index, self.index + 1
        self.pair = None
        joined = self.previous.kind in ("separator", "target") and self.group
        self.group = [*self.group, place] if joined else [place]
        self.recent = list(self.group)
        governed = self._negated_target(event)
        if governed:
            self._apply(governed, [place])
        self.subject, self.copula, self.by_pronoun = list(self.group), self._found(event), False
        near = place and words_between(self.text, self.targets[place - 1].end, event.start) <= _LISTED
        if joined and near and self.sentence.groups:
            self.sentence.groups[-1].append(place)
        else:
            self.sentence.groups.append([place])

    def _negated_target(self, event: Event) -> _Active | None:
        if (
            self.negation is not None
            and not self._questioned(event)
            and words_between(self.text, self.negation.end, event.start) <= _NEGATED_TARGET_REACH
        ):
            governor = self.active or self.before
            value = -1 if governor is None or governor.negated or governor.value >= 0 else 1
            self.active = _Active("negation", value, event.end, used=True, negated=True)
            self.negation = None
        return self.active

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

    def _leave(self, event: Event, negated: bool) -> None:
        """Keep a word of judgement that speaks of nothing yet."""
        asked = self.sentence.requests or _WANTED.search(self.text, self.sentence.start, event.start)
        if not asked:
            self.sentence.loose.append((_negated_predicate(event.value) if negated else event.value, event))

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
        value = _negated_predicate(event.value) if negated else event.value
        muted = self.muted or (self.asked and not _NOT_ASKED.match(self.text, event.end))
        muted |= self._questioned(event)
        active = _Active(
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
        compared = re.match(
            "as |better|worse|beats?$|tops$|outshines|>|over$|\w+ the floor|trumps|smokes|crushes|destroys|eclipses",
            event.text,
        )
        active = self.active
        if event.text == "about" and active and active.kind == "forward" and not active.used:
            return  # "loved everything about"
        linked = self.copula is not None or self.previous.kind == "target"
        if compared and self.subject and linked and not (active and active.used):
            self._compare(event, -1 if compared[0] == "worse" else 1)
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
            value = _negated_verb(value)
        seen = None
        if event.kind == "seen":
            seen = not (negated or self.muted or self.asked)
        elif event.kind == "forward" and negated and recalled:
            seen = True
        elif event.kind == "forward" and _PAST.search(event.text):
            seen = not _HYPOTHETICAL.search(self.text[: event.start])
        asked = (self.muted or self.asked) and event.kind in (*_VERBS, "seen")
        asked |= event.kind in _VERBS and self._questioned(event)
        asked &= event.kind != "favourite" or self.muted or not _NOT_ASKED.match(self.text, event.end)
        if asked:
            value, seen = 0, None
        self.active = _Active(
            "asked" if asked else event.kind, value, event.end, seen, event.start, negated=negated
        )
        if event.kind == "seen" and _SEEN_IT.search(event.text):
            self.sentence.pointed = True
            self._apply(self.active, self.recent, weak=True)
        if event.kind != "seen" or not self.group:
            self.subject, self.copula = [], None

    def _questioned(self, event: Event) -> bool:
        """Whether a cue stands in a yes-no question and is not what the speaker tells of themselves."""
        return bool(_QUESTION.match(self.text, self.sentence.start)) and not _OWN.search(
            self.text[: event.start]
        )

    def _compare(self, event: Event, value: int) -> None:
        """Judge the subject of "A is (not) as good as B" and "better than B"; B only as its equal."""
        muted = self.muted or self._questioned(event)
        negated = self._take_negation(event.start)
        value = -value if negated else value
        self._apply(
            _Active("predicate", 0 if muted else value, event.end, seen=None if muted else True),
            self.subject,
            weak=True,
        )
        equal = event.text.startswith("as ") and not negated and not muted
        self.active = _Active("similar", 1, event.end) if equal else _Active("compared", 0, event.end)

    def _settle(self, end: int) -> None:
        """A cue at the end of its clause speaks of what was named before it ("A I have seen")."""
        active = self.active
        if (
            active
            and not active.used
            and active.kind in ("forward", "favourite", "seen", "want")
            and not _PREPOSITION.match(self.text, active.start)
            and words_between(self.text, active.end, end) <= _CLAUSE_END_REACH
        ):
            self._apply(active, self.group or self.recent, weak=True)
        negation = self.negation
        elided = negation is not None and _ELIDED.match(self.text, negation.end)
        if elided and self.before and self.before.value > 0 and not self.subject:
            # "She loved A but I didn't"
            self._apply(_Active("negation", -1, end, negated=True), self.recent)

    def _take_negation(self, start: int) -> bool:
        negation, self.negation = self.negation, None
        if self.raised:
            self.raised = False
            return True
        return negation is not None and words_between(self.text, negation.end, start) <= _NEGATION_REACH

    def _apply(self, active: _Active, places: Sequence[int], *, weak: bool = False) -> None:
        """Let a cue judge; a weak one (by pronoun) does not overrule an attitude that was said outright."""
        active.used = True
        for place in places:
            old = self.judgements[place]
            # "slow at first but I ended up loving it": a feeling told outright outweighs a description.
            outright = active.kind in _VERBS and old.cue not in _VERBS and active.value != 0
            said = weak and old.attitude != 0 and not outright
            keeps = said or active.kind in ("seen", "neutral", "compared")
            self.judgements[place] = Judgement(
                attitude=old.attitude if keeps else active.value,
                seen=old.seen if active.seen is None else active.seen,
                cue=old.cue if keeps and old.cue else active.kind,
                negated=old.negated or active.negated,
            )


def _negated_verb(value: int) -> int:
    """No love for "don't love"; no hate, which is nothing yet, for "didn't hate"."""
    return -1 if value > 0 else 0


def _negated_predicate(value: int) -> int:
    """Bad for "wasn't good"; some praise for "wasn't boring", none for "wasn't terrible"."""
    return -1 if value > 0 else 1 if value == -1 else 0
