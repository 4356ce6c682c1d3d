"""HTTP requests are counted by labels whose values stand in the code."""

from rtcstack.metrics.counted import HTTP
from rtcstack.metrics.http import UNMATCHED, observe


def _count(**labels: str) -> float:
    [family] = HTTP.collect()
    found = [s.value for s in family.samples if s.name.endswith("_count") and s.labels == labels]
    return sum(found)


def test_a_call_counts_under_its_template_method_and_class_of_status() -> None:
    labels = {"route": "/v1/things/{thing_id}", "method": "GET", "status": "4xx"}
    before = _count(**labels)
    observe("/v1/things/{thing_id}", "GET", 404, 0.002)
    observe("/v1/things/{thing_id}", "GET", 409, 0.002)
    assert _count(**labels) - before == 2


def test_what_a_caller_makes_up_is_no_label() -> None:
    labels = {"route": UNMATCHED, "method": "other", "status": "4xx"}
    before = _count(**labels)
    for n in range(3):
        observe(None, f"MADE-UP-{n}", 404, 0.002)
    assert _count(**labels) - before == 3
