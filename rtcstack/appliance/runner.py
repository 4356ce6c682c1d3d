"""Keeps one part running: starts it, asks after its health, starts it again when it dies, gives up loudly for a while."""

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Sequence

from rtcstack.appliance import free_space, logs, marker, state, stopping
from rtcstack.appliance.folder import DataFolder
from rtcstack.appliance.health import MISSES, Health, Limits
from rtcstack.appliance.parts.part import Part
from rtcstack.appliance.secrets import write_private
from rtcstack.appliance.state import PartState, PartStatus

CONTROL_VARIABLE = "RTCSTACK_CONTROL_FD"
_FIRST_CHECKS_S = 0.05


class Runner:
    """`run` lasts until it is cancelled. `needs` are the parts that it needs."""

    def __init__(
        self,
        part: Part,
        needs: Sequence[Part],
        folder: DataFolder,
        control: int,
        changed: Callable[[], None],
        limits: Limits,
    ) -> None:
        self.part, self._needs = part, needs
        self.status = PartStatus(part.name, part.address)
        self.log = folder.logs / f"{part.name}.log"
        self.healthy = asyncio.Event()
        """Set once, when the part is healthy for the first time."""
        self._folder, self._control, self._changed, self._limits = folder, control, changed, limits
        self._deaths: deque[float] = deque()
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        while True:
            began_s = time.monotonic()
            reason = await self._live_once()
            was_short = time.monotonic() - began_s < self._limits.short_life_s
            self.status.pid = self.status.birth = self.status.started_at_ms = None
            if await self._was_held(reason) or await self._was_out_of_space(reason):
                continue
            self._count_death()
            if self.status.deaths >= self._limits.deaths:
                gave_up = f"gave up after {self.status.deaths} deaths in {self._limits.within_s:.0f} s"
                again = f"it is tried again every {self._limits.again_s:.0f} s"
                self._show("failed", f"{gave_up}: {reason}; {again}")
                await asyncio.sleep(self._limits.again_s)
                continue
            self._show("restarting", reason)
            pause_s = self._limits.first_pause_s * 2 ** (self.status.deaths - 1) if was_short else 0.0
            await asyncio.sleep(min(pause_s, self._limits.longest_pause_s))

    def fail(self, reason: str) -> None:
        """Show that nobody looks after the part any more."""
        self._show("failed", reason)

    async def _was_held(self, reason: str) -> bool:
        """Wait while a part that this one needs is unwell; return whether one was, so that the death is not its own."""
        health, was_held = Health(self.part, self._needs, self._limits), False
        while fault := await health.fault_of_needed():
            was_held = True
            self._show("restarting", f"{reason}; {fault}")
            await asyncio.sleep(self._limits.check_every_s)
        return was_held

    async def _was_out_of_space(self, reason: str) -> bool:
        """Return whether it may have died of a full disk: then it is tried on and on, until there is room."""
        if not any(map(free_space.is_full, (self._folder.path, *self.part.folders))):
            return False
        self._show("restarting", f"{reason}; its disk is full")
        await asyncio.sleep(self._limits.longest_pause_s)
        return True

    def _count_death(self) -> None:
        now = time.monotonic()
        self._deaths.append(now)
        while now - self._deaths[0] > self._limits.within_s:
            self._deaths.popleft()
        self.status.deaths = len(self._deaths)

    def _show(self, now: PartState, note: str = "") -> None:
        if (now, note) != (self.status.state, self.status.note):
            self.status.state, self.status.note = now, note
            self._changed()

    async def _live_once(self) -> str:
        """Run the part from start to death; return why it died."""
        try:
            # Kept, since a forgotten process object kills its process.
            self._process = process = await self._start()
        except OSError as e:
            return f"it could not be started: {e}"
        watch = asyncio.create_task(self._watch())
        death = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({watch, death}, return_when=asyncio.FIRST_COMPLETED)
            reason = f"it ended with status {process.returncode}" if death.done() else watch.result()
        finally:
            watch.cancel()
            death.cancel()
            await asyncio.gather(watch, death, return_exceptions=True)
        # What it left behind goes too: its successor finds the ports and the files free.
        await asyncio.to_thread(stopping.stop_part, self._folder.path, self.part.name, stopping.StopRule())
        return reason

    async def _start(self) -> asyncio.subprocess.Process:
        self._show("starting")
        for place in self.part.folders:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file, text in self.part.files.items():
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                write_private(file, text)
        log = logs.open_log(self.log)
        try:
            return await self._spawn(log)
        finally:
            os.close(log)

    async def _spawn(self, log: int) -> asyncio.subprocess.Process:
        environment = {
            **self.part.environment,
            marker.VARIABLE: marker.mark(self._folder.path, self.part.name),
        }
        passed: tuple[int, ...] = ()
        if self.part.takes_control_pipe:
            passed = (self._control,)
            environment[CONTROL_VARIABLE] = str(self._control)
        process = await asyncio.create_subprocess_exec(
            *self.part.argv,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=passed,
            start_new_session=True,  # Ctrl-C at the terminal is ours alone: the order of stopping matters
        )
        self.status.pid, self.status.birth = process.pid, state.birth(process.pid)
        self.status.started_at_ms = time.time_ns() // 1_000_000
        self._changed()
        return process

    async def _watch(self) -> str:
        """Follow the part's health for as long as it lives; return why it has to be started anew."""
        health = Health(self.part, self._needs, self._limits)
        deadline = time.monotonic() + self._limits.start_s
        while complaint := await health.ask():
            if time.monotonic() > deadline:
                return f"it did not become healthy within {self._limits.start_s:.0f} s: {complaint}"
            self.status.note = complaint
            await asyncio.sleep(_FIRST_CHECKS_S)
        self._show("healthy")
        self.healthy.set()
        misses = 0
        while not health.is_hung:
            await asyncio.sleep(self._limits.check_every_s)
            logs.cap(self.log)
            complaint = await health.ask()
            misses = misses + 1 if complaint else 0
            if not misses or misses >= MISSES:
                self._show("unhealthy" if misses else "healthy", complaint)
        return f"it hung: it had not answered for {self._limits.hung_after_s:.0f} s"
