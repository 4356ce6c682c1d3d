"""A Go that is missing or too old ends in one message."""

from pathlib import Path

import pytest

from rtcstack.appliance.provision.go import find_go
from rtcstack.appliance.provision.missing import Missing
from rtcstack.appliance.provision.versions import LIVEKIT
from tests.support.scripts import put_script


def _find(folder: Path) -> str:
    return find_go(LIVEKIT, {"PATH": str(folder)}, usual_places=())


def test_without_go_the_message_says_what_why_and_how(tmp_path: Path) -> None:
    with pytest.raises(Missing) as raised:
        _find(tmp_path)
    message = str(raised.value)
    assert message.startswith("Go 1.21 or later is missing. It is needed to build livekit-server v1.13.5")
    assert "to carry sound and picture between the participants of a room" in message
    assert "To get it:  curl -fsSL https://go.dev/dl/" in message


def test_an_old_go_is_named(tmp_path: Path) -> None:
    go = put_script(tmp_path, "go", "echo go1.19.8")
    with pytest.raises(Missing, match=f"{go} is go1.19.8"):
        _find(tmp_path)


@pytest.mark.parametrize("version", ["go1.21", "go1.26.8", "go2.0"])
def test_a_recent_one_will_do(tmp_path: Path, version: str) -> None:
    go = put_script(tmp_path, "go", f"echo {version}")
    assert _find(tmp_path) == str(go)


def test_asking_for_the_version_downloads_nothing(tmp_path: Path) -> None:
    put_script(tmp_path, "go", '[ "$GOTOOLCHAIN" = local ] && echo go1.24.0')
    assert _find(tmp_path)


def test_the_usual_place_is_looked_at_too(tmp_path: Path) -> None:
    go = put_script(tmp_path / "usr-local-go", "go", "echo go1.24.0")
    assert find_go(LIVEKIT, {"PATH": str(tmp_path)}, usual_places=(tmp_path / "none", go)) == str(go)
