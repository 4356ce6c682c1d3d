"""A start on a full disk ends in one sentence."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rtcstack.appliance import free_space
from rtcstack.appliance.free_space import TooFull
from tests.support.environment import outer_environment

_MIB = 1024 * 1024


def test_a_folder_that_is_not_there_yet_is_as_full_as_its_parent(tmp_path: Path) -> None:
    needed_bytes = shutil.disk_usage(tmp_path).total + _MIB
    data = tmp_path / "new" / "data"
    with pytest.raises(TooFull) as raised:
        free_space.require((data,), needed_bytes)
    [sentence] = str(raised.value).splitlines()
    assert sentence.startswith(f"The disk of {data} is full: ")
    assert "MiB are free" in sentence
    assert f"at least {needed_bytes / _MIB:.0f} MiB are needed" in sentence
    assert not data.parent.exists()


def test_folders_on_one_disk_are_one_fault(tmp_path: Path) -> None:
    with pytest.raises(TooFull) as raised:
        free_space.require((tmp_path / "data", tmp_path / "spool"), shutil.disk_usage(tmp_path).total + _MIB)
    assert len(str(raised.value).splitlines()) == 1


def test_enough_is_enough(tmp_path: Path) -> None:
    free_space.require((tmp_path, tmp_path / "spool"), needed_bytes=1)


@pytest.mark.parametrize("setting", ["RTCSTACK_DATA", "RTCSTACK_EGRESS__SPOOL", "RTCSTACK_DATABASE__PATH"])
def test_up_refuses_before_anything_is_made(tmp_path: Path, setting: str) -> None:
    data = tmp_path / "data"
    full = "/proc/rtcstack/here"  # the file system of the processes never has a byte free
    environ = {**outer_environment(), "RTCSTACK_DATA": str(data), setting: full}
    ran = subprocess.run(
        [sys.executable, "-m", "rtcstack", "up", "--detach"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    [sentence] = ran.stderr.strip().splitlines()
    assert sentence.startswith("The disk of /proc/rtcstack")
    assert "0.0 MiB are free, at least 64 MiB are needed" in sentence
    assert not data.exists()
