"""One part by itself, from the same definition as the appliance's, without a supervisor."""

import asyncio
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from rtcstack.appliance import marker, stopping
from rtcstack.appliance.parts.part import Part, Unhealthy
from rtcstack.appliance.secrets import write_private

_START_S = 60.0


def _in_own_loop(check: Callable[[], Awaitable[object]]) -> str:
    """Run an async check outside of any loop the test has; return its complaint, empty when it is well."""
    complaint = ["it did not answer in time"]

    async def in_time() -> None:
        async with asyncio.timeout(5):
            await check()

    def run() -> None:
        try:
            asyncio.run(in_time())
            complaint[0] = ""
        except (Unhealthy, TimeoutError) as e:
            complaint[0] = str(e) or complaint[0]

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return complaint[0]


class SinglePart:
    """A real server: `start` waits until it answers, `stop` until it is gone; both may be called again."""

    def __init__(self, part: Part, data: Path) -> None:
        self.part, self.data = part, data
        self.log = data / "logs" / f"{part.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        (self.data / "run").mkdir(parents=True, exist_ok=True)
        for folder in self.part.folders:
            folder.mkdir(parents=True, exist_ok=True)
        for file, text in self.part.files.items():
            write_private(file, text)
        environment = {**self.part.environment, marker.VARIABLE: marker.mark(self.data, self.part.name)}
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.part.argv, env=environment, stdout=out, stderr=out, start_new_session=True
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while complaint := _in_own_loop(self.part.check):
            dead = self._process is not None and self._process.poll() is not None
            if dead or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(
                    f"{self.part.name} did not start: {complaint}\n{self.log.read_text()[-2000:]}"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            stopping.stop_part(self.data, self.part.name, self.part.stop)
            self._process.wait(timeout=20)
            self._process = None
