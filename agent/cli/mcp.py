"""``groundrec mcp``: tools for assistants."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import build, options
from agent.cli.store import StoreAddress, open_store
from agent.cli.terminal import notice
from agent.cli.working import Working


def mcp(
    *,
    catalog: options.CatalogSource = "movies",
    http: Annotated[bool, typer.Option("--http", help="Serve HTTP at /mcp; else stdin and stdout.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on, with --http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on, with --http.")] = 8001,
    user: Annotated[str, typer.Option(help="Whose conversations they are, without --http.")] = "local",
    store: StoreAddress = None,
    strategy: options.StrategyText = "default",
    profile: options.ProfileFolder = None,
    memory: options.Memory = None,
    model: options.Model = None,
    adapter: options.AdapterFolder = None,
    quantization: options.Quantization = None,
    locale: options.Locale = None,
    columns: options.Columns = "",
    split: options.Split = None,
    interactions: options.Interactions = None,
    skip_bad_rows: options.SkipBadRows = False,
) -> None:
    """Serve tools and resources for assistants (Model Context Protocol).

    [dim]groundrec mcp --catalog shop.csv[/dim]
    [dim]groundrec mcp --http --port 8001[/dim]
    """
    from contextlib import suppress
    from threading import Thread

    from agent.errors import GroundrecError

    opened = open_store(store)
    from agent.serve.mcp import make_server
    from agent.serve.service import Service

    if http:
        from agent.serve.mcp_http import check_address, serve_http, user_of

        check_address(host, opened)
    settings = build.make_settings(model=model, adapter=adapter, quantization=quantization, locale=locale)
    chosen = build.make_strategy(strategy, settings)
    working = Working()
    items = build.open_catalog(catalog, **build.catalog_options(columns, split, interactions, skip_bad_rows))
    recommender = build.make_recommender(
        items, working, settings=settings, strategy=chosen, profile=profile, memory=memory
    )
    service = Service(recommender, opened)

    def load() -> None:
        """Greet the assistant meanwhile; the first tool waits for what is missing, or says what is wrong."""
        with suppress(GroundrecError):
            service.warm_up()

    Thread(target=load, daemon=True).start()
    try:
        if http:
            notice(f"MCP at http://{host}:{port}/mcp")
            serve_http(make_server(service, user_of), opened, host, port)
        else:
            make_server(service, lambda context: user).run("stdio")
    finally:
        service.close()
