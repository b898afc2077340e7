"""The ways in which a title may be written, each with how far it is from the title as it stands."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from agent.catalog import Item
from agent.grounding.normalise import (
    TYPES,
    compact,
    drop_article,
    fold,
    key,
    numeric_key,
    restore_article,
    split_aka,
    split_alternative,
    split_subtitle,
    split_tags,
)


class Form(IntEnum):
    """How a written form came from a title; the smaller, the surer a match.

    A form that an item's title is shortened to is another thing than one that a text is: people leave out
    articles (ARTICLE) and subtitles (HEAD, TAIL) far more often than they add an article (ARTICLE_ADDED) or
    a subtitle (LONGER), and a text with a subtitle too many is mostly the sequel.
    """

    TITLE = 0
    AKA = 1
    ARTICLE = 2
    NUMBER = 3
    SPACING = 4
    ARTICLE_ADDED = 5
    HEAD = 6
    TAIL = 7
    LONGER = 8


class Surface(NamedTuple):
    """One way of writing a title: the normalised key and where it comes from."""

    key: str
    form: Form


class Named(NamedTuple):
    """What a title text says: all its forms, and the year and type of work it states."""

    surfaces: tuple[Surface, ...]
    year: int | None
    type: str | None


def named(text: str, *, of_item: bool = False) -> Named:
    """Read a title as a person or a catalog writes it, with or without year, a.k.a. and moved article.

    Args:
        text: The title.
        of_item: Whether it is the title of an item, not a text to be grounded.
    """
    bare, head_form, tail_form = (
        (Form.ARTICLE, Form.HEAD, Form.TAIL) if of_item else (Form.ARTICLE_ADDED, Form.LONGER, Form.LONGER)
    )
    title, year, kind = split_tags(text)
    whole = restore_article(title)
    main, others = split_aka(title)
    main = restore_article(main)
    forms: dict[str, Form] = {}

    def add(written: str, form: Form) -> None:
        written_key = key(written)
        if written_key and form < forms.get(written_key, len(Form)):
            forms[written_key] = form

    for written in (main, whole):
        add(written, Form.TITLE)
    for other in (*others, *split_alternative(main)):
        add(other, Form.AKA)
    for written in (main, *others):
        add(drop_article(written), bare)
    for written in (main, *others):
        head, tails = _parts(written)
        for part, form in ((head, head_form), *((t, tail_form) for t in tails)):
            add(part, form)
            add(drop_article(part), form)
    for derive, form in ((numeric_key, Form.NUMBER), (compact, Form.SPACING)):
        for written_key, origin in list(forms.items()):
            derived = derive(written_key)
            if max(form, origin) < forms.get(derived, len(Form)):
                forms[derived] = max(form, origin)
    return Named(tuple(Surface(k, f) for k, f in forms.items()), year, kind)


def _parts(title: str) -> tuple[str, list[str]]:
    """The title without its subtitle, empty where it has none, and its subtitles."""
    head, tail = split_subtitle(title)
    if tail is None:
        return "", []
    tails = []
    while tail is not None:
        # "Part II" is a subtitle of many.
        if any(word.isalpha() for word in numeric_key(key(tail)).split()):
            tails.append(tail)
        _, tail = split_subtitle(tail)
    return head, tails


def item_named(item: Item, kind: str | None = None) -> Named:
    """The forms of an item's title; its own year counts before the one in its title.

    A type may stand in the title, in an attribute ``type``, or among the categories (short, documentary);
    else it is ``kind``, what the catalog calls its items, where that is a type.
    """
    forms = named(item.title, of_item=True)
    stated = item.get("type")
    own = forms.type or (TYPES.get(fold(stated)) if isinstance(stated, str) else None)
    if own is None:
        own = next((c for c in map(fold, item.categories) if c in ("short", "documentary", "series")), None)
    if own is None and kind is not None:
        own = TYPES.get(fold(kind))
    return Named(forms.surfaces, item.year if item.year is not None else forms.year, own)


def surface_forms(item: Item) -> set[str]:
    """Every way in which people may name an item, normalised by ``normalise.key``.

    The title, its a.k.a. titles, each without article, with numbers as digits, without its subtitle. Left out
    is what is too short or too common to look for in running text: forms without spaces, bare subtitles, and
    numbers alone that stand for a word ("Seven" as 7).
    """
    surfaces = item_named(item).surfaces
    spaceless = {compact(s.key) for s in surfaces if " " in s.key}
    return {
        s.key
        for s in surfaces
        if s.form not in (Form.SPACING, Form.TAIL)
        and s.key not in spaceless
        and not (s.form >= Form.NUMBER and s.key.isdecimal())
    }
