"""``groundrec serve``: the HTTP API and the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from agent.cli import build, options
from agent.cli.store import StoreAddress, open_store
from agent.cli.terminal import result
from agent.cli.working import Working

if TYPE_CHECKING:
    from agent.lm import LanguageModel
    from agent.serve.api.settings import ApiSettings
    from agent.serve.ops.metrics import Metrics
    from agent.serve.service import Service
    from agent.settings import Settings
    from agent.store import Store


def serve(
    *,
    host: Annotated[
        str, typer.Option(help="Address to listen at; beyond this machine only with keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8000,
    catalog: options.CatalogSource = "movies",
    model: options.Model = None,
    quantization: options.Quantization = None,
    strategy: options.StrategyText = "default",
    profile: options.ProfileFolder = None,
    memory: options.Memory = None,
    triples: options.Triples = None,
    locale: options.Locale = None,
    columns: options.Columns = "",
    split: options.Split = None,
    interactions: options.Interactions = None,
    skip_bad_rows: options.SkipBadRows = False,
    store: StoreAddress = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(
            "--cors",
            metavar="ORIGIN",
            help="Let pages of another site call; may be repeated.",
            show_default=False,
        ),
    ] = None,
    log: Annotated[str, typer.Option(metavar="LEVEL", help="debug, info, warning or error.")] = "info",
) -> None:
    """Serve the page and the HTTP API, also as an OpenAI-compatible chat server.

    Prints the address when it is ready. Without keys (`groundrec keys create`) it serves this machine alone.
    """
    from agent.localisation import text

    kept = open_store(store)
    from agent.serve.api.app import create_app
    from agent.serve.api.settings import api_settings
    from agent.serve.ops import logs, running
    from agent.serve.ops.metrics import Metrics
    from agent.serve.security import check_address

    if log.lower() not in ("debug", "info", "warning", "error"):
        raise typer.BadParameter(f"{log!r} is no level", param_hint="--log")
    given = {} if not cors else {"cors": tuple(origin.rstrip("/") for origin in cors)}
    api, metrics = api_settings(**given), Metrics()
    settings = build.make_settings(model=model, quantization=quantization, locale=locale)
    loading = build.catalog_options(columns, split, interactions, skip_bad_rows)
    check_address(host, kept)
    taken = running.listen(host, port)
    working = Working()
    with working.on(text("cli.loading", settings.locale)):
        service = _service(
            kept,
            api,
            metrics,
            settings,
            working,
            catalog=build.open_catalog(catalog, **loading),
            strategy=build.make_strategy(strategy, settings),
            profile=profile,
            memory=memory,
            triples=triples,
        )
        service.warm_up()
    logs.configure(as_json=not _is_terminal(), level=log)
    shown = f"[{host}]" if ":" in host else host
    running.run(
        create_app(service, api, metrics=metrics),
        taken,
        api,
        lambda bound: result(f"groundrec serves {catalog} at http://{shown}:{bound}"),
    )


def _service(
    store: Store,
    api: ApiSettings,
    metrics: Metrics,
    settings: Settings,
    working: Working,
    **options: Any,
) -> Service:
    """The service, with its model and the way to it watched."""
    from agent.lm import load_model
    from agent.serve.ops.lane import BoundedLane
    from agent.serve.ops.model import WatchedModel
    from agent.serve.service import Service
    from agent.serve.settings import service_settings

    kept = service_settings()
    lane = BoundedLane(kept.at_once, api.queue, api.patience, metrics)
    engine = None
    if settings.model != build.NO_MODEL:
        loaded = load_model(settings.model, settings=settings, progress=working)
        watched = WatchedModel(loaded, metrics, lambda: lane.waiting >= api.crowd)
        engine = cast("LanguageModel", watched)
    memory: Path | None = options.pop("memory")
    catalog = options.pop("catalog")
    recommender = build.make_recommender(
        catalog,
        working,
        settings=settings,
        engine=engine,
        memory=memory if memory and memory.exists() else None,
        **options,
    )
    service = Service(recommender, store, kept)
    service.lane = lane
    return service


def _is_terminal() -> bool:
    import sys

    return sys.stderr.isatty()
