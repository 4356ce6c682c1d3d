"""What is counted in this process as it happens. A counter begins at zero with the process, as Prometheus expects.

Nothing here has a label that a caller or a tenant can make up: each has a few values that stand in the code.
"""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from rtcstack.domain.webhook import EventName

REGISTRY: Final = CollectorRegistry(auto_describe=True)
"""Of our own: what a library may put into the client's own one does not show."""
ProcessCollector(registry=REGISTRY)
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types for it; a second series for each, which nobody reads

_NAMESPACE: Final = "rtcstack"
_REFUSALS: Final = ("capacity", "disk_full", "unavailable", "refused", "room_not_found")
_FAILURES: Final = (
    *("start_failed", "no_capacity", "egress_failed", "egress_aborted", "egress_limit_reached"),
    *("size_mismatch", "object_missing", "unreadable_media", "not_recovered", "upload_refused"),
)
_CALLS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_COMMITS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
_DELIVERIES_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0, 21600.0)


def _counter(name: str, documentation: str, *labels: str) -> Counter:
    return Counter(name, documentation, labels, namespace=_NAMESPACE, registry=REGISTRY)


def _histogram(name: str, documentation: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(name, documentation, labels, namespace=_NAMESPACE, registry=REGISTRY, buckets=buckets)


def _from_zero(counter: Counter, *values: str) -> None:
    """Let it be there with these values from the start: a rate counts from one value to the next."""
    for value in values:
        counter.labels(value)


HTTP = _histogram(
    "http_request_duration_seconds",
    "Time until the answer to an HTTP request begins, by route template, method and class of status.",
    _CALLS_S,
    "route",
    "method",
    "status",
)
EVENTS = _counter("events", "Events that customers were told of, by name.", "event")
_from_zero(EVENTS, *EventName)
RECORDINGS_STARTED = _counter(
    "recordings_started", "Recordings that have begun: their first frame was reported."
)
RECORDINGS_ENDED = _counter("recordings_ended", "Recordings that ended: complete or failed.", "outcome")
_from_zero(RECORDINGS_ENDED, "complete", "failed")
RECORDINGS_FAILED = _counter(
    "recordings_failed", "Recordings that failed, by the code of the reason.", "reason"
)
_from_zero(RECORDINGS_FAILED, *_FAILURES)
STARTS_REFUSED = _counter(
    "recording_starts_refused", "Starts that came to nothing, by the code of the reason.", "reason"
)
_from_zero(STARTS_REFUSED, *_REFUSALS)
INBOX = _counter("inbox_events", "Events of LiveKit's by name and what became of them.", "kind", "outcome")
SKEW = Gauge(
    "livekit_clock_skew_seconds",
    "How far LiveKit's clock is ahead of this one, by the last webhook's signature; its time has whole seconds.",
    namespace=_NAMESPACE,
    registry=REGISTRY,
)
DELIVERIES = _counter("webhook_deliveries", "Tries to deliver a webhook, by what came of them.", "outcome")
_from_zero(DELIVERIES, "delivered", "refused", "unreachable")
REQUESTS = _histogram(
    "webhook_request_duration_seconds", "Time that an endpoint took to answer one try.", _CALLS_S
)
DELIVERY_TIME = _histogram(
    "webhook_delivery_delay_seconds",
    "Time from an event to its successful delivery, waits between tries included.",
    _DELIVERIES_S,
)
JOBS = _counter("jobs_run", "Jobs that were taken up, by kind and what came of it.", "kind", "outcome")
WORKERS = _counter(
    "worker_rounds", "Rounds of the background workers, by what they came to.", "worker", "outcome"
)
REPAIRS = _counter("reconcile_repairs", "Repairs that the reconciler made, by kind of finding.", "kind")
COMMITS = _histogram(
    "database_commit_seconds", "Time that the database took to bring a transaction to the disk.", _COMMITS_S
)
WRITER_WAITS = _histogram(
    "database_writer_wait_seconds", "Time that a transaction waited for the one writer.", _COMMITS_S
)
