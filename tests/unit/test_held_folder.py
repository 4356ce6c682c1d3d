"""Folders of processes that were killed are cleared, those of processes at work never."""

import os
import subprocess
import sys
from pathlib import Path

from rtcstack.held_folder import at_work, deserted, scratch_folder

_HOLD = """
import sys
from pathlib import Path
from rtcstack.held_folder import scratch_folder
with scratch_folder(Path(sys.argv[1]), ".work-") as folder:
    (folder / "state").write_text("half of it")
    print(folder.name, flush=True)
    sys.stdin.read()
"""


def _holding(parent: Path) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", _HOLD, str(parent)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_what_a_killed_process_left_is_cleared_and_what_another_works_in_is_not(tmp_path: Path) -> None:
    with _holding(tmp_path) as first, _holding(tmp_path) as second:
        killed, at_work_still = _said(first), _said(second)
        first.kill()
        first.wait(30)
        assert sorted(folder.name for folder in tmp_path.iterdir()) == sorted([killed, at_work_still])
        others = {".worker", ".work-2026-10"}
        for name in others:
            (tmp_path / name).mkdir()
        with scratch_folder(tmp_path, ".work-") as mine:
            there = {folder.name for folder in tmp_path.iterdir()}
        assert there == {at_work_still, mine.name, *others}
        second.communicate("", timeout=30)
    assert {folder.name for folder in tmp_path.iterdir()} == others


def test_a_link_to_elsewhere_is_no_folder_of_ours(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("")
    (tmp_path / ".work-link").symlink_to(elsewhere)
    with scratch_folder(tmp_path, ".work-"):
        pass
    assert (elsewhere / "precious").exists()


def test_whoever_comes_too_late_is_told_that_the_folder_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    with at_work(folder) as is_there, deserted(folder) as is_deserted:
        assert (is_there, is_deserted) == (True, False)
    descriptor = os.open(folder, os.O_RDONLY)
    os.close(descriptor)
    with deserted(folder) as is_deserted:
        assert is_deserted
        folder.rmdir()
    with deserted(folder) as is_deserted:
        assert not is_deserted
