"""How children behave towards each other: one that works in the background gives way to everything else and ends with whoever
started it; one whose work cannot be repeated goes first.
"""

import contextlib
import ctypes
import os
import signal
from typing import Final

_NICENESS: Final = 10
_URGENT: Final = -5
_PR_SET_PDEATHSIG: Final = 1


def end_with_parent() -> None:
    """Die with the thread that started this process, also while busy."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def step_back() -> None:
    """Die with the parent, and take what the API leaves of the processor; twice is no more than once."""
    end_with_parent()
    niceness = max(os.getpriority(os.PRIO_PROCESS, 0), _NICENESS)
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    with contextlib.suppress(OSError):  # a sandbox may not know it
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def step_forward() -> None:
    """Go before other processes, where that is allowed; threads that are started from now on do so too.

    Whoever was started to give way (`nice`) goes on giving way.
    """
    if os.getpriority(os.PRIO_PROCESS, 0) <= 0:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, _URGENT)
