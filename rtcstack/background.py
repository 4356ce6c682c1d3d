"""How a child that works in the background behaves: it gives way to everything else, and ends with whoever started it."""

import contextlib
import ctypes
import os
import signal
from typing import Final

_NICENESS: Final = 10
_PR_SET_PDEATHSIG: Final = 1


def step_back() -> None:
    """Die with the parent, also while busy, and take what the API leaves of the processor; twice is no more than once."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    niceness = max(os.getpriority(os.PRIO_PROCESS, 0), _NICENESS)
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    with contextlib.suppress(OSError):  # a sandbox may not know it
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
