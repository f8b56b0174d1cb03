"""What Prometheus sees: requests, how long they took, what waits, batches, memory."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Gauges:
    """The measures of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "miais_requests", "Answers, by verb and status.", ("verb", "status"), registry=self._registry
        )
        self.seconds = Histogram(
            "miais_request_seconds", "From request to answer.", ("verb",), buckets=_SECONDS, registry=self._registry
        )
        self.in_work = Gauge("miais_requests_in_work", "Requests that are taken and not done.", registry=self._registry)
        self.refused = Counter(
            "miais_requests_refused", "Requests not taken, because too many were.", registry=self._registry
        )
        self.batches = Histogram(
            "miais_batch_size",
            "Requests that the networks answered at once.",
            ("work",),
            buckets=(1, 2, 4, 8, 16),
            registry=self._registry,
        )
        self.people = Gauge("miais_people", "People in the gallery.", registry=self._registry)

    def exposition(self) -> bytes:
        """Return all measures in Prometheus' text format."""
        return generate_latest(self._registry)
