"""Work that is done again and again for as long as a recording lasts, whatever becomes of one time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Never

from rtcstack.log import get

log = get(__name__)


async def steadily(what: str, every_s: Callable[[], float], step: Callable[[], Awaitable[None]]) -> Never:
    """Take the step after each pause, until cancelled. One that fails is logged, once as long as it fails in the same way."""
    told = ""
    while True:
        await asyncio.sleep(every_s())
        try:
            await step()
        except Exception as e:  # also whatever the client library raises: nobody else would begin anew
            if told != (told := repr(e)):
                log.warning("step_failed", step=what, exc_info=e)
        else:
            told = ""


def told_of(task: asyncio.Task[Any]) -> None:
    """Log what a task failed of that nobody waits for: `task.add_done_callback(told_of)`."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.error("task_failed", task=task.get_name(), exc_info=fault)
