"""``groundrec setup``: everything that takes long the first time, done and cached."""

from __future__ import annotations

import time

from agent.cli import build, options
from agent.cli.terminal import notice, out
from agent.cli.working import Working

_TRIAL = "a story about friendship"
"""A request whose answer fills the caches that only a turn fills."""


def setup(
    model: options.Model = None, quantization: options.Quantization = None, locale: options.Locale = None
) -> None:
    """Prepare the model and the embedded catalogs.

    Everything that takes long the first time is done and cached; what is there already is not done again.
    """
    from agent.catalog.loaders import EMBEDDED
    from agent.localisation import text

    settings = build.make_settings(model=model, quantization=quantization, locale=locale)
    working = Working(told=True)
    start = time.perf_counter()
    engine = None
    for name in EMBEDDED:
        with working.on(text("cli.preparing", settings.locale, name=name)):
            catalog = build.open_catalog(name)
            recommender = build.make_recommender(catalog, working, settings=settings, engine=engine)
            build.embed(recommender, working)
            engine = build.warm_up(recommender)
            recommender.recommend(_TRIAL, n=1)
        out().print(text("cli.prepared", settings.locale, name=name, count=f"{len(catalog):,}"))
    if engine is not None:
        out().print(text("cli.model_ready", settings.locale, name=engine.name))
    seconds = f"{time.perf_counter() - start:.1f}"
    notice(text("cli.cached", settings.locale, seconds=seconds, folder=settings.cache_dir))
