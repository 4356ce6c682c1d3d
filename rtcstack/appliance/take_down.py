"""What `rtcstack down` does: asks the supervisor to stop, and waits until nothing is left."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable

from rtcstack.appliance import state
from rtcstack.appliance.folder import DataFolder, Taken, is_taken, take_lock
from rtcstack.appliance.stopping import Say, StopPlan, in_order, running, stop_all
from rtcstack.appliance.waiting import Waiting

_LOOK_EVERY_S = 0.1
_REACTS_WITHIN_S = 3.0


def _ask(folder: DataFolder, say: Say) -> None:
    """Send SIGTERM to the supervisor, if it lives; otherwise its warden is already at work."""
    snapshot = state.read(folder)
    if snapshot is None:
        return
    try:
        pidfd = os.pidfd_open(snapshot.supervisor_pid)
    except ProcessLookupError:
        return
    try:
        if snapshot.has_supervisor:
            signal.pidfd_send_signal(pidfd, signal.SIGTERM)
            signal.pidfd_send_signal(pidfd, signal.SIGCONT)  # Ctrl-Z may have halted it
    finally:
        os.close(pidfd)
    if snapshot.is_silent:
        _tell_if_it_hangs(folder, say)


def _tell_if_it_hangs(folder: DataFolder, say: Say) -> None:
    deadline = time.monotonic() + _REACTS_WITHIN_S
    while (snapshot := state.read(folder)) is not None and snapshot.is_silent:
        if time.monotonic() > deadline:
            pid = snapshot.supervisor_pid
            say(
                f"The supervisor (pid {pid}) hangs: it does not react to SIGTERM. To have the parts stopped in "
                f"order by its warden: kill -KILL {pid}"
            )
            return
        time.sleep(_LOOK_EVERY_S)


def _follow(plan: StopPlan, say: Say, known: set[str], is_stopping: Callable[[], bool]) -> None:
    """Tell of every part that goes, by its processes: they are there whoever stops them.

    `known` is what ran before anything was asked to stop: the quickest one is told of as well.
    """
    waiting = Waiting(say)
    if lack := plan.lack_of_store(known):
        say(f"  {lack}")
    goes_on = True
    while goes_on:
        goes_on = is_stopping()  # asked before the look: what goes in between is still told
        alive = running(plan.data)
        for name in in_order(known - alive):
            say(f"  {name:<8} stopped")
        known = alive
        if alive and goes_on:
            name = in_order(alive)[0]
            waiting.on(name, plan.longest_s(name, has_store=not lack))
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
    _ask(folder, say)
    _follow(plan, say, known, lambda: is_taken(folder))
    return True
