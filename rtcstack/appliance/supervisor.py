"""Starts the parts, watches them, stops them in order."""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rtcstack.appliance import busy_ports, logs, state, stopping, warden
from rtcstack.appliance.faults import CannotStart
from rtcstack.appliance.folder import DataFolder
from rtcstack.appliance.health import Limits
from rtcstack.appliance.parts.part import Part
from rtcstack.appliance.runner import Runner
from rtcstack.appliance.state import Snapshot
from rtcstack.appliance.stopping import StopPlan
from rtcstack.appliance.waiting import Waiting

_WARDEN_LOOK_S = 1.0
READY_WITHIN_S = 90.0
_LOOK_AGAIN_S = 0.02
_BEAT_S = 1.0
_LOOK_AT_END_S = 0.5
_WAY_OUT = "Ctrl-C or SIGTERM again: files are kept in the spool and uploaded at the next start"

Changed = Callable[[Snapshot], None]


class StartFailed(CannotStart):
    """A part did not come up; the message names it and shows the end of its log."""


class Supervisor:
    """One appliance on one data folder, whose lock the caller holds.

    `stop` asks for the orderly end; `hurry` cuts the waiting for recordings and deliveries short.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        plan: StopPlan,
        addresses: dict[str, str],
        changed: Changed,
        *,
        limits: Limits | None = None,
    ) -> None:
        self.stop = asyncio.Event()
        self.hurry = threading.Event()
        self.folder = DataFolder(plan.data)
        self._plan, self._changed, self._parts = plan, changed, parts
        self._limits = limits or Limits()
        self._control_reading, self._control_writing = os.pipe()
        self._runners = {
            part.name: Runner(
                part,
                [other for other in parts if other.name in part.needs],
                self.folder,
                self._control_reading,
                self._publish,
                self._limits,
            )
            for part in parts
        }
        pid = os.getpid()
        statuses = [runner.status for runner in self._runners.values()]
        self.snapshot = Snapshot(pid, state.birth(pid) or 0, addresses, statuses)

    def _publish(self) -> None:
        self._write()
        self._changed(self.snapshot)

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # everything runs on; whoever reads sees that nothing new came
            state.write(self.folder, self.snapshot)

    async def _keep_reporting(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_S)
            self._write()

    async def run(self, lock: int, say: stopping.Say, when_ready: Callable[[], Awaitable[None]]) -> None:
        """Run until `stop` is set; `when_ready` is awaited once, when every part is healthy.

        Raises:
            PortsBusy: before anything is started.
            StartFailed: a part did not come up; everything is stopped again.
        """
        await asyncio.to_thread(stopping.stop_all, self._plan, lambda text: say(f"left over: {text}"))
        busy_ports.check(self._parts)
        self._publish()
        watching = asyncio.gather(self._keep_warden(lock), self._keep_reporting())
        tasks = [asyncio.create_task(self._run_in_turn(runner)) for runner in self._runners.values()]
        try:
            if await self._come_up():
                self.snapshot.ready = True
                self._publish()
                await self._until_stopped(when_ready)
        finally:
            await self._go_down(tasks, watching, say)

    async def _until_stopped(self, when_ready: Callable[[], Awaitable[None]]) -> None:
        stopped = asyncio.create_task(self.stop.wait())
        greeting = asyncio.ensure_future(when_ready())
        try:
            await asyncio.wait({stopped, greeting}, return_when=asyncio.FIRST_COMPLETED)
            if greeting.done():
                greeting.result()
            await stopped
        finally:
            stopped.cancel()
            greeting.cancel()
            await asyncio.gather(stopped, greeting, return_exceptions=True)

    async def _run_in_turn(self, runner: Runner) -> None:
        for name in runner.part.after:
            if name in self._runners:
                await self._runners[name].healthy.wait()
        try:
            await runner.run()
        except Exception as e:  # noqa: BLE001 - a fault of ours shows as a failed part; the others stay watched
            runner.fail(f"the supervisor could not look after it: {e!r}")

    async def _come_up(self) -> bool:
        """Whether every part became healthy, rather than being told to stop before."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.snapshot.is_healthy:
            late = time.monotonic() > deadline
            for runner in self._runners.values():
                if runner.status.state == "failed" or (late and runner.status.state != "healthy"):
                    raise StartFailed(_failure(runner))
            if self.stop.is_set():
                return False
            await asyncio.sleep(_LOOK_AGAIN_S)
        return True

    async def _keep_warden(self, lock: int) -> None:
        """Keep a warden alive; dismiss it when cancelled."""
        log = logs.open_log(self.folder.supervisor_log)
        kept = (lock, self._control_writing)
        guard = warden.start(self._plan, kept, log)
        try:
            while True:
                await asyncio.sleep(_WARDEN_LOOK_S)
                if guard.process.poll() is not None:
                    guard.dismiss()
                    guard = warden.start(self._plan, kept, log)
        finally:
            guard.dismiss()
            os.close(log)

    def _show_stopped(self, name: str) -> None:
        if name in self._runners:  # not when a killed predecessor left something else
            status = self._runners[name].status
            status.state, status.pid, status.started_at_ms = "stopped", None, None
            self._publish()

    async def _go_down(
        self, tasks: list[asyncio.Task[None]], watching: asyncio.Future[Any], say: stopping.Say
    ) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        running = stopping.running(self.folder.path)
        for name, runner in self._runners.items():
            runner.status.state, runner.status.note = "stopping" if name in running else "stopped", ""
        self._publish()
        loop = asyncio.get_running_loop()

        def stopped(name: str) -> None:
            loop.call_soon_threadsafe(self._show_stopped, name)

        telling = asyncio.create_task(self._tell_what_it_waits_for(say))
        await asyncio.to_thread(stopping.stop_all, self._plan, say, self.hurry, stopped)
        telling.cancel()
        watching.cancel()
        await asyncio.gather(telling, watching, return_exceptions=True)
        for end in (self._control_reading, self._control_writing):
            os.close(end)

    async def _tell_what_it_waits_for(self, say: stopping.Say) -> None:
        lack = await asyncio.to_thread(self._plan.lack_of_store, stopping.running(self.folder.path))
        waiting = Waiting(say, way_out=_WAY_OUT)
        while alive := stopping.running(self.folder.path):
            if not self.hurry.is_set():
                name = stopping.in_order(alive)[0]
                waiting.on(name, self._plan.longest_s(name, has_store=not lack))
            await asyncio.sleep(_LOOK_AT_END_S)


def _failure(runner: Runner) -> str:
    words = logs.tail(runner.log) or "(it wrote nothing)"
    return (
        f"{runner.part.name}: {runner.status.note or runner.status.state}\nThe end of {runner.log}:\n{words}"
    )
