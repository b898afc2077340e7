"""The checker: whether a sentence says anything of an item that the evidence does not.

A sentence passes when every word of it is evidence or belongs to a small closed vocabulary, and the
words of that vocabulary which carry meaning (liked, asked for, not, shares, 812 people) are true of
the facts they stand with. What it cannot decide it refuses: a wrong refusal costs only style.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.catalog import Catalog, Item
from agent.context import UserContext, fold
from agent.explain.evidence import attitudes, values
from agent.explain.lexicon import WORD, lexicon
from agent.explain.tokens import Facts, Token
from agent.recommendation import Evidence


def violations(
    sentence: str,
    item: Item,
    label: str,
    evidence: Sequence[Evidence],
    context: UserContext,
    catalog: Catalog,
    locale: str,
) -> tuple[str, ...]:
    """What a sentence says beyond the evidence, in the order found; empty where nothing.

    Args:
        sentence: What was written about the item.
        item: The item it is about.
        label: The item's name as people read it.
        evidence: The facts that may be used.
        context: The user's attitudes, and their own words.
        catalog: The catalog, for the categories and years of the other items named.
        locale: The language of the sentence.
    """
    facts = Facts(item, label, evidence, catalog, locale)
    statements = [_Statement(tokens, facts, context) for tokens in facts.statements(sentence)]
    found = [problem for s in statements for rule in _RULES for problem in rule(s)]
    named = any(t.kind in ("value", "other", "quote", "number") for s in statements for t in s.tokens)
    if not statements or (evidence and not named):
        found.append("it states no fact")
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _Statement:
    tokens: Sequence[Token]
    facts: Facts
    context: UserContext

    def kind(self, *kinds: str) -> list[Token]:
        return [t for t in self.tokens if t.kind in kinds]

    def says(self, *classes: str) -> bool:
        return any(t.of(*classes) for t in self.tokens)

    @property
    def others(self) -> list[Item]:
        catalog = self.facts.catalog
        ids = (e.item_id for t in self.kind("other") for e in t.evidence if e.item_id)
        return [catalog.item(i) for i in dict.fromkeys(ids) if i in catalog]

    def evidence(self, *kinds: str) -> list[Evidence]:
        return [e for e in self.facts.evidence if e.kind in kinds]


def _is(token: Token, *kinds: str) -> bool:
    return any(e.kind in kinds for e in token.evidence)


def _unknown_words(s: _Statement) -> Iterator[str]:
    for token in s.kind("unknown"):
        yield f"“{token.text}” is not in the evidence"


def _fields(s: _Statement) -> Iterator[str]:
    """``directed``, ``runtime``: only of a fact of that attribute."""
    prefix = "field:"
    said = {c.removeprefix(prefix) for t in s.tokens for c in t.classes if c.startswith(prefix)}
    there = {e.field for t in s.kind("value", "quote") for e in t.evidence}
    there |= {e.field for t in s.kind("number") for e in s.facts.evidence if e.number == t.number}
    for name in sorted(said - there):
        yield f"“{name}” is said of something else"


def _negations(s: _Statement) -> Iterator[str]:
    """What is negated must be a contrast, and a contrast must be negated."""
    negated: set[int] = set()
    for i, token in enumerate(s.tokens):
        if not token.of("negation"):
            continue
        scope = range(i + 1, _end_of_clause(s.tokens, i))
        hit = [j for j in scope if s.tokens[j].kind in ("value", "number", "quote", "self")]
        negated.update(hit)
        verbs = [j for j in scope if s.tokens[j].of("like", "love", "dislike", "hate")]
        if not any(_is(s.tokens[j], "contrast") for j in hit) and not verbs:
            yield f"“{token.text}” negates nothing that was ruled out"
        for j in scope:
            if s.tokens[j].of("ask", "popular", "share", "rated"):
                yield f"“{token.text} … {s.tokens[j].text}” is not in the evidence"
    for j, token in enumerate(s.tokens):
        if token.kind == "quote" or (token.kind == "other" and j not in negated):
            continue
        contrast, fact = _is(token, "contrast"), token.kind in ("value", "number")
        if contrast and j not in negated and not _is(token, "category", "constraint", "facet", "words"):
            yield f"the item is not “{token.text}”"
        if fact and not contrast and j in negated:
            yield f"the item is “{token.text}”"


def _end_of_clause(tokens: Sequence[Token], start: int) -> int:
    return next((j for j in range(start + 1, len(tokens)) if tokens[j].kind == "comma"), len(tokens))


def _attitude_words(s: _Statement) -> Iterator[tuple[Token, str, str]]:
    """Words of liking and disliking as (token, ``user`` or ``people``, class), negations applied."""
    for i, token in enumerate(s.tokens):
        name = next((c for c in ("hate", "dislike", "love", "like") if token.of(c)), None)
        before = s.tokens[max(0, i - 3) : i]
        who = [t for t in before if t.of("user", "people")]
        if name is None or (token.of("preposition_like") and not who):
            continue
        if any(t.of("negation") for t in before):
            name = "dislike" if name in ("like", "love") else "like"
        subject = "people" if (who and who[-1].of("people")) or (not who and s.says("people")) else "user"
        yield token, subject, name


def _attitudes(s: _Statement) -> Iterator[str]:
    """Liked, loved, disliked: by the user as in the context, by others as counted."""
    held = attitudes(s.context)
    found = list(_attitude_words(s))
    names = {name for _, subject, name in found if subject == "user"}
    if names & {"like", "love"} and names & {"dislike", "hate"}:
        yield "it mixes liking and disliking"
    for token, subject, name in found:
        if subject == "people":
            ids = {i.id for i in s.others}
            counted = {e.item_id for e in s.evidence("similar") if e.field == "interactions"}
            if not ids or not ids <= counted:
                yield f"nobody was counted who “{token.text}” it"
            continue
        if s.others:
            for other in s.others:
                if not _holds(held.get(other.id, 0), name) and not (
                    name == "love" and held.get(other.id, 0) > 0 and _said_to_love(other, s)
                ):
                    yield f"the user did not say “{token.text}” of “{other.title}”"
        elif not _counts(s):
            yield from _attitude_to_values(s, token, name)


def _attitude_to_values(s: _Statement, token: Token, name: str) -> Iterator[str]:
    facts = s.kind("value")
    if name in ("dislike", "hate"):
        right = [t for t in facts if any(e.kind == "contrast" and e.number for e in t.evidence)]
    else:
        weight = 2 if name == "love" else 0.1
        right = [t for t in facts if any(e.kind == "facet" and (e.number or 0) >= weight for e in t.evidence)]
    if not facts or len(right) < len(facts):
        yield f"the user did not say “{token.text}” of that"


def _holds(attitude: int, name: str) -> bool:
    return {"like": attitude > 0, "love": attitude > 1, "dislike": attitude < 0, "hate": attitude < -1}[name]


def _said_to_love(other: Item, s: _Statement) -> bool:
    """Whether one message of the user holds both the title and a word of love."""
    title, words = fold(other.title), lexicon("en")
    for message in s.context.dialogue:
        said = fold(message.content)
        loving = any("love" in words.of_class(w) for w in WORD.findall(said)) or any(
            w in said for w, classes in lexicon("zh").classes.items() if "love" in classes
        )
        if message.role == "user" and loving and title in said:
            return True
    return False


def _asking(s: _Statement) -> Iterator[str]:
    """``as you asked``: every fact beside it was asked for; ``ruled out``: it was."""
    facts = s.kind("value", "quote")
    if s.says("ask", "exclude"):
        asked = [t for t in facts if any(_asked_for(e) for e in t.evidence)]
        years = {e.number for e in s.evidence("constraint")}
        others = [t for t in s.kind("number") if t.number not in years]
        if not facts and not s.kind("number") and s.facts.evidence:
            yield "nothing here was asked for"
        for token in [t for t in facts if t not in asked] + others:
            yield f"“{token.text}” was not asked for"
    elif s.kind("quote"):
        yield f"“{s.kind('quote')[0].text}” is not said to be the user's words"
    if s.says("exclude") and not any(_is(t, "contrast") for t in facts):
        yield "nothing here was ruled out"


def _asked_for(e: Evidence) -> bool:
    return e.kind in ("constraint", "words") or (e.kind == "contrast" and e.number is None)


def _counts(s: _Statement) -> set[int]:
    """Positions of numbers in a right ``3 of the 4 you liked`` of a category named beside it."""
    right: set[int] = set()
    numbers = [i for i, t in enumerate(s.tokens) if t.kind == "number"]
    for i, j in zip(numbers, numbers[1:], strict=False):
        if not any(t.of("of") for t in s.tokens[i + 1 : j]) or j - i > 4:
            continue
        pair = (s.tokens[i].number, s.tokens[j].number)
        for token in s.kind("value"):
            for e in token.evidence:
                count = (e.number, e.out_of)
                if e.kind == "category" and e.out_of and pair in (count, count[::-1]):
                    english = s.facts.words.language == "en"
                    if pair == (count if english else count[::-1]):
                        right.update((i, j))
    return right


def _numbers(s: _Statement) -> Iterator[str]:
    """Every number is one of the evidence, in its own role."""
    counted = _counts(s)
    for i, token in enumerate(s.tokens):
        if token.kind == "number" and i not in counted and not _right_number(s, i):
            yield f"the number {token.text} is not in the evidence, or not of this"
    if s.says("rated", "mean") and not s.kind("number"):
        yield "a rating without its number"


def _right_number(s: _Statement, i: int) -> bool:
    number = s.tokens[i].number
    following = [t for t in s.tokens[i + 1 : i + 3] if t.kind == "word"]
    people = bool(following) and any(t.of("people", "rated") for t in following)
    if people:
        ids = {other.id for other in s.others}
        if s.says("like", "share") and any(
            e.item_id in ids and e.number == number and e.field == "interactions" for e in s.evidence("similar")
        ):
            return True
        return s.says("rated") and _is_number(s, number, "popularity", "ratings")
    if s.says("popularity") and _is_number(s, number, "popularity", "popularity"):
        return True
    near = s.tokens[max(0, i - 3) : i + 4]
    if any(t.of("mean") for t in near):
        return _is_number(s, number, "popularity", "mean_rating")
    for e in s.evidence("year", "constraint", "attribute"):
        if e.number == number and (e.field == "year" or s.says(f"field:{e.field}")):
            return True
    return False


def _is_number(s: _Statement, number: float | None, kind: str, field: str) -> bool:
    return any(e.field == field and e.number == number for e in s.evidence(kind))


def _shared(s: _Statement) -> Iterator[str]:
    """What is said in one breath with another item is true of that item too."""
    if not s.others and s.says("share") and not _counts(s):
        yield "nothing is named that it would be shared with"
    for other in s.others:
        for token in s.kind("value"):
            own = [e for e in token.evidence if e.field and e.kind not in ("contrast", "words")]
            if own and not any(fold(token_value) in _folded(other, e.field) for e in own for token_value in [e.value]):
                yield f"“{other.title}” is not “{token.text}”"
        if s.says("share"):
            for token in s.kind("number"):
                if token.number == s.facts.item.year != other.year:
                    yield f"“{other.title}” is not of {token.text}"


def _folded(item: Item, field: str | None) -> set[str]:
    return {fold(v) for v in values(item, field or "")}


def _places(s: _Statement) -> Iterator[str]:
    """``its description mentions``: only words that stand there."""
    places: set[str | None] = set()
    for i, token in enumerate(s.tokens):
        for place in ("title", "description"):
            own = i > 0 and s.tokens[i - 1].text.lower() in ("its", "the", "它的")
            if token.of(place) and (own or "neutral" not in token.classes):
                places.add(place)
    mentioned = bool(places) or s.says("mention")
    for token in s.kind("value"):
        held = {e.field for e in token.evidence if e.kind == "words"}
        if mentioned and not (held and places <= held):
            yield f"“{token.text}” does not stand there"
        if not mentioned and held and all(e.kind == "words" and e.field != "categories" for e in token.evidence):
            yield f"“{token.text}” is a word of the item's text, which does not make it true of the item"


def _popular(s: _Statement) -> Iterator[str]:
    if s.says("popular") and not any(e.detail == "popular" for e in s.evidence("popularity")):
        yield "it is not among the popular"


_RULES: tuple[Callable[[_Statement], Iterator[str]], ...] = (
    _unknown_words,
    _fields,
    _negations,
    _attitudes,
    _asking,
    _numbers,
    _shared,
    _places,
    _popular,
)
