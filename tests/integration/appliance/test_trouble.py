"""Who is started again, and who is not: parts that hang, that complain, that need another one."""

import asyncio
import os
import signal
from pathlib import Path

from rtcstack.appliance.parts.part import Unhealthy
from tests.integration.appliance.test_supervisor import part, status_of, until, up


class Moods:
    """A check that passes, complains, or says nothing, as it is told to."""

    def __init__(self) -> None:
        self.complaint = ""
        self.is_silent = False

    async def check(self) -> None:
        if self.is_silent:
            await asyncio.sleep(3600)
        if self.complaint:
            raise Unhealthy(self.complaint)


async def test_a_part_that_hangs_is_ended_and_started_again(tmp_path: Path) -> None:
    moods = Moods()
    async with up(tmp_path, part("stuck", "sleep", "600", check=moods.check)) as supervisor:
        status = status_of(supervisor, "stuck")
        first = status.pid
        moods.is_silent = True
        await until(lambda: status.deaths == 1, "it is ended")
        moods.is_silent = False
        await until(lambda: status.state == "healthy" and status.pid != first, "another process, healthy")


async def test_one_that_answers_with_an_error_is_left_alone(tmp_path: Path) -> None:
    moods = Moods()
    async with up(tmp_path, part("moody", "sleep", "600", check=moods.check)) as supervisor:
        status = status_of(supervisor, "moody")
        first, moods.complaint = status.pid, "not now"
        await until(lambda: status.state == "unhealthy", "unhealthy")
        await asyncio.sleep(1.5)
        assert (status.state, status.pid) == ("unhealthy", first)


async def test_one_answer_in_between_is_enough(tmp_path: Path) -> None:
    moods = Moods()
    async with up(tmp_path, part("slow", "sleep", "600", check=moods.check)) as supervisor:
        status = status_of(supervisor, "slow")
        first = status.pid
        for _ in range(4):
            moods.is_silent = True
            await asyncio.sleep(0.5)
            moods.is_silent = False
            await until(lambda: status.state == "healthy", "it answers again")
        assert status.pid == first


async def test_a_part_is_not_blamed_for_the_one_it_needs(tmp_path: Path) -> None:
    """It says nothing since the other one says nothing."""
    bus, own = Moods(), Moods()
    parts = (
        part("bus", "sleep", "600", check=bus.check),
        part("user", "sleep", "600", check=own.check, needs=("bus",)),
    )
    async with up(tmp_path, *parts) as supervisor:
        status = status_of(supervisor, "user")
        first, bus.complaint, own.is_silent = status.pid, "MISCONF no space left", True
        note = "it needs bus, which is unwell: MISCONF no space left"
        await until(lambda: (status.state, status.note) == ("unhealthy", note), "the cause is named")
        await asyncio.sleep(1.5)
        assert status.pid == first


async def test_what_dies_without_the_part_it_needs_waits_for_it_and_is_not_given_up(tmp_path: Path) -> None:
    bus = Moods()
    fragile = part("fragile", "sh", "-c", f"test -e {tmp_path}/no-bus && exit 1; sleep 600", needs=("bus",))
    async with up(tmp_path, part("bus", "sleep", "600", check=bus.check), fragile) as supervisor:
        status = status_of(supervisor, "fragile")
        assert status.pid is not None
        bus.complaint = "MISCONF no space left"
        (tmp_path / "no-bus").touch()
        os.kill(status.pid, signal.SIGKILL)
        await until(lambda: status.note.endswith("MISCONF no space left"), "it waits, and says for what")
        await asyncio.sleep(1)
        assert (status.state, status.pid, status.deaths) == ("restarting", None, 0)
        (tmp_path / "no-bus").unlink()
        bus.complaint = ""
        await until(lambda: status.state == "healthy", "it is started again")
