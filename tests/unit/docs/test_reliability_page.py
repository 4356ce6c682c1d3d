"""The page of promises names each of the 25 and a test of it that is there, and leaves no such test out."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_PROMISES = range(1, 26)
_ROW = re.compile(r"^\| (\d+) \|.*\| ([^|]+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(test_\w+\.py)` `(test_\w+)`")


def _tests() -> set[tuple[int, str]]:
    """Return promise and file of each test."""
    found = set()
    for file in (_ROOT / "tests" / "chaos").glob("test_*.py"):
        for numbers in re.findall(r"^(?:async )?def test((?:_\d\d)+)", file.read_text(), re.MULTILINE):
            found |= {(int(number), file.name) for number in numbers.strip("_").split("_")}
    return found


def test_each_promise_has_a_line_and_a_test_and_each_test_a_line() -> None:
    page = (_ROOT / "docs" / "operations" / "reliability.md").read_text(encoding="utf-8")
    rows = {int(number): _TEST.findall(tests) for number, tests in _ROW.findall(page)}
    assert sorted(rows) == list(_PROMISES)
    assert {(number, file) for number, tests in rows.items() for file, _ in tests} == _tests()
    for file, name in (test for tests in rows.values() for test in tests):
        assert f"def {name}" in (_ROOT / "tests" / "chaos" / file).read_text(), name


def test_every_test_of_a_promise_is_marked_and_says_what_holds_it() -> None:
    for file in (_ROOT / "tests" / "chaos").glob("test_*.py"):
        text = file.read_text()
        assert "pytest.mark.chaos, pytest.mark.alone" in text, file.name
        assert text.count('"""Mechanism') == len(re.findall(r"^(?:async )?def test_", text, re.MULTILINE)), (
            file
        )
