"""What a process asks of the system, as strace tells it: events are kept on the disk before they are answered."""

import re
import shutil
from pathlib import Path

_CALLS = "read,recvfrom,recvmsg,pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg"
_ASKED = re.compile(r'"POST /hooks/livekit ')
_WRITTEN = re.compile(r"pwrite64\(\d+<[^>]*/rtcstack\.db-wal>")
_KEPT = re.compile(r"f(?:data)?sync(?:\(\d+<[^>]*/rtcstack\.db-wal>| resumed>)\) += 0$")
_ANSWERED = re.compile(r'"HTTP/1\.1 200 ')


def traced(log: Path) -> tuple[str, ...]:
    """Return the words before a command that have its calls written down, in the order in which they return.

    The command itself is the child (`-D`), so that signals reach it; files and sockets are named (`-yy`).
    """
    assert shutil.which("strace"), "strace is missing; to get it: sudo apt-get install -y strace"
    return ("strace", "-D", "-f", "-q", "-yy", "-s", "64", "-o", str(log), "-e", f"trace={_CALLS}")


def answers(log: Path) -> list[bool]:
    """Return, for each event of LiveKit's that was answered with 200, whether the disk had said before that it has what was
    written to the database's log since the event was read.
    """
    kept: list[bool] = []
    is_asked = is_written = is_kept = False
    for line in log.read_text(errors="replace").splitlines():
        if _ASKED.search(line):
            is_asked, is_written, is_kept = True, False, False
        elif _WRITTEN.search(line):
            is_written = True
        elif _KEPT.search(line):
            is_kept = is_written
        elif _ANSWERED.search(line) and is_asked:
            kept.append(is_kept)
            is_asked = False
    return kept
