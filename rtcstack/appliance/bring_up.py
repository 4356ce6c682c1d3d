"""What `rtcstack up` does: in the foreground it is the supervisor itself, detached it starts one and follows it."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping

from rtcstack.appliance import free_space, interfaces, logs, start, state
from rtcstack.appliance.faults import CannotStart
from rtcstack.appliance.folder import DataFolder, Taken, is_taken
from rtcstack.appliance.narrator import Narrator
from rtcstack.appliance.parts import Programs
from rtcstack.appliance.provision import provision
from rtcstack.appliance.supervisor import READY_WITHIN_S
from rtcstack.appliance.welcome import welcome
from rtcstack.settings import Settings
from rtcstack.spawn import spawn_argv

_LOOK_EVERY_S = 0.05
_MORE_THAN_READY_S = 60.0
"""What a detached supervisor may take on top: leftovers of a killed one are stopped first."""


def say(text: str) -> None:
    """Print a line; a closed terminal or a full disk must not disturb what is being told about."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def in_foreground(settings: Settings, environ: Mapping[str, str], *, selfcheck: bool) -> bool:
    """Run the appliance in this process until it is told to stop; return whether the self-check went well.

    Raises:
        CannotStart: nothing runs then.
    """
    went_well = [True]

    async def greet(complete: Settings) -> None:
        went_well[0] = await welcome(complete, environ, say, selfcheck=selfcheck)

    programs = _begin(settings, environ)
    start.supervise(settings, environ, programs, Narrator(say), say, greet)
    return went_well[0]


def supervise_silently(settings: Settings, environ: Mapping[str, str]) -> None:
    """Be the detached supervisor; its output goes to the supervisor's log.

    Raises:
        CannotStart: nothing runs then.
    """

    async def ready(_complete: Settings) -> None:
        say("ready")

    start.supervise(settings, environ, provision(settings, environ), Narrator(say), say, ready)


def detached(settings: Settings, environ: Mapping[str, str], *, selfcheck: bool) -> bool:
    """Start a supervisor in a session of its own and return once it is ready; the rest as `in_foreground`."""
    _begin(settings, environ)
    folder = DataFolder(settings.data)
    folder.make()
    supervisor = _spawn(folder, environ)
    try:
        _follow(folder, supervisor)
    except BaseException:
        supervisor.terminate()  # also on Ctrl-C: nobody knows of an appliance that is half up
        raise
    return asyncio.run(welcome(start.with_secrets(settings, environ), environ, say, selfcheck=selfcheck))


def _begin(settings: Settings, environ: Mapping[str, str]) -> Programs:
    """Refuse early, before anything is built."""
    if is_taken(DataFolder(settings.data)):
        raise Taken(f"An appliance already runs on {settings.data}, or is still stopping.")
    free_space.check(settings)
    say(f"Starting rtcstack on {settings.data}")
    if not interfaces.has_usable():
        say(interfaces.ADVICE)
    return provision(settings, environ)


def _spawn(folder: DataFolder, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    folder.supervisor_log.unlink(missing_ok=True)
    with os.fdopen(logs.open_log(folder.supervisor_log), "ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program
            spawn_argv("supervise", "--data", str(folder.path)),
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _follow(folder: DataFolder, supervisor: subprocess.Popen[bytes]) -> None:
    """Show what becomes of the parts until all are ready."""
    narrator = Narrator(say)
    deadline = time.monotonic() + READY_WITHIN_S + _MORE_THAN_READY_S
    while time.monotonic() < deadline:
        snapshot = state.read(folder)
        if snapshot is not None and snapshot.supervisor_pid == supervisor.pid:
            narrator(snapshot)
            if snapshot.ready:
                supervisor.returncode = 0  # it is not ours to wait for: without this, Popen warns
                return
        if supervisor.poll() is not None:
            raise CannotStart(logs.tail(folder.supervisor_log, lines=40))
        time.sleep(_LOOK_EVERY_S)
    raise CannotStart(f"It is not ready yet. See {folder.supervisor_log}")
