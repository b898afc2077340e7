"""Made-up ways of getting a title wrong, for fitting where real ones are too few.

The edits follow how people and models misspell: one letter or two exchanged, lost, doubled or replaced by a
neighbour on the keyboard (Damerau, 1964, counts 80 % of misspellings as one such edit), and words of little
weight left out.
"""

from __future__ import annotations

import random

from agent.grounding.normalise import (
    LEADING_ARTICLES,
    drop_article,
    fold,
    key,
    numeric_key,
    restore_article,
    split_aka,
    split_subtitle,
)

KINDS = (
    "typo",
    "article_dropped",
    "small_word_dropped",
    "subtitle_dropped",
    "subtitle_alone",
    "respaced",
    "renumbered",
)

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SMALL = LEADING_ARTICLES | {"of", "and", "in", "on", "to", "for", "de", "du", "et", "von", "&"}
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_LONG = 16
_WITH_YEAR = 0.4


def perturb(title: str, year: int | None, kind: str, chance: random.Random) -> str | None:
    """A title got wrong in one way of KINDS, with its year in two of five cases.

    Returns:
        The title, or None where it cannot be got wrong in this way (there is no article to drop, ...).
    """
    main = restore_article(split_aka(title)[0])
    edits = {
        "typo": lambda: _misspelt(main, chance),
        "article_dropped": lambda: drop_article(main),
        "small_word_dropped": lambda: _without_small_word(main, chance),
        "subtitle_dropped": lambda: split_subtitle(main)[0],
        "subtitle_alone": lambda: split_subtitle(main)[1] or main,
        "respaced": lambda: _respaced(main, chance),
        "renumbered": lambda: _renumbered(main),
    }
    changed = edits[kind]()
    if changed == main or len(changed) < 2:
        return None
    return f"{changed} ({year})" if year is not None and chance.random() < _WITH_YEAR else changed


def _misspelt(title: str, chance: random.Random) -> str:
    for _ in range(2 if len(title) >= _LONG and chance.random() < 0.5 else 1):
        places = [n for n, c in enumerate(title) if c.isalpha()]
        if len(places) < 4:
            return title
        title = _edited(title, chance.choice(places[1:]), chance)
    return title


def _edited(title: str, place: int, chance: random.Random) -> str:
    letter = title[place]
    edit = chance.choice(("swap", "drop", "double", "neighbour"))
    if edit == "swap":
        return title[: place - 1] + letter + title[place - 1] + title[place + 1 :]
    if edit == "drop":
        return title[:place] + title[place + 1 :]
    if edit == "double":
        return title[:place] + letter + title[place:]
    row = next((r for r in _ROWS if letter.lower() in r), _ROWS[1])
    at = max(row.find(letter.lower()), 0)
    return title[:place] + row[at - 1 if at else 1] + title[place + 1 :]


def _without_small_word(title: str, chance: random.Random) -> str:
    words = title.split()
    places = [n for n, w in enumerate(words) if n and fold(w) in _SMALL]
    if places:
        del words[chance.choice(places)]
    return " ".join(words)


def _respaced(title: str, chance: random.Random) -> str:
    """A space or hyphen lost."""
    places = [n for n, c in enumerate(title) if c in " -" and 0 < n < len(title) - 1]
    if not places:
        return title
    place = chance.choice(places)
    return title[:place] + title[place + 1 :]


def _renumbered(title: str) -> str:
    """Roman numerals and number words as digits and the digits of a sequel as a Roman numeral."""
    last = title.rsplit(" ", 1)[-1]
    if last.isdecimal() and 1 < int(last) <= len(_ROMAN):
        return title[: -len(last)] + _ROMAN[int(last) - 1]
    changed = numeric_key(key(title))
    return changed if changed != key(title) else title
