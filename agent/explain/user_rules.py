"""Rules for what a sentence says of people: what the user likes and asked for, what others like."""

from __future__ import annotations

from collections.abc import Iterator

from agent.catalog import Item
from agent.context import fold
from agent.explain.lexicon import WORD, lexicon
from agent.explain.statement import Statement, is_kind
from agent.explain.tokens import Token
from agent.recommendation import Evidence

_ATTITUDES = ("hate", "dislike", "love", "like")


def liking(s: Statement) -> Iterator[str]:
    """Liked, loved, disliked, hated: by the user as in the context, by others as counted."""
    found = list(_attitude_words(s))
    names = {name for _, subject, name in found if subject == "user"}
    if names & {"like", "love"} and names & {"dislike", "hate"}:
        yield "it mixes liking and disliking"
    for token, subject, name in found:
        if subject == "people":
            yield from _by_people(s, token, name)
        elif s.others:
            yield from (
                f"the user did not say “{token.text}” of “{other.title}”"
                for other in s.others
                if not _held(other, name, s)
            )
        elif not (s.counts() and name == "like"):
            yield from _of_values(s, token, name)


def together(s: Statement) -> Iterator[str]:
    """``you and 5 people``, ``you liked Heat and this``: liked by or with somebody or something unproven."""
    you = [i for i, t in enumerate(s.tokens) if t.text.lower() in ("you", "你", "您")]
    for i in you:
        if i + 1 == len(s.tokens) or s.tokens[i + 1].of("and"):
            yield "it lumps the user together with somebody"
    for before, token, after in zip(s.tokens, s.tokens[1:], s.tokens[2:], strict=False):
        if you and token.of("and") and {before.kind, after.kind} == {"self", "other"}:
            yield "it lumps the item together with another"


def asking(s: Statement) -> Iterator[str]:
    """``as you asked``: every fact beside it was asked for; ``ruled out``: it was."""
    facts = s.kind("value", "quote")
    if s.says("ask", "exclude"):
        numbers = {e.number for e in s.evidence("constraint")}
        wrong = [t for t in facts if not any(_asked_for(e) for e in t.evidence)]
        wrong += [t for t in s.kind("number") if t.number not in numbers]
        if not facts and not s.kind("number") and s.facts.evidence:
            yield "nothing here was asked for"
        for token in wrong:
            yield f"“{token.text}” was not asked for"
        yield from _asked_itself(s)
    elif s.kind("quote"):
        yield f"“{s.kind('quote')[0].text}” is not said to be the user's words"
    if s.says("exclude") and not any(is_kind(t, "contrast") for t in facts):
        yield "nothing here was ruled out"


def naming(s: Statement) -> Iterator[str]:
    """``Heat, which you named``: it was; ``3 conversations here name both it and Heat``: counted."""
    if not s.says("name", "dialogues"):
        return
    ids = {other.id for other in s.others}
    if s.says("dialogues") and not ids and any(is_kind(t, "said") for t in s.kind("value")):
        return
    if s.says("dialogues"):
        counted = {e.item_id for e in s.evidence("similar") if e.field == "dialogues"}
        if not (s.says("name") and s.kind("number") and ids and ids <= counted):
            yield "no conversations were counted that name it so"
    elif not ids or not all(_by_user(s, i) for i, t in enumerate(s.tokens) if t.of("name")):
        yield "nothing was named"
    yield from (f"the user did not name “{o.title}”" for o in s.others if o.id not in s.context.named)


def saying(s: Statement) -> Iterator[str]:
    """``3 conversations here that mention “scary” name it``: a word that is no fact of the item itself."""
    counted = s.says("dialogues") and s.says("mention") and s.says("name") and not s.says("ask", "like")
    for token in s.kind("value"):
        numbers = {e.number for e in token.evidence if e.kind == "said"}
        only = all(e.kind == "said" for e in token.evidence)
        if only and not (counted and numbers & {t.number for t in s.kind("number")}):
            yield f"“{token.text}” is a word of conversations, which does not make it true of the item"


def _by_user(s: Statement, place: int) -> bool:
    return place > 0 and s.tokens[place - 1].of("user")


def _attitude_words(s: Statement) -> Iterator[tuple[Token, str, str]]:
    """Words of liking and disliking as (token, ``user`` or ``people``, class), negations applied."""
    for i, token in enumerate(s.tokens):
        name = next((c for c in _ATTITUDES if token.of(c)), None)
        before = s.tokens[max(0, i - 3) : i]
        who = [t for t in before if t.of("user", "people")]
        if name is None or (token.of("preposition_like") and not who):
            continue
        if any(t.of("negation") for t in before):
            name = "dislike" if name in ("like", "love") else "like"
        if who:
            subject = "people" if who[-1].of("people") else "user"
        else:
            subject = "user" if s.says("user") and not s.says("people") else "people"
        yield token, subject, name


def _by_people(s: Statement, token: Token, name: str) -> Iterator[str]:
    ids = {i.id for i in s.others}
    counted = {e.item_id for e in s.evidence("similar") if e.field == "interactions"}
    if name != "like" or not ids or not ids <= counted:
        yield f"nobody was counted who “{token.text}” it"


def _of_values(s: Statement, token: Token, name: str) -> Iterator[str]:
    """Liking and disliking of categories and other values."""
    facts = s.kind("value")
    kind = "contrast" if name in ("dislike", "hate") else "facet"
    least = 2.0 if name in ("love", "hate") else 0.1
    right = [t for t in facts if any(e.kind == kind and abs(e.number or 0) >= least for e in t.evidence)]
    if not facts or len(right) < len(facts):
        yield f"the user did not say “{token.text}” of that"


def _held(other: Item, name: str, s: Statement) -> bool:
    attitude = s.context.attitudes.get(other.id, 0)
    if name == "love" and attitude > 0 and _said_to_love(other, s):
        return True
    return {"like": attitude > 0, "love": attitude > 1, "dislike": attitude < 0, "hate": attitude < -1}[name]


def _said_to_love(other: Item, s: Statement) -> bool:
    """Whether one message of the user holds both the title and a word of love."""
    title, en = fold(other.title), lexicon("en")
    zh = [word for word, classes in lexicon("zh").classes.items() if "love" in classes]
    for message in s.context.dialogue:
        said = fold(message.content)
        loving = any("love" in en.of_class(w) for w in WORD.findall(said)) or any(w in said for w in zh)
        if message.role == "user" and loving and title in said:
            return True
    return False


def _asked_for(e: Evidence) -> bool:
    return e.kind in ("constraint", "words") or (e.kind == "contrast" and e.number is None)


def _asked_itself(s: Statement) -> Iterator[str]:
    """``you asked for 1998``, ``Heat, which you asked for``: not the number or the item was."""
    for i, token in enumerate(s.tokens):
        if not token.of("ask"):
            continue
        for step in (1, -1):
            near = i + step
            while 0 <= near < len(s.tokens) and s.tokens[near].kind != "comma":
                if s.tokens[near].kind in ("number", "other"):
                    yield f"“{s.tokens[near].text}” itself was not asked for"
                near += step
        which = [j for j in range(max(0, i - 2), i) if s.tokens[j].text.lower() in ("which", "that")]
        named = [t for t in s.tokens[: which[0]] if t.kind != "comma"][-1:] if which else []
        if named and named[0].kind in ("self", "other"):
            yield f"“{named[0].text}” itself was not asked for"
