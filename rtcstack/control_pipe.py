"""A child of the supervisor notices that the supervisor is gone: the control pipe ends."""

import os
import threading
from collections.abc import Callable, Mapping
from typing import Final

CONTROL_FD: Final = "RTCSTACK_CONTROL_FD"
"""Names the pipe's reading end in the child's environment."""


def watch(environ: Mapping[str, str], on_end: Callable[[], None]) -> None:
    """Call `on_end` from a thread once the pipe ends; without a pipe do nothing."""
    if fd := environ.get(CONTROL_FD):
        threading.Thread(target=_wait, args=(int(fd), on_end), name="control-pipe", daemon=True).start()


def _wait(fd: int, on_end: Callable[[], None]) -> None:
    while os.read(fd, 1024):
        pass
    on_end()
