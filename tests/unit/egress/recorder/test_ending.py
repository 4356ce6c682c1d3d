"""A recorder whose native library hangs as it leaves the room."""

import subprocess
import sys

_HANGS = """
import ctypes
from rtcstack.egress.recorder import main
main._end_within(0.2, 7)
ctypes.CDLL(None).sleep(60)
"""


def test_it_ends_although_a_native_call_does_not_return() -> None:
    assert subprocess.run([sys.executable, "-c", _HANGS], timeout=30, check=False).returncode == 7
