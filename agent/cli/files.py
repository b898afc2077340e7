"""What people bring with them: facts about the items, and what they have saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.cli.terminal import clean, clipped, notice

if TYPE_CHECKING:
    from pathlib import Path

    from agent.catalog import Catalog
    from agent.context import UserContext
    from agent.recommender import Recommender
    from agent.retrieval.graph import Triple

_MISSING = 5


def open_triples(path: Path, catalog: Catalog) -> tuple[Triple, ...]:
    """Load triples and say on stderr how many have a subject that is no item."""
    from agent.retrieval.graph import load_triples, with_triples

    triples = load_triples(path)
    _, left = with_triples(catalog, triples)
    if left:
        notice(
            f"{len(left):,} of {len(triples):,} facts in {path.name} are of no item of {catalog.name!r}"
            f" (the first: {clean(left[0].subject)!r}); they only connect"
        )
    return triples


def open_library(path: Path | None, recommender: Recommender) -> UserContext:
    """The context of somebody who likes what a file lists; says on stderr what the catalog does not hold."""
    from agent.context import UserContext
    from agent.library import find_library, read_library

    locale = recommender.settings.locale
    if path is None:
        return UserContext(locale=locale)
    entries = read_library(path)
    library = find_library(entries, recommender.catalog, recommender.parts.grounder)
    held = len(entries) - len(library.missing)
    notice(f"{path.name}: {held:,} of {len(entries):,} entries are in the catalog")
    for entry in library.missing[:_MISSING]:
        notice(f"  not found: {clipped(clean(entry.label), 100)}")
    if (more := len(library.missing) - _MISSING) > 0:
        notice(f"  and {more:,} more")
    if library.missing:
        notice("  what is not found counts by its title and abstract")
    return library.context(locale=locale)
