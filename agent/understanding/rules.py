"""Understanding by rules alone: deterministic, a few milliseconds, no model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agent.catalog import Catalog
from agent.context import Constraint
from agent.understanding.attitude import Judgement, judge
from agent.understanding.capitals import Passage
from agent.understanding.categories import CategoryFinder, read_categories
from agent.understanding.critiques import Pointer, read_critiques
from agent.understanding.intents import Evidence, read_count, read_intents, read_relaxed
from agent.understanding.mentions import Found, MentionFinder
from agent.understanding.names import NameReader
from agent.understanding.quantities import QuantityReader
from agent.understanding.references import Reference, references
from agent.understanding.text import Span, lower, masked, readable
from agent.understanding.turn import Critique, Mention, Understanding
from agent.understanding.wish import read_wish
from agent.understanding.years import Bound, has_years, read_years

_BLANK = "\ue002"
_SENTENCES = re.compile(r"[^.!?;\n。！？；]+")
_STATED = ("forward", "favourite", "predicate", "verdict", "seen", "want", "negation")


@dataclass(frozen=True, slots=True)
class _Target:
    """A span with an attitude, and what stands there."""

    span: Span
    judgement: Judgement


class RuleUnderstander:
    """Reads utterances with word lists and patterns, against one catalog.

    English and Chinese are read side by side (people mix them), with the commonest cues of a few other
    languages. The indexes over the catalog are built here, once.

    Args:
        catalog: What items, categories and attributes there are; nothing else is ever returned.
        today: The day that "last year" counts from; by default the current one.
    """

    def __init__(self, catalog: Catalog, *, today: date | None = None) -> None:
        self.catalog = catalog
        self._today = today
        self._mentions = MentionFinder(catalog)
        self._categories = CategoryFinder(catalog)
        self._quantities = QuantityReader(catalog)
        self._names = NameReader(catalog)
        self._dated = has_years([item.year for item in catalog])

    def understand(self, text: str, last: Sequence[str] = ()) -> Understanding:
        """What an utterance says.

        Args:
            text: The utterance. Of a very long one only the start and the end are read
                (``agent.understanding.text.LIMIT``); ``Understanding.text`` holds what was read, and
                offsets refer to it.
            last: Ids of the list it answers, in rank order; ids that the catalog lacks are ignored.
        """
        text = readable(text)
        plain = lower(text)
        shown = {self.catalog.row(i) for i in last if i in self.catalog}
        named = self._categories.find(plain)
        passage = Passage(text)
        items = self._mentions.find(passage, [c.span for c in named], shown)
        taken = [f.span for f in items]
        named = self._categories.find(plain, taken)
        people = self._names.read(plain, passage.tokens, [*taken, *(c.span for c in named)])
        unknown = self._mentions.unknown(passage, taken, [b.span for b in people] + [c.span for c in named])
        taken += unknown
        places = references(text, len(last), taken)
        places = [p for p in places if not any(p.span.overlaps(c.span) for c in named)]
        bounds = [*people, *self._bounds(plain, [*taken, *(p.span for p in [*places, *people])])]
        bounds.sort(key=lambda b: b.span)
        judged = _judge(text, [*taken, *(p.span for p in places), *(c.span for c in named)])
        relaxed, dropped = read_relaxed(plain, [c.span for c in named], [b.span for b in bounds], bool(last))
        named = [c for c in named if not any(c.span.overlaps(s) for s in dropped)]
        bounds = [b for b in bounds if not any(b.span.overlaps(s) for s in dropped)]
        mentions = self._mention(text, items, places, judged, last)
        pointers = [Pointer(f.span, self._ids(f), False) for f in items]
        pointers += [Pointer(s, (), False) for s in unknown]
        pointers += [Pointer(p.span, tuple(last[r - 1] for r in p.ranks), True) for p in places]
        critiques = read_critiques(
            plain,
            sorted(pointers, key=lambda p: p.span),
            [*(b.span for b in bounds), *dropped],
            [c.span for c in named],
            answering=bool(last),
        )
        categories = read_categories(
            plain, named, [judged[c.span] for c in named], taken, [c.span for c in critiques]
        )
        constraints = _unique([*categories.constraints, *(c for b in bounds for c in b.constraints)])
        hidden = masked(plain, [*taken, *(p.span for p in places), *(b.span for b in bounds)], _BLANK)
        n, counted = read_count(hidden, [c.span for c in named])
        evidence = self._evidence(
            taken, places, [c.span for c in named], mentions, [judged[s] for s in taken], constraints, [c.critique for c in critiques], bool(categories.facets), bool(last)
        )
        intents = read_intents(plain, evidence, relaxed)
        used = [*taken, *(p.span for p in places), *(b.span for b in bounds), *(c.span for c in critiques)]
        used += [*categories.spans, *([counted] if counted else [])]
        wish = read_wish(text, used, [*dropped, *_telling(plain, taken, judged)])
        if not intents and (wish or taken or places):
            intents = ("ask_item",) if places else ("inform",) if items else ("recommend",)
        return Understanding(
            text=text,
            intents=intents or (("off_topic",) if re.search(r"\w", text) else ()),
            mentions=tuple(mentions),
            constraints=tuple(constraints),
            critiques=tuple(dict.fromkeys(c.critique for c in critiques)),
            facets=categories.facets,
            relaxed=relaxed,
            wish=wish if {"recommend", "critique", "relax"} & set(intents) or n else "",
            n=n,
            unknown_titles=tuple(text[s.start : s.end] for s in unknown),
        )

    def _bounds(self, plain: str, taken: list[Span]) -> list[Bound]:
        """Conditions on numbers and years, none inside the name of an item or person."""
        hidden = masked(plain, taken, _BLANK)
        found = self._quantities.read(hidden)
        if self._dated:
            hidden = masked(hidden, [b.span for b in found], _BLANK)
            found += read_years(hidden, self._today or date.today())
        return found

    def _ids(self, found: Found) -> tuple[str, ...]:
        return tuple(self.catalog[row].id for row in found.rows)

    def _mention(
        self, text: str, items: Sequence[Found], places: Sequence[Reference], judged: dict[Span, Judgement], last: Sequence[str]
    ) -> list[Mention]:
        mentions = [
            Mention(self._ids(f), f.text(text), f.span.start, f.span.end, judged[f.span].attitude, judged[f.span].seen)
            for f in items
        ]
        for place in places:
            judgement, span = judged[place.span], place.span
            attitude = judgement.attitude
            if place.none and judgement.cue != "seen":
                attitude = min(attitude, -1)
            recalled = judgement.cue in ("seen", "forward") or bool(re.match(r"\W*(?:was|were|bored|sucked)\b", text[span.end :]))
            mentions += [
                Mention((last[rank - 1],), text[span.start : span.end], span.start, span.end, attitude, judgement.seen and recalled and not place.none, rank)
                for rank in place.ranks
            ]
        return sorted(mentions, key=lambda m: (m.start, m.rank or 0))

    @staticmethod
    def _evidence(
        taken: Sequence[Span], places: Sequence[Reference], categories: Sequence[Span], mentions: Sequence[Mention], judgements: Sequence[Judgement], constraints: Sequence[Constraint], critiques: Sequence[Critique], tastes: bool, answering: bool
    ) -> Evidence:
        pointed = [m for m in mentions if m.rank is not None]
        liked_less = {c.item_id for c in critiques if c.kind == "less_like"}
        return Evidence(
            items=tuple(taken),
            places=tuple(p.span for p in places),
            categories=tuple(categories),
            constrained=bool(constraints),
            critiqued=bool(critiques),
            stated=tastes or any(j.cue in _STATED for j in judgements) or any(m.seen for m in mentions),
            compared=any(j.cue == "similar" and j.attitude > 0 for j in judgements),
            turned_down=any(m.attitude < 0 and m.item_ids[0] not in liked_less for m in pointed),
            taken_up=any(m.attitude > 0 and not m.seen for m in pointed) and not critiques,
            answering=answering,
        )


def _judge(text: str, spans: Sequence[Span]) -> dict[Span, Judgement]:
    ordered = sorted(spans)
    return dict(zip(ordered, judge(text, ordered), strict=True))


def _telling(plain: str, items: Sequence[Span], judged: dict[Span, Judgement]) -> list[Span]:
    """Sentences that only tell how the user feels about items."""
    found = []
    for m in _SENTENCES.finditer(plain):
        sentence = Span(m.start(), m.end())
        inside = [s for s in items if s.overlaps(sentence)]
        if inside and all(judged[s].cue != "similar" for s in inside) and not re.search(r"\b(?:want|need|looking|recommend|suggest|give|show|find|something|anything|more)\b|推荐|想看|要", m[0]):
            found.append(sentence)
    return found


def _unique(constraints: Sequence[Constraint]) -> list[Constraint]:
    """Constraints without repetitions, in order."""
    return list({(c.field, c.op, c.value): c for c in constraints}.values())
