"""What Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from agent import __version__
from agent.lm import Usage
from agent.recommendation import Recommendations

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Cache(Protocol):
    """Something that counts how often it had what was asked for."""

    hits: int
    misses: int


class Metrics:
    """Counters and histograms of one application, in a registry of their own.

    Labels hold names of routes, stages and parts alone, nothing of users, so their number is bounded.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        disable_created_metrics()
        self.registry = CollectorRegistry()
        self.requests = self._counter("requests", "Requests.", "method", "route", "status")
        self.seconds = self._histogram("request_seconds", "Until the last byte of an answer.", "route")
        self.running = self._gauge("requests_running", "Requests that are being answered.")
        self.abandoned = self._counter("streams_abandoned", "Streams whose reader left before the end.")
        self.stages = self._histogram("stage_seconds", "Stages of making a list.", "stage")
        self.lists = self._counter("lists", "Lists made.")
        self.degraded = self._counter("degraded_lists", "Lists made without a part that was down.", "part")
        self.titles = self._counter(
            "titles", "Titles that a language model wrote freely, by how they were grounded.", "grounding"
        )
        self.tokens = self._counter("model_tokens", "Tokens of the language model.", "kind")
        self.calls = self._histogram("model_seconds", "Calls of the language model.", "call")
        self.failures = self._counter("model_failures", "Calls of it that failed or were not made.", "reason")
        self.waits = self._histogram("queue_seconds", "Waiting for the recommender.", "work")
        self.work = self._histogram("work_seconds", "Work of the recommender.", "work")
        self.refusals = self._counter("queue_refusals", "Work that was turned away.", "work", "reason")
        self.queue = self._gauge("queue_length", "Requests that wait for the recommender.")
        build = self._gauge("build_info", "The version that runs.", "version")
        build.labels(__version__).set(1)

    def watch_caches(self, caches: Callable[[], dict[str, Cache]]) -> None:
        """Count hits and misses of caches, found anew for each reading since some are made late."""
        self.registry.register(_Caches(caches))

    def text(self) -> bytes:
        """All values, in the exposition format."""
        return generate_latest(self.registry)

    def made(self, made: Recommendations) -> None:
        """Count a list by its trace."""
        self.lists.inc()
        for stage in made.trace.stages:
            self.stages.labels(stage.name).observe(stage.milliseconds / 1000)
            for grounding in stage.outputs.get("groundings", ()):
                self.titles.labels(grounding["method"]).inc()
        for part in getattr(made, "degraded", ()):
            self.degraded.labels(part).inc()

    def used(self, usage: Usage) -> None:
        """Count tokens; cached ones are those of a prompt's beginning that were not read again."""
        self.tokens.labels("prompt").inc(usage.prompt_tokens)
        self.tokens.labels("completion").inc(usage.completion_tokens)
        self.tokens.labels("cached").inc(usage.cached_tokens)

    def waited(self, what: str, seconds: float) -> None:
        """Work was let in to the recommender."""
        self.waits.labels(what).observe(seconds)

    def ran(self, what: str, seconds: float) -> None:
        """Work of the recommender is done."""
        self.work.labels(what).observe(seconds)

    def refused(self, what: str, reason: str) -> None:
        """Work was turned away."""
        self.refusals.labels(what, reason).inc()

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, **self._home)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, **self._home)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(name, what, labels, buckets=_SECONDS, **self._home)

    @property
    def _home(self) -> dict[str, Any]:
        return {"registry": self.registry, "namespace": "groundrec"}


class _Caches(Collector):
    """Hits and misses, as the caches themselves count them."""

    def __init__(self, caches: Callable[[], dict[str, Cache]]) -> None:
        self._caches = caches

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One counter with a label for the cache and one for the outcome."""
        counter = CounterMetricFamily(
            "groundrec_cache_requests", "What caches were asked for.", labels=("cache", "outcome")
        )
        for name, cache in self._caches().items():
            counter.add_metric((name, "hit"), cache.hits)
            counter.add_metric((name, "miss"), cache.misses)
        yield counter
