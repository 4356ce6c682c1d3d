"""Free loopback ports, below the range that outgoing connections take theirs from.

Several test processes may run side by side: each takes blocks of ports for itself, by the lock of a file that the system
gives back when the process ends, so that none picks a port which another has picked and not yet bound.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

_RANGE = range(20000, 32000)
_BLOCK = 100
_LOCKS = Path(tempfile.gettempdir()) / f"rtcstack-test-ports-{os.getuid()}"
_held: list[int] = []
"""Descriptors of the blocks' lock files; they are held until the process ends."""
_left: list[int] = []
"""Ports of our blocks that have not been given."""


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def _take_block() -> None:
    _LOCKS.mkdir(mode=0o700, exist_ok=True)
    firsts = list(_RANGE[::_BLOCK])
    random.shuffle(firsts)  # what a killed run left behind is not met at every start
    for first in firsts:
        lock = os.open(_LOCKS / str(first), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        _held.append(lock)
        _left.extend(range(first, first + _BLOCK))
        return
    raise RuntimeError(f"no free ports found: other test processes hold every block in {_LOCKS}")


def free_port() -> int:
    """Return a port that nobody listens on and that no running test process has been given."""
    while True:
        while _left:
            if _is_free(port := _left.pop()):
                return port
        _take_block()
