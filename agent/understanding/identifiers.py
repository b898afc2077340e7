"""Items named by their id or address: ``2503.11692``, ``arXiv:2503.11692v2``, ``https://arxiv.org/pdf/2503.11692``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from agent.catalog import Catalog
from agent.understanding.mentions import Found
from agent.understanding.passage import Passage
from agent.understanding.text import Span

_CHUNK = re.compile(r"[^\s<>()\[\]{}\"“”‘’,;]+")
_EDGE = ".!?:'*_`"
_PREFIX = re.compile(r"(?:arxiv|doi|id|isbn|pmid|imdb)[:.]\s*", re.IGNORECASE)
_SCHEME = re.compile(r"(?:https?://)?(?:www\.|export\.)?", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S|[\w-]+(?:\.[\w-]+)*\.(?:org|com|net|edu|io|co)/\S", re.IGNORECASE
)
_VERSION = re.compile(r"(?<=\d)v\d{1,2}$", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:pdf|html?)$|/$", re.IGNORECASE)
_SHORTEST = 6
_SHARE = 0.5


class IdentifierFinder:
    """Finds items by id, by address, or by an address that ends in an id.

    Ids that might be words or plain numbers only count inside an address of the catalog's own site.

    Args:
        catalog: The items.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._ids = {item.id.casefold(): row for row, item in enumerate(catalog)}
        self._urls = {_address(item.url): row for row, item in enumerate(catalog) if item.url}
        shapes = Counter(_shape(id_) for id_ in self._ids if _is_telling(id_))
        self._shapes = {shape for shape, count in shapes.items() if count >= _SHARE * len(catalog)}

    def find(self, passage: Passage) -> tuple[list[Found], list[Span]]:
        """Items and their places in the text, and the places of ids and addresses of none."""
        found, unknown = list[Found](), list[Span]()
        for span, chunk in _chunks(passage.text):
            row = self._row(chunk)
            if row is not None:
                found.append(Found((row,), span))
            elif _ADDRESS.match(chunk) or _shape(_bare(chunk)) in self._shapes:
                unknown.append(span)
        return found, unknown

    def _row(self, chunk: str) -> int | None:
        if _ADDRESS.match(chunk):
            known = self._urls.get(_address(chunk))
            if known is not None:
                return known
        bare = _bare(chunk)
        return self._ids.get(bare) if _is_telling(bare) else None


def _chunks(text: str) -> Iterator[tuple[Span, str]]:
    for m in _CHUNK.finditer(text):
        chunk = m[0].strip(_EDGE)
        if chunk:
            start = m.start() + m[0].index(chunk)
            yield Span(start, start + len(chunk)), chunk


def _bare(chunk: str) -> str:
    """What may be an id: without prefix, address, version and file ending, in lower case."""
    last = _ENDING.sub("", chunk)
    if _ADDRESS.match(chunk) or _PREFIX.match(last):
        last = last.rsplit("/", 1)[-1]
    return _VERSION.sub("", _PREFIX.sub("", last)).casefold()


def _address(url: str) -> str:
    """An address without what differs between copies of it."""
    rest = _ENDING.sub("", _SCHEME.sub("", url, count=1))
    return _VERSION.sub("", rest).casefold().rstrip("/")


def _is_telling(id_: str) -> bool:
    """Whether an id can be nothing else: it has digits, and letters or marks, and is not too short."""
    digits = sum(map(str.isdigit, id_))
    return len(id_) >= _SHORTEST and digits >= _SHORTEST // 2 and digits < len(id_)


def _shape(id_: str) -> str:
    """Digits as 9, letters as a."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", id_))
