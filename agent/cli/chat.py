"""``groundrec chat``: a conversation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from agent.cli import build, options
from agent.cli.files import open_library
from agent.cli.terminal import interactive, out
from agent.cli.working import Working

if TYPE_CHECKING:
    from agent.cli.conversation import Conversation
    from agent.settings import Settings


def chat(
    *,
    catalog: options.CatalogSource = "movies",
    n: options.Count = 5,
    strategy: options.StrategyText = "default",
    profile: options.ProfileFolder = None,
    library: options.Library = None,
    triples: options.Triples = None,
    memory: options.Memory = None,
    model: options.Model = None,
    adapter: options.AdapterFolder = None,
    quantization: options.Quantization = None,
    locale: options.Locale = None,
    columns: options.Columns = "",
    split: options.Split = None,
    interactions: options.Interactions = None,
    skip_bad_rows: options.SkipBadRows = False,
    seed: options.Seed = None,
    load: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Go on with a saved conversation.", show_default=False)
    ] = None,
) -> None:
    """Talk, and get recommendations.

    Reads lines from stdin where that is not a terminal. With --memory, the conversation joins the file
    when it ends, and is learned from next time; a file that is not there yet is begun.
    """
    from agent.cli.conversation import Conversation
    from agent.localisation import text as localised
    from agent.session import Session

    settings = build.make_settings(model=model, adapter=adapter, quantization=quantization, locale=locale)
    chosen = build.make_strategy(strategy, settings)
    loading = build.catalog_options(columns, split, interactions, skip_bad_rows)
    working = Working()
    with working.on(localised("cli.loading", settings.locale)):
        items = build.open_catalog(catalog, **loading)
        recommender = build.make_recommender(
            items,
            working,
            settings=settings,
            strategy=chosen,
            profile=profile,
            memory=memory if memory and memory.exists() else None,
            triples=triples,
        )
        new = open_library(None if load else library, recommender).with_(dialogue_id=uuid4().hex)
        session = (
            Session.load(load, recommender, n=n, seed=seed)
            if load
            else Session(recommender, new, n=n, seed=seed)
        )
        build.warm_up(recommender)
    conversation = Conversation(session, working)
    conversation.welcome()
    try:
        _talk(conversation, settings)
    finally:
        if memory is not None:
            conversation.remember(memory)


def _talk(conversation: Conversation, settings: Settings) -> None:
    """Answer line by line until one ends the conversation, or no more come."""
    if interactive():
        from agent.cli.typed import typed_lines

        for line in typed_lines(settings.cache_dir / "typed.txt", settings.locale):
            if not _answer(conversation, line):
                return
    else:
        from agent.cli.terminal import input_lines

        for line in input_lines():
            conversation.echo(line)
            if not conversation.answer(line):
                return


def _answer(conversation: Conversation, line: str) -> bool:
    """Answer a typed line; Ctrl-C stops the answer, not the conversation."""
    try:
        return conversation.answer(line)
    except KeyboardInterrupt:
        out().print()
        conversation.say("stopped")
        return True
