"""The page of benchmarks names each measurement that there is, and no other."""

import re
from pathlib import Path

import pytest

from tests.bench import figures, main

_PAGE = Path(__file__).parents[3] / "docs" / "benchmarks.md"


def test_each_measurement_stands_on_the_page_with_how_it_is_made() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    table = page.split("## How each figure is measured")[1].split("## Results")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(main.NAMES)


def test_what_the_first_load_takes_is_the_same_on_both_pages() -> None:
    told = re.search(
        r"takes ([\d.]+) kB of a browser", (_PAGE.parent / "dashboard.md").read_text(encoding="utf-8")
    )
    assert told
    assert f"| dashboard: first load | 200 kB | {told[1]} kB |" in _PAGE.read_text(encoding="utf-8")


def test_a_group_has_measurements_that_there_are() -> None:
    for group in main.GROUPS.values():
        assert set(group) <= set(main.NAMES)


@pytest.mark.parametrize(("is_largest", "value", "is_reached"), [(False, 2, True), (True, 9, False)])
def test_what_is_to_hold_throughout_is_judged_by_the_largest(
    is_largest: bool, value: float, is_reached: bool
) -> None:
    figure = figures.of("", [2, 9, 1], "ms", target=5, is_largest=is_largest)
    assert (figure.value, figure.is_reached) == (value, is_reached)
