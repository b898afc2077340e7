"""The lines of a text that are list entries or rows of a table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from agent.grounding.parse_item import YEAR, is_sentence

_LINE = re.compile(r"[^\n\r]+")
_EMOJI = "[\U0001f300-\U0001faff\u2600-\u27bf\u2b50]\ufe0f?"
_MARK = re.compile(
    r"(?P<indent>[ \t>]*)(?P<heading>#{1,6}\s+)?"
    r"(?:(?P<number>\(\d{1,2}\)\s+|#?\d{1,3}(?:\.\s+|\.(?=[^\d\s])|\)\s*|、\s*|．\s*|\ufe0f?\u20e3\s*))"
    rf"|(?P<letter>[a-z]\)\s+)|(?P<bullet>(?:[-*+•‣◦▪●○·–—]|{_EMOJI})\s+)"
    r"|(?P<bold>(?:\*\*|__)(?=#?\d{1,3}[.)]\s))"
    r"|(?P<weak>(?P<count>\d{1,2})\s*(?::|[-–—]|\s)\s+))?(?:\[[ xX]\]\s+)?"
)
_DETAIL = re.compile(
    r"[\s*_]*(?:director|directed by|genres?|starring|stars?|cast|plot|why[^:：\n]{0,30}|year|reason|"
    r"synopsis|summary|ratings?|runtime|length|released?|release date|description|note|language|country|"
    r"themes?|where to watch|"
    r"导演|主演|类型|理由|推荐理由|简介|年份|评分)[\s*_]*[:：]",
    re.I,
)
_YEAR = re.compile(rf"[(（\[]{YEAR}")
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_CELL = re.compile(r"(?:[^|\\]|\\.)+")
_TITLE_HEADER = re.compile(r"\b(?:title|movie|film|name|book|paper|item)s?\b|片名|电影|标题|名称", re.I)
_YEAR_HEADER = re.compile(r"\byear\b|\breleased?\b|年", re.I)

Kind = Literal["number", "bullet", "heading", "weak", "plain"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty; ``start`` is where its body begins, after marks and numbers."""

    kind: Kind
    indent: int
    start: int
    end: int
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The title cell of a table row, and the text of its year cell."""

    start: int
    end: int
    year: str


def lines(text: str) -> list[Line]:
    """All lines with something on them."""
    found = []
    for line in _LINE.finditer(text):
        if not line[0].strip() or line[0].strip().startswith("```"):
            continue
        mark = _MARK.match(text, line.start(), line.end())
        assert mark is not None  # every part is optional
        kind: Kind = "plain"
        if mark["number"] or mark["letter"] or mark["bold"]:
            kind = "number"
        elif mark["bullet"]:
            kind = "bullet"
        elif mark["heading"]:
            kind = "heading"
        elif mark["weak"]:
            kind = "weak"
        start = mark.start("bold") if mark["bold"] else mark.end()
        indent = len(mark["indent"].expandtabs(4))
        count = int(mark["count"]) if mark["weak"] else None
        if text[start : line.end()].strip():
            found.append(Line(kind, indent, start, line.end(), count))
    return found


def item_lines(text: str, rows: list[Line]) -> list[Line]:
    """The lines that are the entries of the outermost list; their sub-points and all chatter are left out."""
    entries = [r for r in rows if not is_detail(text, r)]
    headings = [r for r in entries if r.kind == "heading" and _YEAR.search(text, r.start, r.end)]
    numbered = [r for r in entries if r.kind == "number"] or _counted(entries)
    marked = numbered or headings or [r for r in entries if r.kind == "bullet"]
    if not marked:
        return []
    outer = min(r.indent for r in marked)
    top = [r for r in marked if r.indent <= outer + 1]
    inner = [r for r in entries if r.kind in ("bullet", "number") and r not in top]
    if inner and all(_is_group(text, r) for r in top):
        titles = [r for r in inner if not is_sentence(text[r.start : r.end])]
        if len(titles) * 2 > len(inner):
            return titles
    return top


def is_detail(text: str, row: Line) -> bool:
    """Whether a line says something of an item and does not name one (``Director: ...``)."""
    return bool(_DETAIL.match(text, row.start, row.end))


def _counted(rows: list[Line]) -> list[Line]:
    """Lines such as ``1: Alien``, which are list entries only where they count up."""
    weak = [r for r in rows if r.kind == "weak"]
    counts = [r.count or 0 for r in weak]
    rising = len(weak) > 1 and counts[0] == 1 and all(b == a + 1 for a, b in pairwise(counts))
    return weak if rising else []


def _is_group(text: str, row: Line) -> bool:
    body = text[row.start : row.end].rstrip(" *_")
    return body.endswith((":", "：")) and not _YEAR.search(body)


def table_rows(text: str) -> list[Row]:
    """The rows of every Markdown table; a table without a rule below its header is none."""
    rows: list[Row] = []
    every = list(_LINE.finditer(text))
    place = 0
    while place + 1 < len(every):
        if "|" in every[place][0] and "|" in every[place + 1][0] and _RULE.match(every[place + 1][0]):
            header = [text[a:b].strip() for a, b in _cells(text, *every[place].span())]
            place += 2
            while place < len(every) and "|" in every[place][0]:
                rows += _row(text, header, _cells(text, *every[place].span()))
                place += 1
        else:
            place += 1
    return rows


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = [m.span() for m in _CELL.finditer(text, start, end)]
    if spans and not text[slice(*spans[0])].strip():
        spans = spans[1:]
    return spans


def _row(text: str, header: list[str], cells: list[tuple[int, int]]) -> list[Row]:
    named = [n for n, name in enumerate(header) if _TITLE_HEADER.search(name)]
    words = [n for n, (a, b) in enumerate(cells) if not re.fullmatch(r"[\s\d.#]*", text[a:b])]
    column = next((n for n in (*named, *words) if n < len(cells)), None)
    if column is None:
        return []
    year = next((n for n, name in enumerate(header) if _YEAR_HEADER.search(name) and n < len(cells)), None)
    return [Row(*cells[column], text[slice(*cells[year])] if year is not None else "")]
