import asyncio

from structlog.testing import capture_logs

from rtcstack.workers.runner import Worker, Workers


async def test_work_is_done_until_there_is_none_and_again_when_woken() -> None:
    left, done = [3], asyncio.Event()

    async def run_once() -> bool:
        if not left[0]:
            done.set()
            return False
        left[0] -= 1
        return True

    worker = Worker("w", run_once, interval_s=60)
    workers = Workers([worker])
    workers.start()
    async with asyncio.timeout(5):
        await done.wait()
    done.clear()
    left[0] = 1
    worker.wake()
    async with asyncio.timeout(5):
        await done.wait()
    assert left == [0]
    await workers.stop()


async def test_who_did_something_wakes_those_that_follow() -> None:
    followed, work = asyncio.Event(), [True]

    async def follow() -> bool:
        if not work:
            followed.set()
        return False

    async def lead() -> bool:
        return bool(work) and work.pop()

    follower = Worker("b", follow, interval_s=60)
    workers = Workers([Worker("a", lead, interval_s=60, wakes=(follower,)), follower])
    workers.start()
    async with asyncio.timeout(5):
        await followed.wait()
    await workers.stop()


async def test_a_worker_outlives_what_its_work_raises() -> None:
    tries, well = [0], asyncio.Event()

    async def run_once() -> bool:
        tries[0] += 1
        if tries[0] == 1:
            raise ZeroDivisionError
        well.set()
        return False

    workers = Workers([Worker("w", run_once)])
    with capture_logs() as logs:
        workers.start()
        async with asyncio.timeout(5):
            await well.wait()
    assert [entry["failures"] for entry in logs] == [1]
    await workers.stop()


async def test_stopping_lets_the_work_at_hand_end() -> None:
    begun, ended = asyncio.Event(), []

    async def run_once() -> bool:
        begun.set()
        await asyncio.sleep(0.1)
        ended.append(True)
        return True

    workers = Workers([Worker("w", run_once)])
    workers.start()
    await begun.wait()
    await workers.stop()
    assert ended == [True]


async def test_work_that_does_not_end_is_cut_off() -> None:
    begun = asyncio.Event()

    async def run_once() -> bool:
        begun.set()
        await asyncio.sleep(3600)
        return True

    workers = Workers([Worker("w", run_once)], drain_s=0.05)
    workers.start()
    await begun.wait()
    async with asyncio.timeout(5):
        await workers.stop()
