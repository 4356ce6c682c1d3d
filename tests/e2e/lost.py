"""An Egress worker that dies with its recorders and its spool."""

import asyncio
import shutil
import signal

from rtcstack.appliance import marker
from tests.support.appliance import Appliance

_WAIT_S = 30


async def lose_worker(appliance: Appliance) -> None:
    """Kill it, its zygote and its recorders, take away what they wrote, and return once another worker is healthy."""
    for process in marker.processes(appliance.data):
        if process.part == "egress":
            process.send(signal.SIGKILL)
        process.close()
    shutil.rmtree(appliance.settings.spool_path, ignore_errors=True)
    async with asyncio.timeout(_WAIT_S):
        while (await asyncio.to_thread(appliance.part, "egress"))["state"] != "healthy":
            await asyncio.sleep(0.5)
