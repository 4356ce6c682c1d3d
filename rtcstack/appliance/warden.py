"""A small process that outlives a killed supervisor and stops what it left, in the same order.

It waits on a pipe whose other end only the supervisor holds. A byte means that all is stopped; end of file means that
the supervisor is gone. It also holds the data folder's lock, so that no second appliance starts while the first is
still being stopped, and the writing end of the pipe that tells our own parts to stop, so that they wait for their turn.

Run as `rtcstack warden PIPE`, with the plan on standard input; imports nothing beyond the standard library.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.appliance.stopping import StopPlan, stop_all
from rtcstack.spawn import spawn_argv

_DONE = b"."


@dataclass(slots=True)
class Warden:
    """The supervisor's side."""

    process: subprocess.Popen[bytes]
    pipe: int

    def dismiss(self) -> None:
        """Say that all is stopped, and wait until the warden is gone."""
        with contextlib.suppress(BrokenPipeError):  # it may have been killed
            os.write(self.pipe, _DONE)
        os.close(self.pipe)
        self.process.wait()


def start(plan: StopPlan, held: tuple[int, ...], log: int) -> Warden:
    """Start the warden; it inherits `held`, the descriptors that have to stay open after a killed supervisor."""
    reading, writing = os.pipe()
    process = subprocess.Popen(  # noqa: S603 - our own program
        spawn_argv("warden", str(reading)),
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        pass_fds=(reading, *held),
        start_new_session=True,
    )
    os.close(reading)
    assert process.stdin is not None
    process.stdin.write(plan.to_json().encode())
    process.stdin.close()
    return Warden(process, writing)


def main(arguments: Sequence[str]) -> int:
    """The warden itself."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when the supervisor has ended, never before
    plan = StopPlan.from_json(sys.stdin.read())
    if os.read(int(arguments[0]), 1) == _DONE:
        return 0
    print("the supervisor is gone: stopping its parts", flush=True)  # noqa: T201 - into the supervisor's log
    stop_all(plan, lambda text: print(text, flush=True))  # noqa: T201 - as above
    return 0
