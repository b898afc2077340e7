"""One entry of a list: where its title ends, which year it states, and what is a note about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

YEAR = r"(?:1[89]|20|21)\d\d"


@dataclass(frozen=True, slots=True)
class ParsedTitle:
    """A title as generated.

    Args:
        title: The title without markup, year and note.
        year: The year stated with it.
        note: What else was said of it ("because ..."), without the separator.
        start: Offset of the title's first character in the text.
        end: Offset after its last character.
    """

    title: str
    year: int | None
    note: str
    start: int
    end: int


_LABEL = re.compile(
    r"(?:\*\*|__)?(?:movie title|title|movie|film|name|book|paper|片名|电影|影片|标题)(?:\*\*|__)?"
    r"\s*[:：]\s*(?:\*\*|__)?\s*",
    re.I,
)
_NUMBER = re.compile(r"[(#]?\d{1,3}[.)]\s+")
_WRAPPERS = tuple(
    re.compile(pattern, re.S)
    for pattern in (
        r"\*\*\*(?P<inside>[^*]+)\*\*\*",
        r"\*\*(?P<inside>(?:[^*]|\*(?!\*))+)\*\*",
        r"__(?P<inside>[^_]+)__",
        r"\*(?P<inside>[^*\s][^*]*)\*(?!\w)",
        r"_(?P<inside>[^_\s][^_]*)_(?!\w)",
        r"`(?P<inside>[^`]+)`",
        r"\[(?P<inside>(?:[^\[\]]|\[[^\]]*\])+)\]\([^)]*\)",
        r"《(?P<inside>[^《》]+)》",
        r"[「『](?P<inside>[^」』]+)[」』]",
        r"[“„](?P<inside>[^“”„]+)[”“]",
        r"«\s*(?P<inside>[^«»]+?)\s*»",
        r'"(?P<inside>[^"]+)"',
        r"[‘'](?P<inside>(?:[^'‘’]|['’](?=\w))+)['’](?!\w)",
    )
)
# After a closing quotation mark a capitalised word goes on with the title: "Crocodile" Dundee.
_GOES_ON = re.compile(r"\s+(?=[A-Z0-9])")
_QUOTES = frozenset("\"'“‘„«")
_YEAR_GROUP = re.compile(
    rf"\s*[(（\[【]\s*(?:(?P<first>{YEAR})(?!\d)[^()（）\[\]]*|[^()（）\[\]]*?\b(?P<last>{YEAR}))\s*[)）\]】]"
)
_YEAR_AFTER_MARK = re.compile(rf"\s*(?:,|[-–—|]|\s)\s*(?P<year>{YEAR})\s*(?=$|[-–—:：,;.|(])")
_YEAR_BETWEEN = re.compile(rf"\s*(?:,|\s[-–—|])\s*(?P<year>{YEAR})\s*(?=$|[-–—:：,;.|(])")
_CREDIT = re.compile(
    r"\s*[(（]\s*(?:dir(?:ected|\.)?|starring|by|with|featuring|genre|imdb|rated|rating|\d+(?:\.\d+)?/\d+|"
    r"导演|主演)[^()（）]*[)）].*",
    re.I | re.S,
)
_BECAUSE = re.compile(
    r",?\s+(?:because|since it|starring|directed by|featuring|if you)\s|\s+\|\s+|\t+|,?\s*因为", re.I
)
_DASH = re.compile(r"\s+[-–—~]+\s+|(?<=\w)—+(?=\w)|(?<=[)\]*\"”’])\s*[-–—]+\s+|\s*——\s*")
_COLON = re.compile(r"(?<=\S)\s*[:：]\s*(?=\S)")
_STOP = re.compile(r"(?<=[^\W\d]{4})[.。]\s+(?=[A-Z])|(?<=\w)。")
_LEADING = re.compile(r"[\s,;:：.、，。|\-–—~*_]+")
_STARTERS = frozenset(
    (
        "a",
        "an",
        "this",
        "it",
        "its",
        "it's",
        "if",
        "because",
        "for",
        "one",
        "you",
        "your",
        "another",
        "perfect",
        "great",
    )
)
_FUNCTION = frozenset(
    (
        *(
            "with",
            "from",
            "into",
            "over",
            "under",
            "upon",
            "this",
            "that",
            "than",
            "then",
            "when",
            "what",
            "your",
        ),
        *("their", "there", "para", "avec", "dans", "sans", "sous", "chez"),
    )
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_SENTENCE = re.compile("[，。！的是]")
_EDGES = " \t\r\n,;:：，、|*_`~"
_WORDS_LIMIT = 30


def lowercase_words(text: str) -> int:
    """How many words of more than three letters are not capitalised: few in a title, many in a note."""
    words = (w.strip("\"'“”‘’.,;:!?()*_") for w in text.split())
    return sum(1 for w in words if len(w) > 3 and w[0].islower() and w.casefold() not in _FUNCTION)


def is_sentence(text: str) -> bool:
    """Whether text reads as prose and not as a title; only true when there is little doubt."""
    text = text.strip()
    if _CJK.search(text):
        return len(text) >= 8 and bool(_CJK_SENTENCE.search(text))
    words = text.split()
    if not words or lowercase_words(text) < 2:
        return False
    return text[-1] in ".!…" or len(words) >= 6 or words[0].casefold() in _STARTERS


def is_note(text: str) -> bool:
    """Whether what stands after a spaced dash is a note; a short capitalised phrase is a subtitle."""
    text = text.strip()
    if not text or _CJK.search(text):
        return bool(text) and len(text) >= 8
    return text[0].islower() or lowercase_words(text) >= 2 or (text[-1] in ".!" and len(text.split()) > 2)


def dash(text: str, start: int, end: int) -> int | None:
    """Where the first separating dash of an entry begins, or None."""
    found = _DASH.search(text, start, end)
    return found.start() if found and found.start() > start else None


def read_item(text: str, start: int, end: int, *, dash_ends: bool = False) -> ParsedTitle | None:
    """Read one list entry between two offsets.

    Args:
        text: The whole text.
        start: Where the entry begins, after its bullet or number.
        end: Where it ends.
        dash_ends: A spaced dash ends the title, whatever follows (the list is written that way).

    Returns:
        The title, or None where nothing in the entry can be one.
    """
    start, end = _trim(text, start, end)
    if label := _LABEL.match(text, start, end):
        start = label.end()
    wrapped = _wrapped(text, start, end)
    if wrapped is not None:
        (inner_start, inner_end), tail = wrapped
        if number := _NUMBER.match(text, inner_start, inner_end):
            inner_start = number.end()
        inner = read_item(text, inner_start, inner_end)
        if inner is None:
            return None
        year, note = _tail(text, tail, end)
        return replace(inner, year=inner.year or year, note=inner.note or note)
    return _plain(text, start, end, dash_ends)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGES and not text.startswith(("**", "__", "*", "_", "`"), start):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _wrapped(text: str, start: int, end: int) -> tuple[tuple[int, int], int] | None:
    """The inside of the markup or quotation marks around the title and where they close."""
    for pattern in _WRAPPERS:
        found = pattern.match(text, start, end)
        if found and not (text[start] in _QUOTES and _GOES_ON.match(text, found.end(), end)):
            return found.span("inside"), found.end()
    return None


def _tail(text: str, start: int, end: int) -> tuple[int | None, str]:
    """The year and the note after a title."""
    year = None
    found = _YEAR_GROUP.match(text, start, end) or _YEAR_AFTER_MARK.match(text, start, end)
    if found:
        year = int(next(y for y in found.groups() if y))
        start = found.end()
    return year, _note(text, start, end)


def _note(text: str, start: int, end: int) -> str:
    leading = _LEADING.match(text, start, end)
    return text[leading.end() if leading else start : end].strip()


def _plain(text: str, start: int, end: int, dash_ends: bool) -> ParsedTitle | None:
    title_end, year, rest = end, None, end
    group = _YEAR_GROUP.search(text, start, end)
    if group and group.start() > start:
        year = int(group["first"] or group["last"])
        title_end, rest = group.start(), group.end()
    else:
        stated = _YEAR_BETWEEN.search(text, start, end)
        if stated and stated.start() > start:
            year = int(stated["year"])
            title_end, rest = stated.start(), stated.end()
    cut = _note_start(text, start, title_end, dash_ends, dated=year is not None)
    if cut is not None:
        title_end = rest = cut
    return _entry(text, start, title_end, year, _note(text, rest, end))


def _note_start(text: str, start: int, end: int, dash_ends: bool, dated: bool) -> int | None:
    """Where a note begins in an entry without markup; the earliest place that is sure.

    What stands between a dash and the year is rarely a note, so there it must begin in lower case.
    """
    places = [m.start() for pattern in (_BECAUSE, _CREDIT) if (m := pattern.search(text, start + 1, end))]
    for found in _DASH.finditer(text, start + 1, end):
        after = text[found.end() : end]
        if after[:1].islower() if dated else dash_ends or is_note(after):
            places.append(found.start())
    ends = [m for pattern in (_COLON, _STOP) for m in pattern.finditer(text, start + 1, end)]
    places += [m.start() for m in ends if is_sentence(text[m.end() : end])]
    return min(places, default=None)


def _entry(text: str, start: int, end: int, year: int | None, note: str) -> ParsedTitle | None:
    while end > start and (text[end - 1] in _EDGES or text[end - 1] in '-–—"”'):
        if text[end - 1] in '"”' and text[start:end].count(text[end - 1]) + text[start:end].count("“") > 1:
            break
        end -= 1
    if end > start and text[end - 1] in ".。" and _ends_sentence(text, start, end):
        end -= 1
    while start < end and text[start] in _EDGES:
        start += 1
    title = text[start:end]
    if not any(not c.isspace() for c in title) or len(title.split()) > _WORDS_LIMIT:
        return None
    if year is None and is_sentence(title) and (title[-1] in ".!…" or lowercase_words(title) >= 5):
        return None
    return ParsedTitle(title, year, note, start, end)


def _ends_sentence(text: str, start: int, end: int) -> bool:
    """Whether a final full stop is not part of an ellipsis or abbreviation ("E.T.", "Kill Bill: Vol.")."""
    words = text[start : end - 1].split()
    last = words[-1] if words else ""
    return "." not in last and len(last) > 3
