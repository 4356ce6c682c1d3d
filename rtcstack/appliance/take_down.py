"""What `rtcstack down` does: asks the supervisor to stop, and waits until nothing is left."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable

from rtcstack.appliance import drain, state
from rtcstack.appliance.folder import DataFolder, Taken, is_taken, take_lock
from rtcstack.appliance.stopping import WITHOUT_STORE, Say, StopPlan, in_order, lacks_store, running, stop_all
from rtcstack.appliance.waiting import Waiting

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


def _follow(plan: StopPlan, say: Say, known: set[str], is_stopping: Callable[[], bool]) -> None:
    """Tell of every part that goes, by its processes: they are there whoever stops them.

    `known` is what ran before anything was asked to stop: the quickest one is told of as well.
    """
    waiting = Waiting(say)
    if lacks_store(known):
        say(f"  {WITHOUT_STORE}")
    goes_on = True
    while goes_on:
        goes_on = is_stopping()  # asked before the look: what goes in between is still told
        alive = running(plan.data)
        for name in in_order(known - alive):
            say(f"  {name:<8} stopped")
        known = alive
        if alive and goes_on:
            name = in_order(alive)[0]
            longest_s = plan.rule(name, alive).longest_s
            waiting.on(name, longest_s + (drain.TIMEOUT_S if name == "api" else 0))
        time.sleep(_LOOK_EVERY_S if goes_on else 0)


def _stop_left_over(plan: StopPlan, say: Say, left: set[str]) -> None:
    """Do what neither a supervisor nor its warden is there to do; the lock keeps another start away meanwhile."""
    folder = DataFolder(plan.data)
    with contextlib.ExitStack() as held:
        if folder.run.is_dir():
            held.callback(os.close, take_lock(folder))
        stopping = threading.Thread(target=stop_all, args=(plan, lambda _text: None), daemon=True)
        stopping.start()
        _follow(plan, say, left, stopping.is_alive)


def take_down(plan: StopPlan, say: Say) -> bool:
    """Stop the appliance of the folder and wait for it; return whether there was one.

    Parts that outlived both their supervisor and its warden are one as well.
    """
    folder = DataFolder(plan.data)
    known = running(plan.data)
    if not is_taken(folder):
        if not known:
            return False
        say(f"No supervisor runs on {plan.data}; stopping what it left: {', '.join(in_order(known))}.")
        with contextlib.suppress(Taken):  # a new start was quicker: it is stopped like any other
            _stop_left_over(plan, say, known)
            return True
    say("Stopping: recordings are finished first.")
    _ask(folder)
    _follow(plan, say, known, lambda: is_taken(folder))
    return True
