import os
import signal
import subprocess
from pathlib import Path

from rtcstack.appliance import marker


def _sleep(data: Path, part: str, *argv: str) -> "subprocess.Popen[bytes]":
    environment = {"PATH": "/usr/bin:/bin", marker.VARIABLE: marker.mark(data, part)}
    return subprocess.Popen(argv or ("sleep", "600"), env=environment, start_new_session=True)


def test_it_finds_the_processes_of_this_folder_only(tmp_path: Path) -> None:
    ours, others = _sleep(tmp_path / "a", "redis"), _sleep(tmp_path / "ab", "redis")
    try:
        (found,) = marker.processes(tmp_path / "a")
        assert (found.pid, found.part, found.parent) == (ours.pid, "redis", os.getpid())
        found.close()
    finally:
        for process in (ours, others):
            process.kill()
            process.wait()
    assert marker.processes(tmp_path / "a") == []


def test_a_child_is_found_and_is_no_root_until_it_is_an_orphan(tmp_path: Path) -> None:
    parent = _sleep(tmp_path, "egress", "sh", "-c", "sleep 600 & wait")
    try:
        while len(found := marker.processes(tmp_path)) < 2:
            for process in found:
                process.close()
        assert [process.pid for process in marker.roots(found)] == [parent.pid]
        (child,) = (process for process in found if process.pid != parent.pid)
        for process in found:
            if process is not child:
                process.close()
        parent.kill()
        parent.wait()
        (orphan,) = marker.processes(tmp_path)
        assert orphan.pid == child.pid
        assert [process.pid for process in marker.roots([orphan])] == [child.pid]
        orphan.close()
        child.send(signal.SIGKILL)
        child.close()
    finally:
        parent.kill()
        parent.wait()
