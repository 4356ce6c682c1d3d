import asyncio

from structlog.testing import capture_logs

from rtcstack.egress.recorder.steadily import steadily, told_of


async def test_a_step_that_fails_is_taken_again_and_told_once() -> None:
    taken = asyncio.Queue[int]()

    async def step() -> None:
        taken.put_nowait(taken.qsize())
        if taken.qsize() < 4:
            raise Exception("no stats")  # noqa: TRY002 the client library raises just that

    with capture_logs() as logged:
        running = asyncio.ensure_future(steadily("look", lambda: 0.0, step))
        async with asyncio.timeout(60):
            while taken.qsize() < 6:
                await asyncio.sleep(0)
        running.cancel()
    assert [entry["event"] for entry in logged] == ["step_failed"]


async def test_a_task_that_fails_is_told_of_and_one_that_is_cancelled_is_not() -> None:
    async def fail() -> None:
        raise RuntimeError("nobody waits for this")

    with capture_logs() as logged:
        failing, waiting = asyncio.ensure_future(fail()), asyncio.ensure_future(asyncio.Event().wait())
        failing.add_done_callback(told_of)
        waiting.add_done_callback(told_of)
        await asyncio.wait({failing})
        waiting.cancel()
        await asyncio.wait({waiting})
        await asyncio.sleep(0)  # the callbacks of a task run after whoever waits for it
    assert [str(entry["exc_info"]) for entry in logged] == ["nobody waits for this"]
