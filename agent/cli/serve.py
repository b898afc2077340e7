"""``groundrec serve``: the HTTP API and the page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli import build, options
from agent.cli.store import StoreAddress, open_store
from agent.cli.working import Working

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.lm import LanguageModel
    from agent.serve.ops.metrics import Metrics
    from agent.settings import Settings

_TIMEOUT, _RETRIES = 20.0, 1


def serve(
    *,
    host: Annotated[
        str, typer.Option(help="Address to listen at; beyond this machine only with keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8000,
    catalog: options.CatalogSource = "movies",
    model: options.Model = None,
    adapter: options.AdapterFolder = None,
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
    from agent.serve.ops.lane import BoundedLane
    from agent.serve.ops.metrics import Metrics
    from agent.serve.security import check_address
    from agent.serve.service import Service
    from agent.serve.settings import service_settings

    if log.lower() not in ("debug", "info", "warning", "error"):
        raise typer.BadParameter(f"{log!r} is no level", param_hint="--log")
    given = {} if not cors else {"cors": tuple(origin.rstrip("/") for origin in cors)}
    api, metrics = api_settings(**given), Metrics()
    settings = build.make_settings(
        model=model, adapter=adapter, quantization=quantization, locale=locale, **_impatience()
    )
    loading = build.catalog_options(columns, split, interactions, skip_bad_rows)
    check_address(host, kept)
    taken = running.listen(host, port)
    working, lane = Working(), BoundedLane(service_settings().at_once, api.queue, api.patience, metrics)
    with working.on(text("cli.loading", settings.locale)):
        recommender = build.make_recommender(
            build.open_catalog(catalog, **loading),
            working,
            settings=settings,
            engine=_watched_model(
                settings, metrics, lambda: lane.waiting >= api.crowd or lane.wait > api.patience / 3, working
            ),
            strategy=build.make_strategy(strategy, settings),
            profile=profile,
            memory=memory,
            triples=triples,
        )
        service = Service(recommender, kept)
        service.lane = lane
        service.warm_up()
    logs.configure(as_json=not sys.stderr.isatty(), level=log)
    shown = f"[{host}]" if ":" in host else host
    running.run(
        create_app(service, api, metrics=metrics),
        taken,
        api,
        lambda bound: print(f"groundrec serves {catalog} at http://{shown}:{bound}", flush=True),  # noqa: T201
    )


def _impatience() -> dict[str, Any]:
    """How long a model server may take while people wait, where the environment does not say."""
    from agent.settings import settings

    usual = {"timeout": _TIMEOUT, "retries": _RETRIES}
    return {name: value for name, value in usual.items() if name not in settings().model_fields_set}


def _watched_model(
    settings: Settings, metrics: Metrics, crowded: Callable[[], bool], working: Working
) -> LanguageModel | None:
    """The language model that is to be used, counted and spared; None for retrieval alone."""
    if settings.model == build.NO_MODEL:
        return None
    from agent.lm import load_model
    from agent.serve.ops.model import WatchedModel

    return WatchedModel(load_model(settings.model, settings=settings, progress=working), metrics, crowded)
