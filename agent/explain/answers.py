"""Longer answers: why an item is in the list, and what the catalog knows of it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog import Catalog, Item
from agent.context import UserContext
from agent.explain.evidence import collect_evidence
from agent.explain.phrasing import statements
from agent.explain.plain import joined
from agent.localisation import text
from agent.understanding import Understanding

_SENTENCES = 4
_DESCRIPTION = 300


def why(
    item: Item,
    context: UserContext,
    catalog: Catalog,
    *,
    understanding: Understanding | None = None,
    similar: Sequence[tuple[str, float]] = (),
    co_liked: Sequence[tuple[str, int]] = (),
    co_named: Sequence[tuple[str, int]] = (),
    spoken: Sequence[tuple[str, int]] = (),
) -> str:
    """All that speaks for an item, in up to four plain sentences in the context's language.

    ``understanding`` is that of the turn which made the list; ``similar``, ``co_liked``,
    ``co_named`` and ``spoken`` are as in :func:`collect_evidence`.
    """
    locale = context.locale
    evidence = collect_evidence(
        item,
        context,
        understanding or Understanding(""),
        catalog,
        similar=similar,
        co_liked=co_liked,
        co_named=co_named,
        spoken=spoken,
    )
    found = statements(evidence, locale, catalog.kind)
    sentences = [text("explain.sentence", locale, text=s.openings[0]) for s in found[:_SENTENCES]]
    if not sentences:
        sentences = [text("explain.close", locale)]
    about = text("explain.about", locale, title=catalog.label(item))
    return about + text("explain.space", locale).join(sentences)


def describe(item: Item, catalog: Catalog, locale: str = "en") -> str:
    """What the catalog says of an item, and the beginning of its description."""
    evidence = collect_evidence(item, UserContext(locale=locale), Understanding(""), catalog)
    found = [s.wordings[0] for s in statements(evidence, locale, catalog.kind)]
    facts = joined(found[:2], locale) if found else text("explain.nothing_known", locale)
    about = text("explain.about", locale, title=catalog.label(item))
    answer = about + text("explain.sentence", locale, text=facts[:1].upper() + facts[1:])
    if item.description:
        answer += text("explain.space", locale) + shortened(item.description)
    return answer


def shortened(description: str, limit: int = _DESCRIPTION) -> str:
    """A description's first ``limit`` characters, cut at a space."""
    description = " ".join(description.split())
    if len(description) <= limit:
        return description
    cut = description.rfind(" ", limit // 2, limit)
    return description[: cut if cut > 0 else limit].rstrip(" ,;:") + "…"
