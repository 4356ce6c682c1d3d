"""One observation for each HTTP request: a few microseconds, and never a label that a caller makes up."""

from typing import Final

from prometheus_client import Histogram

from rtcstack.metrics.counted import HTTP

UNMATCHED: Final = "(none)"
"""The route of a path that there is not."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_series: dict[tuple[str, str, int], Histogram] = {}


def observe(route: str | None, method: str, status: int, seconds: float) -> None:
    """`route` is the template of the path, as in `/v1/rooms/{room_id}`."""
    key = (route or UNMATCHED, method if method in _METHODS else "other", status // 100)
    series = _series.get(key)
    if series is None:
        series = _series[key] = HTTP.labels(key[0], key[1], f"{key[2]}xx")
    series.observe(seconds)
