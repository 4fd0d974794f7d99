"""Figures for Prometheus: this process's requests, the writer's appends, the followers' lag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from crm_es.followers.standing import Standing
from crm_es.log.queue import LATENCIES

MEDIA_TYPE = CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a follower stands behind the head: in events, and by the oldest one it lacks."""

    standing: Standing
    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LogFigures:
    head: int
    lags: list[Lag]


class Metrics:
    """One per process. Of several api processes each tells of its own requests."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "crm_http_requests", "Requests by route and status.", ("method", "route", "status"),
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "crm_http_request_seconds", "Time to the end of the answer.", ("route",),
            buckets=LATENCIES, registry=self._registry,
        )  # fmt: skip
        self._counters: dict[tuple[str, str, int], Any] = {}
        self._timers: dict[str, Any] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method if method in _METHODS else "other", route, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self._requests.labels(*map(str, key))
        counter.inc()
        timer = self._timers.get(route)
        if timer is None:
            timer = self._timers[route] = self._seconds.labels(route)
        timer.observe(seconds)

    def exposition(self, writer: Mapping[str, Any] | None, log: LogFigures) -> bytes:
        """All figures as text; ``writer`` is None while it does not answer."""
        head = GaugeMetricFamily("crm_log_head", "The position of the last event.", log.head)
        registry = CollectorRegistry()
        registry.register(_Now([head, *_writer_metrics(writer), *_lag_metrics(log.lags)]))
        return generate_latest(self._registry) + generate_latest(registry)


_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})


class _Now:
    """A collector of what was just asked for."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def _writer_metrics(writer: Mapping[str, Any] | None) -> Iterator[Metric]:
    yield GaugeMetricFamily("crm_writer_up", "Whether the writer answers.", writer is not None)
    if writer is None:
        return
    yield GaugeMetricFamily("crm_append_waiting", "Commands that wait.", writer["waiting"])
    yield CounterMetricFamily("crm_append_commands", "Commands decided.", writer["commands"])
    bounds = [*map(str, LATENCIES), "+Inf"]
    counts = accumulate(writer["append_buckets"])
    yield HistogramMetricFamily(
        "crm_append_seconds", "Time of one group commit, from look to durable.",
        buckets=list(zip(bounds, counts, strict=True)), sum_value=writer["append_seconds"],
    )  # fmt: skip


def _lag_metrics(lags: Iterable[Lag]) -> Iterator[Metric]:
    behind = GaugeMetricFamily("crm_lag_events", "Events not yet seen.", labels=["follower"])
    seconds = GaugeMetricFamily(
        "crm_lag_seconds", "Age of the oldest event not yet seen.", labels=["follower"]
    )
    parked = GaugeMetricFamily("crm_parked_keys", "Keys set aside.", labels=["follower"])
    rejected = GaugeMetricFamily("crm_rejected_events", "Events unread.", labels=["follower"])
    for lag in lags:
        label = [lag.standing.name]
        behind.add_metric(label, lag.events)
        seconds.add_metric(label, lag.seconds)
        parked.add_metric(label, lag.standing.parked)
        rejected.add_metric(label, lag.standing.rejected)
    yield from (behind, seconds, parked, rejected)
