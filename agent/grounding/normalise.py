"""Titles as keys: spelling differences that never tell two items apart are removed.

Every function is pure and takes text of any script. Marks are only stripped from alphabets where
they are accents (Latin, Greek, Cyrillic); kana, hangul, hanzi and Indic scripts keep theirs.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ARTICLES = frozenset(
    (
        *_words("the a an"),
        *_words("le la les un une des"),
        *_words("el los las una unos unas lo"),
        *_words("il gli i uno"),
        *_words("der die das den dem ein eine einen"),
        *_words("o os as um uma"),
        *_words("de het een"),
        *_words("en ett det et"),
    )
)
# Of those, the ones that are hardly ever a first word of another kind ("Die Hard", "As You Like It").
LEADING_ARTICLES = frozenset(_words("the a an le la les une el il gli der das ein eine"))
ELIDED_ARTICLES = ("l'", "un'")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACES = re.compile(r"\s+")
_APOSTROPHES = re.compile("[\u2018\u2019\u201b\u02bc\u00b4`\uff07]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_FRACTION = re.compile(r"(\d)?([\u00bc-\u00be\u2150-\u215e])")
_NOT_WORD = re.compile(r"[^\w]|_")
_MOVED_ARTICLE = re.compile(
    r"^(?P<rest>.+?), (?P<article>[^\s,]+?['’]?)(?P<tail>$|(?=\s*[:(\[]|\s+-\s).*)", re.S
)

_YEAR = r"(?:1[89]|20|21)\d\d"
TYPES = {
    "short": "short",
    "documentary": "documentary",
    "series": "series",
    "miniseries": "series",
    "show": "series",
    "film": "movie",
    "movie": "movie",
    "novel": "book",
    "book": "book",
    "game": "game",
    "album": "album",
    "song": "song",
}
_TYPE = r"(?:(?:tv|mini|video|short|feature|documentary)[ -])?(?:" + "|".join(TYPES) + ")"
_TAG = re.compile(
    rf"\s*[(\[（【]\s*(?:(?P<year>{_YEAR})(?:\s*[-–—/]\s*(?:{_YEAR}|\d\d)?)?)?\s*,?\s*"
    rf"(?P<type>{_TYPE})?\s*,?\s*(?P<year2>{_YEAR})?\s*[)\]）】]\s*$",
    re.I,
)
_LAST_GROUP = re.compile(
    r"^(?P<head>.*\S)\s*[(（\[](?P<inside>[^()（）\[\]]+(?:\([^()]*\)[^()]*)?)[)）\]]\s*$", re.S
)
_AKA = re.compile(r"^\s*(?:a\.?\s?k\.?\s?a\.?|also known as|original title|aka|又名|原名)\s*:?\s*", re.I)
_SUBTITLE = re.compile(r"\s*(?::|：|\s[-–—]\s|\s?[–—]\s?)\s*")
_OR = re.compile(r"(?:\s*[,:]\s+or\s*[,:]?|\s+or\s*[,:]|\s+or(?=\s+(?:How|The)\s))\s+", re.I)

_NUMBER_WORDS = {
    word: str(n)
    for n, word in enumerate(
        _words(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
            "sixteen seventeen eighteen nineteen twenty"
        )
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "hundred": "100", "thousand": "1000"}
_ORDINALS = {
    word: str(n)
    for n, word in enumerate(_words("first second third fourth fifth sixth seventh eighth ninth tenth"), 1)
}
_CHINESE_DIGITS = {c: str(n) for n, c in enumerate("二三四五六七八九", 2)}
_ROMAN = {
    numeral: str(n)
    for n, numeral in enumerate(
        _words("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"), 1
    )
}
_SERIES_WORDS = frozenset(
    _words("part parts episode chapter volume vol book season number no pt ep teil partie parte")
)


class Tagged(NamedTuple):
    """A title apart from the year and the type of work that stood behind it."""

    title: str
    year: int | None
    type: str | None


def clean(text: str) -> str:
    """Readable text: entities decoded, control characters out, NFC, single spaces, straight apostrophes."""
    text = _CONTROL.sub("", unicodedata.normalize("NFC", html.unescape(text)))
    return _SPACES.sub(" ", _APOSTROPHES.sub("'", text)).strip()


def fold(text: str) -> str:
    """Case and accents removed; other scripts keep their marks."""
    text = _FRACTION.sub(lambda m: f"{m[1] or ''} {unicodedata.normalize('NFKD', m[2])}", text)
    # Some letters have a lower case only once they are decomposed (mathematical capitals).
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    stripped = _ACCENTS.sub("", decomposed.replace("\u2044", "/"))
    return unicodedata.normalize("NFC", stripped).translate(_LETTERS)


def split_tags(text: str) -> Tagged:
    """Split ``Solaris (TV film) (1972)`` into the title, the year and the type; either may be None.

    The first year of a span (``2006–2007``) counts. A title that is nothing but a tag stays whole.
    """
    title, year, kind = clean(text), None, None
    while (found := _TAG.search(title)) and found.start() and any(found.groups()):
        stated = found["year"] or found["year2"]
        year = year if stated is None else int(stated)
        if found["type"]:
            words = re.split(r"[ -]", found["type"].lower())
            kind = next(TYPES[w] for w in TYPES if w in words)
        title = title[: found.start()].rstrip()
    return Tagged(title, year, kind)


def restore_article(title: str) -> str:
    """``Matrix, The`` -> ``The Matrix``; ``Avventura, L'`` -> ``L'Avventura``; anything else unchanged."""
    found = _MOVED_ARTICLE.match(title)
    if not found:
        return title
    article, rest, tail = found["article"], found["rest"], found["tail"]
    plain = article.casefold().replace("’", "'")
    if plain in ELIDED_ARTICLES:
        return f"{article}{rest}{tail}"
    return f"{article} {rest}{tail}" if plain in ARTICLES else title


def drop_article(title: str) -> str:
    """The title without its leading article; unchanged when it has none or nothing else would be left."""
    first, _, rest = title.partition(" ")
    if rest and fold(first) in LEADING_ARTICLES:
        return rest
    for elided in ELIDED_ARTICLES:
        if fold(title).startswith(elided) and len(title) > len(elided) + 1:
            return title[len(elided) :]
    return title


def split_aka(title: str) -> tuple[str, tuple[str, ...]]:
    """The main title and the other titles in the parentheses that end it.

    ``Seven (a.k.a. Se7en)`` -> ``("Seven", ("Se7en",))``. Groups in the middle or at the start belong to
    the title (``(500) Days of Summer``), and so does one of punctuation alone.
    """
    others: list[str] = []
    while (found := _LAST_GROUP.match(title)) and any(c.isalnum() for c in found["inside"]):
        inside = _AKA.sub("", found["inside"]).strip()
        others.insert(0, restore_article(inside))
        title = found["head"].rstrip()
    return title, tuple(o for o in others if o)


def split_subtitle(title: str) -> tuple[str, str | None]:
    """The part before the first colon or spaced dash and the part after it, or None where there is none."""
    parts = _SUBTITLE.split(title, maxsplit=1)
    if len(parts) == 2 and all(any(c.isalnum() for c in p) for p in parts):
        return parts[0], parts[1]
    return title, None


def split_alternative(title: str) -> tuple[str, ...]:
    """The two titles of ``Dr. Strangelove or: How I Learned ...``; empty for any other title."""
    parts = _OR.split(title, maxsplit=1)
    return tuple(parts) if len(parts) == 2 and all(any(c.isalnum() for c in p) for p in parts) else ()


@lru_cache(maxsize=65536)
def key(title: str) -> str:
    """What titles are compared by: folded words with single spaces.

    ``&`` and ``+`` between words read *and*, apostrophes vanish, other punctuation separates. A title of
    punctuation alone keeps it, so that ``$`` is not empty.
    """
    text = fold(clean(title))
    words = re.sub(r"(?<=\w)\s*&\s*(?=\w)|\s&\s|(?<=\w)\s+\+\s+(?=\w)", " and ", text).replace("'", "")
    words = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", words)
    joined = _SPACES.sub(" ", _NOT_WORD.sub(" ", words)).strip()
    return joined or _SPACES.sub("", text)


def compact(title_key: str) -> str:
    """A key without spaces, under which ``Spider-Man``, ``Spider Man`` and ``Spiderman`` are one."""
    return title_key.replace(" ", "")


def _numeral(words: list[str], place: int) -> str:
    """The word at a place with a number word or a Roman numeral in series position as digits."""
    word = words[place]
    after = words[place + 1] if place + 1 < len(words) else None
    before = words[place - 1] if place else None
    if word in _NUMBER_WORDS:
        return _NUMBER_WORDS[word]
    if word in _ORDINALS and (after in _SERIES_WORDS):
        return _ORDINALS[word]
    if word in _ROMAN and before is not None:
        # "I" and "X" are words as well ("Malcolm X", "The King and I"): a series word must introduce them.
        introduced = before in _SERIES_WORDS
        if introduced or (len(word) > 1 or word == "v"):
            return _ROMAN[word]
    return word


@lru_cache(maxsize=65536)
def numeric_key(title_key: str) -> str:
    """A key with numbers written one way: ``Rocky II``, ``Rocky Two`` and ``Rocky Part 2`` are one."""
    words = title_key.split(" ")
    digits = [_numeral(words, place) for place in range(len(words))]
    if len(words[-1]) > 1 and words[-1][-1] in _CHINESE_DIGITS and ord(words[-1][-2]) > 0x2E7F:
        digits[-1] = words[-1][:-1] + _CHINESE_DIGITS[words[-1][-1]]
    kept = [
        w
        for place, w in enumerate(digits)
        if not (
            w in ("part", "pt", "no", "vol", "volume")
            and place + 1 < len(digits)
            and digits[place + 1].isdigit()
        )
    ]
    return " ".join(kept) if kept else title_key


@lru_cache(maxsize=65536)
def numbers(title_key: str) -> tuple[str, ...]:
    """The numbers a title states, sorted, whichever way they are written; a bare 1 of a series is left out.

    ``Alien 3`` and ``Alien³`` state ``("3",)``, ``Se7en`` and ``Seven`` ``("7",)``, ``Aliens`` none.
    """
    words = numeric_key(title_key).split(" ")
    found = [w.lstrip("0") or "0" for w in words if w.isdecimal()]
    found += [m.lstrip("0") or "0" for w in words if not w.isdecimal() for m in re.findall(r"\d+", w)]
    return tuple(sorted(n for n in found if n != "1"))
