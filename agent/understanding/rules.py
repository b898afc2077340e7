"""Understanding by rules: deterministic, a few milliseconds; an embedder only where they are silent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from statistics import median

from agent.catalog import Catalog
from agent.context import Constraint
from agent.understanding.attitude import judge
from agent.understanding.bounds import Bound
from agent.understanding.categories import CategoryFinder, CategorySpan
from agent.understanding.citations import CitationFinder
from agent.understanding.critiques import CritiqueSpan, Pointer, read_critiques
from agent.understanding.dates import DateReader
from agent.understanding.forms import FormReader
from agent.understanding.identifiers import IdentifierFinder
from agent.understanding.intents import Evidence, read_count, read_intents, read_relaxed
from agent.understanding.judgements import Judgement
from agent.understanding.lexicon import words
from agent.understanding.mentions import Found, MentionFinder, unknown_titles
from agent.understanding.named import Named
from agent.understanding.names import NameReader
from agent.understanding.off_topic import OffTopic
from agent.understanding.passage import Passage
from agent.understanding.pasted import pasted
from agent.understanding.phrases import CUE, PhraseReader
from agent.understanding.quantities import QuantityReader
from agent.understanding.references import Reference, is_pick, references
from agent.understanding.tastes import read_categories
from agent.understanding.telling import asking_clauses, telling_clauses
from agent.understanding.text import Span, masked, readable
from agent.understanding.turn import Intent, Mention, Understanding
from agent.understanding.wish import read_wish
from agent.understanding.years import FIELD as YEAR
from agent.understanding.years import read_years

_BLANK = "\ue002"
_LONG_TITLE = 5
"""Words; where most titles have more, one or two capitalised words are the name of a thing, not a title."""
_SENTENCES = re.compile(r"[^.!?;\n。！？；]+")
_SENTENCE_END = re.compile(r"[.!?;\n。！？；]")
_STATED = ("forward", "favourite", "predicate", "verdict", "refusal", "seen", "want", "negation", CUE)
_PAST_AFTER = re.compile(r"\W*(?:was|were|bored|sucked)\b")
_PAST = re.compile(r"\b(?:was|were|loved|liked|hated|enjoyed|adored|disappointed|went to)\b")
_SHOWN = re.compile(r"\b(?:movies?|films?|papers?|articles?|games?|books?)\b|电影|论文|片")
_REQUEST = re.compile(
    r"\b(?:want|need|looking|recommend|suggest|give|show|find|something|anything|more)\b|推荐|想看|要"
)


class RuleUnderstander:
    """Reads utterances with word lists and patterns, against one catalog.

    English and Chinese are read side by side (people mix them), with the commonest cues of a few other
    languages. The indexes over the catalog are built here, once.

    Args:
        catalog: What items, categories and attributes there are; nothing else is ever returned.
        today: The day that "last year" counts from; by default the current one.
        phrases: Reads attitudes where the word lists are silent; without it, no model is needed.
    """

    def __init__(
        self, catalog: Catalog, *, today: date | None = None, phrases: PhraseReader | None = None
    ) -> None:
        self.catalog = catalog
        self._today = today
        self._phrases = phrases
        self._mentions = MentionFinder(catalog)
        self._categories = CategoryFinder(catalog)
        self._quantities = QuantityReader(catalog)
        self._names = NameReader(catalog)
        self._identifiers = IdentifierFinder(catalog)
        self._dates = DateReader(catalog)
        self._forms = FormReader(catalog)
        self._citations = CitationFinder(catalog)
        self._off_topic = OffTopic(catalog)
        self._dated = any(item.year is not None for item in catalog)
        self._long_titles = median(len(item.title.split()) for item in catalog) > _LONG_TITLE

    def understand(self, text: str, last: Sequence[str] = (), *, answering: bool = False) -> Understanding:
        """What an utterance says.

        Args:
            text: The utterance. Of a very long one only the start and the end are read
                (``agent.understanding.text.LIMIT``); ``Understanding.text`` holds what was read, and
                offsets refer to it.
            last: Ids of the list it answers, in rank order; ids that the catalog lacks are ignored.
            answering: Whether it answers a question, also where there was no list.
        """
        text = readable(text)
        if (span := pasted(text, statements=self._long_titles)) is not None:
            return self._read_pasted(text, span, last, answering=answering)
        named = self._name(Passage(text), last)
        plain, answering = named.passage.lower, answering or bool(last)
        relaxed, dropped = read_relaxed(plain, _spans(named.categories), _spans(named.bounds), answering)
        if YEAR in relaxed and self._dates.column is not None:
            relaxed = (*relaxed, self._dates.column)
        told = telling_clauses(plain, named.titles, named.wanted)
        named = named.without(dropped)
        critiques = self._criticise(named, [*dropped, *(() if answering else told)], last)
        named = named.untold(told, asking_clauses(plain, named.titles, named.wanted))
        tastes = read_categories(
            plain,
            named.categories,
            [named.judgements[c.span] for c in named.categories],
            named.titles,
            _spans(critiques),
        )
        hidden = masked(plain, [*named.titles, *_spans(named.places), *_spans(named.bounds)], _BLANK)
        n, counted = read_count(hidden, _spans(named.categories))
        mentions = self._mention(named, last)
        constraints = _unique([*tastes.constraints, *(c for b in named.bounds for c in b.constraints)])
        evidence = replace(
            _evidence(named, mentions, critiques, answering, bool(constraints), bool(tastes.facets)),
            elsewhere=self._off_topic.holds(masked(plain, named.titles, _BLANK)),
        )
        intents = read_intents(plain, evidence, relaxed)
        used = [
            *named.spoken_of,
            *_spans(named.places),
            *_spans(named.bounds),
            *_spans(critiques),
            *tastes.spans,
        ]
        used += [counted] if counted else []
        citing = self._citations.find(plain)
        used += citing
        used += [Span(max(0, s.start - len("by ")), s.end) for s in named.strangers]
        wish = read_wish(text, used, [*dropped, *_telling(named)])
        intents = intents or _fallback(named, wish)
        if wish and set(intents) <= {"inform"} and not (named.titles or named.places or tastes.facets):
            intents = (*intents, "recommend")  # tastes in plain words ("I like smoky flavours")
        return Understanding(
            text=text,
            intents=intents,
            mentions=mentions,
            constraints=constraints,
            critiques=tuple(dict.fromkeys(c.critique for c in critiques)),
            facets=tastes.facets,
            relaxed=relaxed,
            wish=wish if n or {"recommend", "critique", "relax"} & set(intents) else "",
            n=n,
            unknown_titles=tuple(text[s.start : s.end] for s in named.unknown),
            lacking=("citations",) if citing else (),
        )

    def _read_pasted(self, text: str, span: Span, last: Sequence[str], *, answering: bool) -> Understanding:
        """What is said around a pasted text, which is itself the wish."""
        around = masked(text, [span], " ")
        said = self.understand(around, last, answering=answering)
        shift = len(around) - len(around.lstrip())
        mentions = tuple(replace(m, start=m.start + shift, end=m.end + shift) for m in said.mentions)
        wish = " ".join(filter(None, (" ".join(text[span.start : span.end].split()), said.wish)))
        intents = tuple(dict.fromkeys(("recommend", *said.intents)))
        return replace(said, text=text, intents=intents, mentions=mentions, wish=wish)

    def _name(self, passage: Passage, last: Sequence[str]) -> Named:
        """Find what is named, from the surest to the vaguest; nothing is found inside something else."""
        plain = passage.lower
        shown = {self.catalog.row(i) for i in last if i in self.catalog}
        ids, unknown_ids = self._identifiers.find(passage)
        addressed = [*_spans(ids), *unknown_ids]
        titles = self._mentions.find(passage, [*addressed, *_spans(self._categories.find(plain))], shown)
        items = sorted([*ids, *(t for t in titles if not _among(t.span, addressed))], key=lambda f: f.span)
        taken = [*_spans(items), *unknown_ids]
        categories = self._categories.find(plain, taken)
        people = self._names.read(plain, passage.tokens, [*taken, *_spans(categories)])
        times = self._times(plain, [*taken, *_spans(people)])
        blocked = [*_spans(people), *_spans(categories), *_spans(times)]
        unknown = [s for s in unknown_titles(passage, taken, blocked) if self._may_be_title(passage, s)]
        strangers = self._names.strangers(passage, [*taken, *blocked])
        unknown = [s for s in unknown if not _among(s, strangers)]
        taken += [*unknown, *strangers]
        unknown = sorted([*unknown, *strangers, *unknown_ids])
        places = [
            place
            for place in references(plain, len(last), taken, _ranks(items, shown, last, self.catalog))
            if not any(place.span.overlaps(c.span) for c in categories)
        ]
        bounds = [*people, *times]
        bounds += self._bounds(plain, [*taken, *_spans(places), *_spans(bounds)])
        spans = sorted([*taken, *_spans(places), *_spans(categories)])
        return Named(
            passage=passage,
            items=tuple(items),
            unknown=tuple(unknown),
            places=tuple(places),
            categories=tuple(categories),
            bounds=tuple(sorted(bounds, key=lambda b: b.span)),
            strangers=tuple(strangers),
            judgements=self._judge(passage, spans, sorted([*_spans(items), *unknown])),
        )

    def _judge(self, passage: Passage, spans: list[Span], titles: list[Span]) -> dict[Span, Judgement]:
        """How each of the spans is judged, those of titles by turns of phrase too."""
        found = dict(zip(spans, judge(passage.lower, spans), strict=True))
        if self._phrases:
            told = self._phrases.read(passage.text, titles, [found[s] for s in titles])
            found |= zip(titles, told, strict=True)
        return found

    def _may_be_title(self, passage: Passage, span: Span) -> bool:
        """Whether capitals are enough to take words for a title: not for few where titles are long."""
        if not self._long_titles or span in passage.quotes:
            return True
        return sum(span.start <= token.start < span.end for token in passage.tokens) >= _LONG_TITLE

    def _times(self, plain: str, taken: Sequence[Span]) -> list[Bound]:
        """Conditions on dates finer than years, none inside the name of an item or person."""
        return self._dates.read(masked(plain, taken, _BLANK), self._today or date.today())

    def _bounds(self, plain: str, taken: Sequence[Span]) -> list[Bound]:
        """Conditions on numbers, forms and years, none inside the name of an item or person."""
        hidden = masked(plain, taken, _BLANK)
        found = [*self._quantities.read(hidden), *self._forms.read(hidden)]
        if self._dated:
            found += read_years(masked(hidden, _spans(found), _BLANK), self._today or date.today())
        return found

    def _criticise(self, named: Named, dropped: Sequence[Span], last: Sequence[str]) -> list[CritiqueSpan]:
        pointers = [Pointer(f.span, self._ids(f), False) for f in named.items]
        pointers += [Pointer(s, (), False) for s in named.unknown]
        pointers += [Pointer(p.span, tuple(i for _, i in self._shown(p, last)), True) for p in named.places]
        found = read_critiques(
            named.passage.lower,
            sorted(pointers, key=lambda p: p.span),
            [*_spans(named.bounds), *dropped],
            _spans(named.categories),
            answering=bool(last),
        )
        return [self._referring(critique, named) for critique in found]

    def _referring(self, found: CritiqueSpan, named: Named) -> CritiqueSpan:
        """The critique with the item it compares with: "like Alien but newer"."""
        if found.critique.kind not in ("newer", "older") or found.critique.item_id is not None:
            return found
        before = [
            item
            for item in named.items
            if item.span.end <= found.span.start
            and named.judgements[item.span].cue == "similar"
            and not _SENTENCE_END.search(named.passage.text[item.span.end : found.span.start])
        ]
        if not before:
            return found
        return replace(found, critique=replace(found.critique, item_id=self._ids(before[-1])[0]))

    def _mention(self, named: Named, last: Sequence[str]) -> tuple[Mention, ...]:
        text = named.passage.text
        found = []
        for item in named.items:
            span, judgement = item.span, named.judgements[item.span]
            words = text[span.start : span.end]
            found.append(
                Mention(self._ids(item), words, span.start, span.end, judgement.attitude, judgement.seen)
            )
        for place in named.places:
            span, judgement = place.span, named.judgements[place.span]
            attitude = (
                min(judgement.attitude, -1) if place.none and judgement.cue != "seen" else judgement.attitude
            )
            if judgement.cue is None and not place.none and is_pick(named.passage.lower, span):
                attitude = 1
            # "The second is great" may speak of its description; "was great" tells that it was seen.
            past = judgement.cue in ("seen", "forward") or _PAST_AFTER.match(text, span.end)
            seen = judgement.seen and bool(past) and not place.none
            words = text[span.start : span.end]
            found += [
                Mention((item_id,), words, span.start, span.end, attitude, seen, rank)
                for rank, item_id in self._shown(place, last)
            ]
        return tuple(sorted(found, key=lambda m: (m.start, m.rank or 0)))

    def _ids(self, found: Found) -> tuple[str, ...]:
        return tuple(self.catalog[row].id for row in found.rows)

    def _shown(self, place: Reference, last: Sequence[str]) -> list[tuple[int, str]]:
        """Rank and id of the items that words point at."""
        return [(rank, last[rank - 1]) for rank in place.ranks if last[rank - 1] in self.catalog]


def _ranks(items: Sequence[Found], shown: Collection[int], last: Sequence[str], catalog: Catalog) -> set[int]:
    """Places of the last list whose items are named."""
    ids = {catalog[row].id for item in items for row in item.rows if row in shown}
    return {rank for rank, item_id in enumerate(last, 1) if item_id in ids}


def _spans(found: Iterable[Found | Reference | CategorySpan | Bound | CritiqueSpan]) -> list[Span]:
    return [each.span for each in found]


def _among(span: Span, others: Iterable[Span]) -> bool:
    return any(span.overlaps(other) for other in others)


def _evidence(
    named: Named,
    mentions: Sequence[Mention],
    critiques: Sequence[CritiqueSpan],
    answering: bool,
    constrained: bool,
    tastes: bool,
) -> Evidence:
    judged = [named.judgements[s] for s in named.titles]
    pointed = [m for m in mentions if m.rank is not None]
    liked_less = {c.critique.item_id for c in critiques if c.critique.kind == "less_like"}
    return Evidence(
        items=tuple(named.titles),
        places=tuple(_spans(named.places)),
        constrained=constrained,
        critiqued=bool(critiques),
        stated=tastes or any(j.cue in _STATED for j in judged) or any(m.seen for m in mentions),
        compared=any(j.cue == "similar" and j.attitude > 0 for j in judged),
        turned_down=any(m.attitude < 0 and m.item_ids[0] not in liked_less for m in pointed),
        taken_up=any(m.attitude > 0 and not m.seen for m in pointed) and not critiques,
        answering=answering,
    )


def _telling(named: Named) -> list[Span]:
    """Sentences that only tell how the user feels about items."""
    found = []
    for m in _SENTENCES.finditer(named.passage.lower):
        sentence = Span(m.start(), m.end())
        inside = [s for s in named.spoken_of if s.overlaps(sentence)]
        compared = any(named.judgements[s].cue == "similar" for s in inside)
        if inside and not compared and not _REQUEST.search(m[0]):
            found.append(sentence)
    return found


def _fallback(named: Named, wish: str) -> tuple[Intent, ...]:
    """What words without any cue are for: a place asks about its item, a title tells of it."""
    if named.places:
        return ("ask_item",)
    if named.items:
        return ("inform",)
    if _PAST.search(named.passage.lower) and not _REQUEST.search(named.passage.lower):
        return ("inform",)
    asked = words("wish", "vague").search(named.passage.lower) or _SHOWN.search(named.passage.lower)
    if wish or named.unknown or asked:
        return ("recommend",)
    return ("off_topic",) if named.passage.tokens else ()


def _unique(constraints: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """Constraints without repetitions, in order."""
    return tuple({(c.field, c.op, c.value): c for c in constraints}.values())
