"""Two workers, and a machine half of which is busy: the one with its cores free claims first."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rtcstack.adapters.psrpc.readiness import FleetReadiness
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess

pytestmark = pytest.mark.alone  # whatever else runs would keep the other half busy
_BUSY, _CALM = 0.8, 0.4
"""Of its one core; so one claim comes 16 ms after the other, or more."""
_STARTS = 6
_WITHIN_S = 60
_BURN = "while True: pass"


@contextmanager
def _burning(cpu: int) -> Iterator[None]:
    """Keep a core busy with work that gives way to any other, and counts in `/proc/stat` like it."""
    with subprocess.Popen([sys.executable, "-c", _BURN]) as burner:
        try:
            os.sched_setaffinity(burner.pid, {cpu})
            os.sched_setscheduler(burner.pid, os.SCHED_IDLE, os.sched_param(0))
            yield
        finally:
            burner.kill()


async def test_the_worker_whose_cores_are_free_takes_the_recordings(
    stopped_worker: WorkerProcess,
    other_worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    fleet: FleetReadiness,
) -> None:
    busy_cpu, calm_cpu, *_ = sorted(os.sched_getaffinity(0))
    stopped_worker.start()
    other_worker.start()
    stopped_worker.keep_to({busy_cpu})
    other_worker.keep_to({calm_cpu})
    with _burning(busy_cpu):
        for number in range(_STARTS):
            await _until_half_is_busy(fleet)
            started = await caller.start(filepath=f"{caller.room_name}/{number}.mp4")
            assert [worker.folders() for worker in (stopped_worker, other_worker)] == [
                [],
                [started.egress_id],
            ]
            await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
            await caller.stop(started.egress_id)
            await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
            await other_worker.wait_until_empty()


async def _until_half_is_busy(fleet: FleetReadiness) -> None:
    """Wait until one of the workers says that its core is taken, and the other that it is not."""
    said: list[float] = []
    try:
        async with asyncio.timeout(_WITHIN_S):
            while len(said) < 2 or said[0] > _CALM or said[1] < _BUSY:
                await asyncio.sleep(0.1)
                found = await fleet.capacity()
                said = sorted((one.cores_needed + one.cores_other) / one.cores for one in found.workers)
    except TimeoutError:
        raise AssertionError(f"of their cores are busy: {said}") from None
