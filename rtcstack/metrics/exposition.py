"""All figures as one page, in the format that the scraper asks for."""

from collections.abc import Iterator, Sequence
from typing import Final

from prometheus_client import Metric, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from rtcstack.metrics.counted import REGISTRY
from rtcstack.metrics.scraped import Reading, families

_OPENMETRICS: Final = "application/openmetrics-text"
_TYPES: Final = (f"{_OPENMETRICS}; version=1.0.0; charset=utf-8", "text/plain; version=0.0.4; charset=utf-8")


class _Page:
    """What the encoders need of a registry."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()
        yield from families(self._readings)


def expose(readings: Sequence[Reading], accept: str) -> tuple[bytes, str]:
    """Return the page and its content type: OpenMetrics 1.0 for whoever accepts it, Prometheus's text 0.0.4 otherwise."""
    page = _Page(readings)
    if _OPENMETRICS in accept:
        page_text: bytes = openmetrics.generate_latest(page)  # type: ignore[no-untyped-call]  # it has no types
        return page_text, _TYPES[0]
    return generate_latest(page), _TYPES[1]
