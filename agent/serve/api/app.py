"""The application: routes, middleware, the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from importlib.util import find_spec
from typing import Annotated

import anyio.to_thread
from fastapi import Depends, FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware

from agent import __version__
from agent.serve.api import chat, errors, native
from agent.serve.api.access import Api, Known, Needs
from agent.serve.api.chat_sessions import ChatSessions
from agent.serve.api.middleware import Bounded, Observed
from agent.serve.api.schemas import CatalogOut, ConfigOut, HealthOut
from agent.serve.api.settings import ApiSettings, api_settings
from agent.serve.ops.lane import BoundedLane
from agent.serve.ops.metrics import Metrics
from agent.serve.security import Caller, Gate, RateLimits
from agent.serve.service import Service
from agent.serve.views import Readiness

_SPARE_THREADS = 40
"""For what does not wait for the recommender."""


def create_app(
    service: Service, settings: ApiSettings | None = None, *, metrics: Metrics | None = None
) -> FastAPI:
    """The HTTP API and the page over a service.

    The service is closed when the application stops.

    Args:
        service: Who answers. Its lane becomes a bounded one, unless it is already.
        settings: From the environment by default.
        metrics: Where requests are counted; with a lane or model that count too, the same as theirs.
    """
    settings, metrics = settings or api_settings(), metrics or Metrics()
    if not isinstance(service.lane, BoundedLane):
        service.lane = BoundedLane(service.settings.at_once, settings.queue, settings.patience, metrics)
    service.on_list = metrics.made
    metrics.watch_caches(service.caches)
    metrics.queue.set_function(lambda: getattr(service.lane, "waiting", 0))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.queue + _SPARE_THREADS
        yield
        await anyio.to_thread.run_sync(service.close)

    app = FastAPI(
        title="groundrec",
        version=__version__,
        description="Recommendations in conversation, grounded in one catalog.",
        lifespan=lifespan,
        docs_url=None,  # its scripts would come from elsewhere
        redoc_url=None,
    )
    app.state.api = Api(service, Gate(service.store), RateLimits(), metrics, settings)
    app.state.chats = ChatSessions(service)
    app.include_router(native.router)
    app.include_router(chat.router)
    _add_system_routes(app)
    if find_spec("agent.serve.web"):
        from agent.serve.web.page import mount  # type: ignore[import-untyped,unused-ignore]

        mount(app)
    errors.install(app)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "X-Groundrec-Session",
                "X-Request-Id",
            ],
            expose_headers=["Retry-After", "X-Request-Id"],
        )
    app.add_middleware(Bounded, most=settings.largest_body)
    app.add_middleware(Observed, metrics=metrics)
    return app


def _add_system_routes(app: FastAPI) -> None:
    @app.get("/health", tags=["system"])
    async def health() -> HealthOut:
        """Say that the process is alive."""
        return HealthOut()

    @app.get("/ready", tags=["system"], responses={503: {"model": Readiness}})
    def ready(api: Known, response: Response) -> Readiness:
        """Say whether requests can be answered, and what is degraded or down."""
        readiness = api.service.ready()
        response.status_code = 503 if readiness.status == "down" else 200
        return readiness

    @app.get("/metrics", tags=["system"], response_class=Response)
    def metrics(api: Known, caller: Annotated[Caller, Depends(Needs("admin"))]) -> Response:
        """Counters and histograms for Prometheus."""
        return Response(api.metrics.text(), media_type=api.metrics.content_type)

    @app.get("/v1/config", tags=["system"])
    def config(api: Known) -> ConfigOut:
        """What a page needs to know."""
        catalog, model = api.service.recommender.catalog, api.service.recommender.parts.model
        return ConfigOut(
            catalog=CatalogOut(name=catalog.name, kind=catalog.kind, items=len(catalog)),
            model=None if model is None else model.name,
            locales=sorted(path.name.removesuffix(".toml") for path in (files("agent") / "locale").iterdir()),
            version=__version__,
            needs_key=api.gate.needs_key,
        )
