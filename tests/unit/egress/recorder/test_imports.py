"""The zygote imports the recorder before it forks: no native client and no thread may come of that."""

import subprocess
import sys

PROGRAM = """
import threading
import rtcstack.egress.recorder.main
from livekit.rtc._ffi_client import FfiClient
assert FfiClient._instance is None, "the native client was started"
assert threading.active_count() == 1, threading.enumerate()
"""


def test_importing_starts_nothing() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60)
