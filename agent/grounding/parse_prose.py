"""Titles inside sentences: marked, followed by a year, or listed after "I recommend"."""

from __future__ import annotations

import re

from agent.grounding.parse_item import YEAR, ParsedTitle, is_sentence, lowercase_words, read_item
from agent.grounding.parse_lines import Line, is_detail

_MARKED = re.compile(
    r"《(?P<a>[^《》\n]+)》|\*\*(?P<b>[^*\n]+)\*\*|\[(?P<c>[^\]\n]+)\]\([^)\n]*\)"
    r'|"(?P<d>[^"\n]+)"|“(?P<e>[^“”\n]+)”|«\s*(?P<f>[^«»\n]+?)\s*»|„(?P<g>[^“”„\n]+)[“”]|[「『](?P<h>[^」』\n]+)[」』]'
    r"|(?<![*\w])\*(?P<i>[^*\s][^*\n]*)\*(?!\w)|(?<![_\w])_(?P<j>[^_\s][^_\n]*)_(?!\w)"
)
_YEAR_GROUP = re.compile(rf"\s*[(（\[](?P<year>{YEAR})(?:[,\s][^()]*)?[)）\]]")
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{3})[.!?]+[\"”*]*(?:\s+|$)|[。！？]|\n|(?<=\d)[.!?]+(?:\s+|$)|:\s+$")
_LEAD = re.compile(
    r"\b(?:recommend(?:ations?|ed|ing)?|suggest(?:ions?|ed|ing)?|try|watch(?:ing)?|check out|checking out|"
    r"consider|such as|including|enjoy|see|like)\b"
    r"(?:\s+(?:are|is|would be|include|watching|reading|seeing|checking out))?:?\s+|"
    r"\b(?:movies|films|titles|books|articles|papers|items|picks|options)\b[^:\n]{0,40}:\s+|"
    r"(?:推荐|例如|比如|包括|试试)[:：]?\s*",
    re.I,
)
_FIRST_WORDS = re.compile(
    r"(?:(?:try|watch|see|consider|also|and|or|then|like|maybe|perhaps|definitely|finally|next|recommended|"
    r"i|i'd|you|should|might|would|recommend|suggest|check|out|as|well|with|for|if|but|both|either|first|second|"
    r"third)\b[,:]?\s+)+",
    re.I,
)
_CONNECTOR = re.compile(r"(?:\s*(?:[,;、，&]|\b(?:and|or|as well as|plus)\b|和|以及)\s*)+", re.I)
_SPLIT = re.compile(r"\s*[,，]\s*(?:and|or)\s+|\s*[,;、，；]\s*|\s+and\s+|\s+or\s+|\s+&\s+")
_SURE_SPLIT = re.compile(r"\s*[;；|、]\s*")
_SMALL = frozenset(
    (
        *(
            "of",
            "the",
            "a",
            "an",
            "and",
            "in",
            "to",
            "for",
            "on",
            "at",
            "with",
            "from",
            "by",
            "or",
            "vs",
            "vs.",
            "as",
            "is",
        ),
        *(
            "de",
            "la",
            "le",
            "les",
            "du",
            "des",
            "et",
            "el",
            "y",
            "los",
            "di",
            "il",
            "der",
            "die",
            "das",
            "und",
            "no",
            "wa",
        ),
    )
)
_CHATTER = re.compile(
    r"(?:sure|here|i|i'm|i'd|i'll|certainly|of course|okay|ok|sorry|let me|hope|enjoy|these|you|based on|if|"
    r"unfortunately|hello|hi|thanks|thank you|yes|no problem|great|absolutely|as an ai|what|which|do|would|"
    r"could|can)\b(?![:.])",
    re.I,
)
_WORD = re.compile(r"\S+")
_LINE_WORDS = 12


def prose_titles(text: str) -> list[ParsedTitle]:
    """Titles of a text that is no list: quoted, emphasised or dated ones, else those after a lead phrase."""
    marked = _marked(text)
    return sorted(marked + _dated(text, marked), key=lambda t: t.start)


def listed_titles(text: str) -> list[ParsedTitle]:
    """Find the unmarked titles of a sentence, such as ``I recommend Alien, Heat, and The Matrix``."""
    found: list[ParsedTitle] = []
    start = 0
    while start < len(text):
        stop = _SENTENCE_END.search(text, start)
        end = stop.start() if stop else len(text)
        if lead := _LEAD.search(text, start, end):
            found += _series(text, lead.end(), end)
        start = stop.end() if stop else len(text)
    return found


def bare_titles(text: str, rows: list[Line]) -> list[ParsedTitle]:
    """Titles that stand alone, one a line or all on one line; lines of chatter are passed over."""
    spans = [(r.start, r.end) for r in rows if _is_bare(text[r.start : r.end]) and not is_detail(text, r)]
    if len(spans) == 1:
        spans = _bare_series(text, *spans[0])
    return [title for a, b in spans if (title := read_item(text, a, b))]


def _is_bare(line: str) -> bool:
    line = line.strip()
    if line.endswith((":", "：")) or is_sentence(line) or len(line.split()) > _LINE_WORDS:
        return _bare_dated(line)
    return not (_CHATTER.match(line) and (lowercase_words(line) or line[-1] in ".!?"))


def _bare_dated(line: str) -> bool:
    return bool(_YEAR_GROUP.search(line)) and not line.endswith((":", "："))


def _bare_series(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Split one line at marks that are in no title, or at commas where there are at least three."""
    for pattern, least in ((_SURE_SPLIT, 2), (re.compile(r"\s*,\s*(?:and\s+)?"), 4)):
        spans = _pieces(text, start, end, pattern)
        if len(spans) >= least and all(_is_capital(text[a:b]) for a, b in spans):
            return spans
    return [(start, end)]


def _pieces(text: str, start: int, end: int, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    spans = []
    for found in pattern.finditer(text, start, end):
        spans.append((start, found.start()))
        start = found.end()
    return [(a, b) for a, b in (*spans, (start, end)) if text[a:b].strip()]


def _is_capital(text: str) -> bool:
    """Whether a title may begin like this."""
    first = next((c for c in text if c.isalnum()), "")
    return bool(first) and not first.islower()


def _marked(text: str) -> list[ParsedTitle]:
    found = []
    for match in _MARKED.finditer(text):
        group = next(name for name, value in match.groupdict().items() if value is not None)
        title = read_item(text, *match.span(group)) if _is_capital(match[group]) else None
        if title is None or match[group].rstrip().endswith((":", "：")):
            continue
        year = _YEAR_GROUP.match(text, match.end())
        stated = title.year or (int(year["year"]) if year else None)
        found.append(ParsedTitle(title.title, stated, title.note, title.start, title.end))
    return found


def _dated(text: str, taken: list[ParsedTitle]) -> list[ParsedTitle]:
    """Titles in front of a year in parentheses."""
    found = []
    previous = 0
    for group in _YEAR_GROUP.finditer(text):
        begin = previous
        previous = group.end()
        if any(t.start < group.end() and t.end >= group.start() - 4 for t in taken):
            continue
        for stop in _SENTENCE_END.finditer(text, begin, group.start()):
            begin = stop.end()
        begin = max([begin, *(t.end for t in taken if t.end <= group.start())])
        start = _title_start(text, begin, group.start())
        if start is not None:
            title = text[start : group.start()].strip()
            found.append(ParsedTitle(title, int(group["year"]), "", start, start + len(title)))
    return found


def _title_start(text: str, start: int, end: int) -> int | None:
    """Where the run of capitalised and small words that ends at ``end`` begins."""
    for pattern in (_CONNECTOR, _FIRST_WORDS, _CONNECTOR):
        if found := pattern.match(text, start, end):
            start = found.end()
    words = [m.span() for m in _WORD.finditer(text, start, end)]
    begin = len(words)
    while begin and _fits(text[slice(*words[begin - 1])]):
        begin -= 1
    while begin < len(words) and not _is_capital(text[slice(*words[begin])]) and begin:
        begin += 1
    return words[begin][0] if begin < len(words) else None


def _fits(word: str) -> bool:
    return word.casefold().strip(",:;") in _SMALL or not word.strip("\"'“‘(*_")[:1].islower()


def _series(text: str, start: int, end: int) -> list[ParsedTitle]:
    found = []
    for begin, stop in _pieces(text, start, end, _SPLIT):
        words = [m.span() for m in _WORD.finditer(text, begin, stop)]
        kept = []
        for a, b in words:
            if not _fits(text[a:b]):
                break
            kept.append((a, b))
        while kept and text[slice(*kept[-1])].casefold() in _SMALL and len(kept) < len(words):
            kept.pop()
        article = kept and text[slice(*kept[0])] in ("the", "a", "an") and len(kept) > 1
        first = kept[1] if article else kept[0] if kept else None
        if (
            first
            and _is_capital(text[slice(*first)])
            and not _FIRST_WORDS.fullmatch(text[slice(*first)] + " ")
        ):
            title = read_item(text, kept[0][0], kept[-1][1])
            found += [title] if title else []
        elif found:
            break  # the sentence goes on with something else
    return found
