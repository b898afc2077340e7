"""Whether an utterance asks for something that no list of the catalog can answer.

Only positive evidence counts: a speech act that is none of a recommender's ("what's the weather like",
"tell me a joke"), or a request for a kind of thing that this catalog does not hold ("a pasta recipe" of a
catalog of films). What merely mentions an everyday subject is a wish like any other.
"""

from __future__ import annotations

import re

from agent.catalog import Catalog
from agent.understanding.lexicon import NOTHING, phrases, words

_SHOWN = re.compile(
    r"\b(?:recommend|suggest|movies?|films?|flicks?|papers?|articles?|games?|books?|watch|read|play"
    r"|shows?)\b|推荐|电影|看"
)
"""What makes an everyday subject a wish for something on it ("a film about the weather")."""
_THING = r"(?!\s+(?:movie|film|flick|paper|article|game|book|show))"
_INSIDE = r"(?!(?:that|which|who|at|in|for|with|from|to|like|than|about|and|or|but)\b)[\w'-]+"
"""A word between a request and what it asks for."""
_SAMPLE, _START = 2000, 200
"""How many items, and characters of their descriptions, are searched for it."""
_SHARE = 0.001
"""Share of the items that must speak of a kind of thing for the catalog to be about it."""


class OffTopic:
    """Recognises what a catalog has nothing to do with.

    Args:
        catalog: Its kind, titles and descriptions tell which things it is about.
    """

    def __init__(self, catalog: Catalog) -> None:
        elsewhere = [noun for noun in phrases("intents", "elsewhere") if not _about(catalog, noun)]
        asked = "|".join(phrases("intents", "ask_for"))
        nouns = "|".join(elsewhere)
        request = rf"\b(?:{asked})\s+(?:{_INSIDE}\s+){{0,4}}?(?:{nouns})\b{_THING}"
        self._elsewhere = re.compile(request) if elsewhere else NOTHING

    def holds(self, text: str) -> bool:
        """Whether lower-case text, in which items are masked, is about something else."""
        talk = words("intents", "off_topic").search(text) and not _SHOWN.search(text)
        return bool(talk or self._elsewhere.search(text))


def _about(catalog: Catalog, noun: str) -> bool:
    named = re.compile(rf"\b(?:{noun})\b", re.I)
    if catalog.kind == "item" or named.search(catalog.kind):
        return True
    sample = catalog[:_SAMPLE]
    speaking = sum(bool(named.search(f"{item.title} {(item.description or '')[:_START]}")) for item in sample)
    return speaking >= _SHARE * len(sample)
