"""``groundrec recommend``: one list."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from agent.cli import build, options
from agent.cli.files import open_library
from agent.cli.terminal import clean, input_lines, notice, out, result, width
from agent.cli.working import Working

_Items = Annotated[
    list[str] | None,
    typer.Option(metavar="ID|TITLE", help="An id or a title; repeatable.", show_default=False),
]


def recommend(
    text: Annotated[
        str, typer.Argument(help="What is wanted, in plain words; - reads it from stdin.", show_default=False)
    ] = "",
    *,
    catalog: options.CatalogSource = "movies",
    like: _Items = None,
    dislike: _Items = None,
    seen: _Items = None,
    n: options.Count = None,
    strategy: options.StrategyText = "default",
    prompt: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A prompt of `groundrec prompts list`.", show_default=False),
    ] = None,
    profile: options.ProfileFolder = None,
    memory: options.Memory = None,
    library: options.Library = None,
    triples: options.Triples = None,
    model: options.Model = None,
    adapter: options.AdapterFolder = None,
    quantization: options.Quantization = None,
    locale: options.Locale = None,
    columns: options.Columns = "",
    split: options.Split = None,
    interactions: options.Interactions = None,
    skip_bad_rows: options.SkipBadRows = False,
    seed: options.Seed = None,
    as_json: options.AsJson = False,
) -> None:
    """Make one list.

    [dim]groundrec recommend "a slow film about space" --like Moon -n 5[/dim]
    [dim]groundrec recommend --catalog articles --library saved.bib[/dim]
    """
    from agent.cli.cards import show_cards
    from agent.context import UserContext
    from agent.localisation import text as localised

    settings = build.make_settings(model=model, adapter=adapter, quantization=quantization, locale=locale)
    chosen = build.make_strategy(strategy, settings, prompt)
    loading = build.catalog_options(columns, split, interactions, skip_bad_rows)
    request = "\n".join(input_lines()) if text == "-" else clean(text)
    working = Working()
    with working.on(localised("cli.thinking", settings.locale)):
        items = build.open_catalog(catalog, **loading)
        recommender = build.make_recommender(
            items,
            working,
            settings=settings,
            strategy=chosen,
            profile=profile,
            memory=memory,
            triples=triples,
        )

        attitudes = {
            name: build.find_items(names or (), recommender)
            for name, names in (("like", like), ("dislike", dislike), ("seen", seen))
        }
        saved = open_library(library, recommender)
        context = saved.with_(state=UserContext.of(items, **attitudes).state)
        made = recommender.recommend(request, context, n=n, seed=seed)
    if as_json:
        result(json.dumps(made.to_json(), ensure_ascii=False, indent=2))
        return
    show_cards(made, out(), width())
    for note in (*made.notes, *filter(None, (made.question,))):
        notice(clean(note))
