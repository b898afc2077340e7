"""From the options of a command to settings, strategies, catalogs, recommenders and contexts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from agent.cli.files import open_triples
from agent.cli.terminal import clean, notice
from agent.cli.working import Working

if TYPE_CHECKING:
    from pathlib import Path

    from agent.catalog import Catalog
    from agent.lm import LanguageModel
    from agent.recommender import Recommender
    from agent.settings import Settings, Strategy

NO_MODEL = "none"
AUTO = "auto"
_NEAREST = 3


def make_settings(**options: Any) -> Settings:
    """The settings of the environment, with those options that were given (not None)."""
    from agent.settings import Settings, settings

    given = {name: value for name, value in options.items() if value is not None}
    return Settings(**{**settings().model_dump(), **given})


def make_strategy(text: str, settings: Settings, prompt: str | None = None) -> Strategy:
    """The strategy that the text describes, with another prompt where one is given.

    Raises:
        SettingsError: the text names no strategy.
        UnknownPromptError: its prompt is not there.
    """
    from agent.settings import Strategy
    from prompts import PromptLibrary

    strategy = Strategy.parse(text)
    if prompt is not None:
        strategy = strategy.model_copy(update={"prompt": prompt})
    if strategy.prompt != AUTO:
        PromptLibrary(settings.prompts_dir).get(strategy.prompt, settings.locale)
    return strategy


def parse_columns(text: str) -> dict[str, str]:
    """``id=movie_id,title=name`` as a mapping from our column names to the file's."""
    columns = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise typer.BadParameter(
                f"{pair!r} is not OURS=YOURS, such as title=name", param_hint="--columns"
            )
        columns[ours.strip()] = theirs.strip()
    return columns


def catalog_options(
    columns: str = "", split: str | None = None, interactions: Path | None = None, skip_bad_rows: bool = False
) -> dict[str, Any]:
    """The options of a command, as those of :meth:`Catalog.load`."""
    return {
        "columns": parse_columns(columns),
        "split": split,
        "interactions": interactions,
        "skip_bad_rows": skip_bad_rows,
    }


def open_catalog(source: str, **options: Any) -> Catalog:
    """Load a catalog and say on stderr how many rows were left out."""
    from agent.catalog import Catalog

    catalog = Catalog.load(source, **options)
    if catalog.skipped:
        notice(f"{len(catalog.skipped):,} bad rows left out; `groundrec catalog check` lists them")
    return catalog


def make_recommender(
    catalog: Catalog,
    working: Working,
    *,
    settings: Settings,
    engine: LanguageModel | None = None,
    strategy: Strategy | None = None,
    profile: Path | None = None,
    memory: Path | None = None,
    triples: Path | None = None,
) -> Recommender:
    """A recommender that reports its progress.

    The model is the ``engine`` that is loaded already, else the one of the settings; ``none`` stands
    for retrieval alone.
    """
    from agent.dialogues import dialogues_of, load_dialogues
    from agent.profile import Profile
    from agent.recommender import Recommender

    if settings.adapter is not None and settings.model != NO_MODEL:
        _warn_of_changes(settings.adapter, catalog)
    learned = None if profile is None else Profile.load(profile, catalog)
    own = () if memory is None else load_dialogues(memory, catalog)
    given = () if learned and learned.dialogues else dialogues_of(catalog)
    name = None if settings.model == NO_MODEL else settings.model
    return Recommender(
        catalog,
        engine or name,
        strategy=strategy,
        dialogues=(*given, *own),
        profile=learned,
        settings=settings,
        progress=working,
        triples=() if triples is None else open_triples(triples, catalog),
    )


def _warn_of_changes(adapter: Path, catalog: Catalog) -> None:
    """Say on stderr how a catalog differs from the one that an adapter knows."""
    from agent.lm.adapters import Adapter

    if changes := Adapter.open(adapter).changes(catalog):
        notice(
            f"warning: {catalog.name} has changed since {adapter.name} was tuned: {clean(changes)}; "
            "`groundrec tune --continue` learns it"
        )


def warm_up(recommender: Recommender) -> LanguageModel | None:
    """Load what the first turn would wait for; returns the language model, which catalogs can share."""
    parts = recommender.parts
    _ = parts.model, parts.sources, parts.rules
    return parts.model


def embed(recommender: Recommender, working: Working) -> tuple[int, int]:
    """Embed the texts and titles of a catalog, or find them in the cache; returns rows and dimensions."""
    from agent.grounding import embed_catalog

    parts = recommender.parts
    embed_catalog(
        recommender.catalog, parts.embedder, recommender.settings.cache_dir, what="title", progress=working
    )
    rows, dimensions = parts.vectors.shape
    return rows, dimensions


def find_items(names: Sequence[str], recommender: Recommender) -> list[str]:
    """Item ids of ids and titles; says on stderr where a title is taken as another name.

    Raises:
        UnknownItemError: a title is not in the catalog; names the nearest that are.
    """
    return [_find_item(clean(name), recommender) for name in names]


def _find_item(name: str, recommender: Recommender) -> str:
    from agent.errors import UnknownItemError

    catalog = recommender.catalog
    if name in catalog:
        return name
    (grounding,) = recommender.parts.grounder.ground([name])
    if grounding.item_id is None:
        near = "; ".join(catalog.label(catalog.item(i)) for i, _ in grounding.nearest[:_NEAREST])
        raise UnknownItemError(
            f"{name!r} is neither an id nor a title",
            where=catalog.name,
            hint=f"nearest: {near}" if near else None,
        )
    label = catalog.label(catalog.item(grounding.item_id))
    if label.casefold() != name.casefold():
        notice(f"{name!r} is taken as {label}")
    return grounding.item_id
