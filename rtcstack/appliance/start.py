"""From settings to a running supervisor."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Mapping

from rtcstack.appliance import secrets
from rtcstack.appliance.folder import DataFolder, take_lock
from rtcstack.appliance.health import Limits
from rtcstack.appliance.parts import Programs, all_parts, stop_plan
from rtcstack.appliance.state import addresses
from rtcstack.appliance.stopping import Say
from rtcstack.appliance.supervisor import Changed, Supervisor
from rtcstack.settings import Settings, load


def with_secrets(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Make what secrets are missing and return the settings that hold them."""
    secrets.make_missing(settings)
    return load(environ, data=settings.data)


async def run_until_signalled(
    supervisor: Supervisor, lock: int, say: Say, when_ready: Callable[[], Awaitable[None]]
) -> None:
    """Run it; SIGTERM, SIGINT or SIGHUP stops it, a second one at once. The signals stay taken afterwards."""

    def asked_to_stop() -> None:
        if supervisor.stop.is_set():
            supervisor.hurry.set()
            say("stopping at once")
        else:
            supervisor.stop.set()
            say("stopping: recordings are finished first (once more to stop at once)")

    loop = asyncio.get_running_loop()

    def pass_on(_number: int, _frame: object) -> None:
        with contextlib.suppress(RuntimeError):  # all is stopped, and the loop with it
            loop.call_soon_threadsafe(asked_to_stop)

    # Not the loop's own handlers: they end with it, and a late Ctrl-C would look like a failure.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    await supervisor.run(lock, say, when_ready)


def supervise(
    settings: Settings,
    environ: Mapping[str, str],
    programs: Programs,
    changed: Changed,
    say: Say,
    when_ready: Callable[[Settings], Awaitable[None]],
) -> None:
    """Run the appliance until SIGTERM, SIGINT or SIGHUP; a second one stops it at once.

    Raises:
        Taken: another appliance runs on the data folder.
        PortsBusy: a port cannot be had.
        StartFailed: a part did not come up.
    """
    folder = DataFolder(settings.data)
    folder.make()
    lock = take_lock(folder)
    settings = with_secrets(settings, environ)
    parts = all_parts(settings, environ, programs)

    async def main() -> None:
        limits = Limits(hung_after_s=settings.supervisor.hung_after_s)
        supervisor = Supervisor(parts, stop_plan(settings), addresses(settings), changed, limits=limits)
        await run_until_signalled(supervisor, lock, say, lambda: when_ready(settings))

    asyncio.run(main())
