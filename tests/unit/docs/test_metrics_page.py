"""The page of metrics, the dashboard and the alerts name figures that `/metrics` has, with labels that they have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rtcstack.metrics.counted import REGISTRY
from rtcstack.metrics.scraped import FIGURES

_ROOT = Path(__file__).parents[3]
_PAGE = _ROOT / "docs" / "operations" / "metrics.md"
_BOARD = _ROOT / "deploy" / "grafana" / "rtcstack.json"
_RULES = _ROOT / "deploy" / "prometheus" / "rtcstack.rules.yml"
_ROW = re.compile(r"^\| `(rtcstack_\w+)` \| (\w+) \| (.*?) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
_SELECTED = re.compile(r"\b((?:rtcstack|process)_\w+|up)(?:\{([^}]*)\})?")
_GROUPED = re.compile(r"\b(?:by|without) \(([^)]*)\)")
_FROM_PROMETHEUS = {"instance", "job", "le"}

Kind = tuple[str, tuple[str, ...], str]


def _figures() -> dict[str, Kind]:
    """Return type, labels and meaning of each figure, by the name that its samples have."""
    found: dict[str, Kind] = {}
    for family in REGISTRY.collect():
        if family.name.startswith("rtcstack_"):
            labels = tuple(REGISTRY._names_to_collectors[family.name]._labelnames)  # type: ignore[attr-defined]  # of a metric
            total = "_total" if family.type == "counter" else ""
            found[family.name + total] = (family.type, labels, family.documentation)
    for name, figure in FIGURES.items():
        total = "_total" if figure.kind == "counter" else ""
        found[f"rtcstack_{name}{total}"] = (figure.kind, figure.labels, figure.documentation)
    return found


def _samples() -> dict[str, set[str]]:
    """Return the labels of every series there can be, by its name."""
    found = {"up": set[str]()}
    for name, (kind, labels, _) in _figures().items():
        for end in ("_bucket", "_count", "_sum") if kind == "histogram" else ("",):
            found[name + end] = set(labels)
    usual = (f for f in REGISTRY.collect() if f.name.startswith("process_"))
    return found | {sample.name: set[str]() for family in usual for sample in family.samples}


def _check(query: str) -> None:
    samples = _samples()
    selected = _SELECTED.findall(query)
    assert selected, query
    known: set[str] = set(_FROM_PROMETHEUS)
    for name, matchers in selected:
        assert name in samples, f"{name} in {query}"
        named = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        assert named <= samples[name] | _FROM_PROMETHEUS, query
        known |= samples[name]
    for names in _GROUPED.findall(query):
        assert {name.strip() for name in names.split(",")} <= known, query


def _panels() -> list[dict[str, Any]]:
    return [p for p in json.loads(_BOARD.read_text(encoding="utf-8"))["panels"] if p["type"] != "row"]


def _rules() -> list[dict[str, Any]]:
    return [
        rule
        for group in yaml.safe_load(_RULES.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]


def test_the_page_has_every_figure_as_it_is() -> None:
    shown = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels)), f"{meaning}.")
        for name, kind, labels, meaning, _ in _ROW.findall(_PAGE.read_text(encoding="utf-8"))
    }
    assert shown == _figures()


def test_the_page_names_the_alerts_that_there_are() -> None:
    named = set(re.findall(r"`(Rtcstack\w+)`", _PAGE.read_text(encoding="utf-8")))
    assert named == {rule["alert"] for rule in _rules()}


@pytest.mark.parametrize("rule", _rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_looks_at_what_there_is_and_says_what_to_do(rule: dict[str, Any]) -> None:
    _check(rule["expr"])
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description"}
    for label in re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])):
        assert label == "instance" or label in rule["expr"], rule["alert"]


def test_every_panel_asks_for_what_there_is() -> None:
    panels = _panels()
    for panel in panels:
        for target in panel["targets"]:
            _check(target["expr"])
            for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                assert label in {"instance"} | {one for _, labels, _ in _figures().values() for one in labels}
    ids = [panel["id"] for panel in panels]
    assert len(set(ids)) == len(ids) > 30


def test_the_dashboard_shows_every_figure_but_those_of_single_scrapes() -> None:
    asked = json.dumps(_panels())
    families = {name.removesuffix("_total") for name in _figures()}
    left_out = {"rtcstack_scrape_duration_seconds", "rtcstack_egress_process_start_time_seconds"}
    left_out.add("rtcstack_reconcile_oldest_look_seconds")
    assert {name for name in families if name not in asked} == left_out


def _placed() -> Iterator[tuple[int, int]]:
    for panel in json.loads(_BOARD.read_text(encoding="utf-8"))["panels"]:
        at = panel["gridPos"]
        yield from (
            (x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
        )


def test_the_dashboard_can_be_imported() -> None:
    board = json.loads(_BOARD.read_text(encoding="utf-8"))
    assert "id" not in board  # Grafana gives it one
    places = list(_placed())
    assert len(set(places)) == len(places)  # no panel lies on another
    assert max(x for x, _ in places) < 24
    assert {variable["name"] for variable in board["templating"]["list"]} == {
        "datasource",
        "job",
        "instance",
        "worker",
    }
