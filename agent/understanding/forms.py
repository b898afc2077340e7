"""Requests for a form of article: "surveys on X", "a systematic review of X", "no surveys"."""

from __future__ import annotations

import re

from agent.catalog import Catalog
from agent.catalog.forms import FORM, SURVEY
from agent.context import Constraint, Operator
from agent.understanding.bounds import Bound, longest
from agent.understanding.text import Span

_FEWEST = 5
_KIND = (
    r"(?:(?:literature|systematic|comprehensive|recent|new|latest|good|great|scoping"
    r"|state[- ]of[- ]the[- ]art)[ -]+)*"
)
_ABOUT = (
    r"(?= *(?:$|[,.;:!?)]"
    r"|(?:on|of|about|in|for|covering|that|which|by|from|since|published|and|or|but|please)\b))"
)
_ASKED = re.compile(
    r"(?<![\w-])(?P<not>(?:no|not|without|except|excluding|other than|besides|skip) (?:any |an? |the )?)?"
    r"(?:(?:an?|the|any|some) )?"
    rf"(?:{_KIND}(?:surveys?|overviews?)(?: (?:papers?|articles?))?{_ABOUT}"
    rf"|(?:survey|review|overview) (?:papers?|articles?)(?!\w)"
    rf"|{_KIND}(?:literature|systematic|scoping|state[- ]of[- ]the[- ]art) reviews?{_ABOUT}"
    rf"|{_KIND}reviews? (?:of|on|about)"
    r"(?= (?:the )?(?:field|area|literature|research|work|methods|approaches|state)\b))"
    r"|(?P<zh_not>不要|不是)?(?:综述|调研|评述)(?:文章|论文)?"
)
_NOT_OF_FIELDS = re.compile(
    r"\b(?:user|users|online|customer|questionnaire|population|household|customers)\s+$"
)


class FormReader:
    """Reads which form of article is asked for; nothing in a catalog with hardly any of that form.

    Args:
        catalog: Its titles and descriptions tell the forms.
    """

    def __init__(self, catalog: Catalog) -> None:
        held = 0
        for item in catalog:
            held += SURVEY in (item.get(FORM) or ())
            if held >= _FEWEST:
                break
        self._held = held >= _FEWEST

    def read(self, text: str) -> list[Bound]:
        """Conditions in lower-case text in which the names of items are masked."""
        if not self._held:
            return []
        found = []
        for m in _ASKED.finditer(text):
            if _NOT_OF_FIELDS.search(text[: m.start()]):
                continue
            op: Operator = "not in" if m["not"] or m["zh_not"] else "in"
            found.append(Bound((Constraint(FORM, op, (SURVEY,), m[0].strip()),), Span(m.start(), m.end())))
        return longest(found)
