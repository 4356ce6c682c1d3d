"""Commands that are printed work as they stand."""

import shlex
from pathlib import Path

import pytest

from rtcstack.appliance import hints


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path.resolve()


def test_the_usual_folder_goes_without_saying(here: Path) -> None:
    assert hints.command("status", here / "data").endswith(" status")


def test_another_folder_is_named_from_here(here: Path) -> None:
    assert hints.command("down", here / "other").endswith(" down --data other")


def test_a_folder_elsewhere_is_named_in_full_and_quoted(here: Path) -> None:
    elsewhere = here.parent / "my data"
    assert shlex.split(hints.command("demo", elsewhere))[-3:] == ["demo", "--data", str(elsewhere)]
