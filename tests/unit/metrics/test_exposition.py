"""One page for every scraper, in the format that it asks for."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from rtcstack.metrics.exposition import expose
from rtcstack.metrics.scraped import FIGURES, Reading, families

_READINGS = [
    Reading("recordings", 3, ("ready",)),
    Reading("recordings", 1, ("failed",)),
    Reading("egress_frames", 42, ("host:/spool",)),
    Reading("part_up", 1, ("redis",)),
]


def test_prometheus_s_text_unless_openmetrics_is_accepted() -> None:
    page, content_type = expose(_READINGS, "*/*")
    assert content_type == "text/plain; version=0.0.4; charset=utf-8"
    found = {s.name: s.value for family in read_text(page.decode()) for s in family.samples}
    assert found["rtcstack_egress_frames_total"] == 42
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
    page, content_type = expose(_READINGS, accept)
    assert content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert page.endswith(b"# EOF\n")
    names = {family.name for family in read_openmetrics(page.decode())}
    assert {"rtcstack_recordings", "rtcstack_egress_frames", "process_cpu_seconds"} <= names


def test_readings_of_one_figure_are_one_family_and_stand_in_the_order_of_the_names() -> None:
    found = families(_READINGS)
    assert [family.name for family in found] == [
        "rtcstack_part_up",
        "rtcstack_recordings",
        "rtcstack_egress_frames",
    ]
    assert [sample.labels["state"] for sample in found[1].samples] == ["ready", "failed"]


def test_a_label_s_value_may_have_any_character() -> None:
    page, _ = expose([Reading("egress_recordings", 1, ('a"b\\c\nd',))], "")
    [family] = [f for f in read_text(page.decode()) if f.name == "rtcstack_egress_recordings"]
    assert family.samples[0].labels == {"worker": 'a"b\\c\nd'}


@pytest.mark.parametrize("name", FIGURES)
def test_names_keep_to_prometheus_s_rules(name: str) -> None:
    figure = FIGURES[name]
    assert not name.endswith(("_total", "_count", "_sum", "_bucket"))
    assert figure.documentation.endswith(".")
    assert not {"tenant", "room", "recording", "path"} & set(figure.labels)
