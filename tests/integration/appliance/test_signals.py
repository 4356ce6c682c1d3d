"""What Ctrl-C does to a supervisor in the foreground."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtcstack.appliance import start
from rtcstack.appliance.folder import take_lock
from rtcstack.appliance.stopping import StopRule
from tests.integration.appliance.test_supervisor import part, supervisor_of

_NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _own_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _NUMBERS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def _run(data: Path, rule: StopRule) -> list[str]:
    """Supervise a part that ignores SIGTERM, press Ctrl-C once it runs; return what is said."""
    said: list[str] = []
    stubborn = part("egress", "sh", "-c", "trap '' TERM; sleep 600 & wait; sleep 600", stop=rule)
    supervisor = supervisor_of(data, stubborn)
    lock = take_lock(supervisor.folder)

    async def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    asyncio.run(start.run_until_signalled(supervisor, lock, said.append, interrupt))
    os.close(lock)
    return said


def test_a_ctrl_c_that_comes_when_all_is_stopped_changes_nothing(tmp_path: Path) -> None:
    _run(tmp_path, StopRule(kill_after_s=0.1))
    os.kill(os.getpid(), signal.SIGINT)  # not a KeyboardInterrupt


def test_a_long_wait_is_told_with_the_way_out_of_it(tmp_path: Path) -> None:
    said = _run(tmp_path, StopRule(again_after_s=2, kill_after_s=0.1))
    (waiting,) = (line for line in said if "waiting, up to 2 s" in line)
    assert "it finishes its recordings and uploads them" in waiting
    assert "kept in the spool and uploaded at the next start" in said[said.index(waiting) + 1]
    assert any(line.startswith("minio does not run") for line in said)
