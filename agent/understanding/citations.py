"""Requests that only citations could answer: "papers that cite X", "the most cited work on X"."""

from __future__ import annotations

import re

from agent.catalog import Catalog
from agent.understanding.text import Span

_COLUMNS = ("cit", "reference")
_ASKED = re.compile(
    r"(?<!\w)(?:(?:which|that|who|and) (?:have |has )?(?:cites?|cited|citing|references?)"
    r"(?! (?:sources|evidence|claims))"
    r"|(?:papers?|articles?|works?|surveys?|something|anything) (?:that )?"
    r"(?:citing|cited by|referenced by|references?)"
    r"|(?:most|highly|widely|often|heavily)[- ]cited|(?:citations?|references) (?:of|to)"
    r"|(?:number of|many|most) citations)(?!\w)|被引(?:用)?|引用了?"
)


class CitationFinder:
    """Finds requests for citations in a catalog that knows of none.

    Args:
        catalog: A column that begins with ``cit`` or ``reference`` tells of citations.
    """

    def __init__(self, catalog: Catalog) -> None:
        names = (name.lower() for name in catalog.attribute_names)
        self._known = any(name.startswith(_COLUMNS) for name in names)

    def find(self, text: str) -> list[Span]:
        """The words that ask, in lower-case text; none where the catalog has such a column."""
        return [] if self._known else [Span(m.start(), m.end()) for m in _ASKED.finditer(text)]
