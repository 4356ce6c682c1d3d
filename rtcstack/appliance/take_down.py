"""What `rtcstack down` does: asks the supervisor to stop, and waits until nothing is left."""

import os
import signal
import time
from collections.abc import Callable

from rtcstack.appliance import state
from rtcstack.appliance.folder import DataFolder, is_taken
from rtcstack.appliance.stopping import in_order

_LOOK_EVERY_S = 0.1


def _ask(folder: DataFolder) -> None:
    """Send SIGTERM to the supervisor, if it lives; otherwise its warden is already at work."""
    snapshot = state.read(folder)
    if snapshot is None:
        return
    try:
        pidfd = os.pidfd_open(snapshot.supervisor_pid)
    except ProcessLookupError:
        return
    try:
        if state.birth(snapshot.supervisor_pid) == snapshot.supervisor_birth:
            signal.pidfd_send_signal(pidfd, signal.SIGTERM)
    finally:
        os.close(pidfd)


def take_down(folder: DataFolder, say: Callable[[str], None]) -> bool:
    """Stop the appliance of the folder and wait for it; return whether there was one."""
    if not is_taken(folder):
        return False
    say("Stopping: recordings are finished first.")
    _ask(folder)
    told: set[str] = set()
    while is_taken(folder):
        snapshot = state.read(folder)
        gone = {part.name for part in snapshot.parts if part.state == "stopped"} if snapshot else set()
        for name in in_order(gone - told):
            say(f"  {name:<8} stopped")
        told |= gone
        time.sleep(_LOOK_EVERY_S)
    return True
