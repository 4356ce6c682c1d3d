"""The supervisor on commands that do what a test needs: die, hang, refuse."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rtcstack.appliance import state, stopping
from rtcstack.appliance.folder import DataFolder, Taken, take_lock
from rtcstack.appliance.health import Limits
from rtcstack.appliance.parts.part import Part, Unhealthy
from rtcstack.appliance.state import PartStatus
from rtcstack.appliance.supervisor import StartFailed, Supervisor

_LIMITS = Limits(
    check_every_s=0.05,
    check_s=0.1,
    patient_check_s=0.2,
    hung_after_s=1,
    start_s=5,
    first_pause_s=0.01,
    longest_pause_s=0.05,
)
_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


async def _well() -> None:
    return


def part(name: str, *argv: str, check: Callable[..., object] = _well, **more: object) -> Part:
    return Part(name=name, argv=argv, check=check, environment=_ENVIRONMENT, **more)  # type: ignore[arg-type]  # any field of Part


def supervisor_of(data: Path, *parts: Part, limits: Limits = _LIMITS) -> Supervisor:
    DataFolder(data).make()
    plan = stopping.StopPlan(data, data / "none.db", {part.name: part.stop for part in parts})
    return Supervisor(parts, plan, {}, lambda _snapshot: None, limits=limits)


async def _run(supervisor: Supervisor, ready: asyncio.Event) -> None:
    async def when_ready() -> None:
        ready.set()

    lock = take_lock(supervisor.folder)
    try:
        await supervisor.run(lock, lambda _text: None, when_ready)
    finally:
        os.close(lock)


@asynccontextmanager
async def up(data: Path, *parts: Part, limits: Limits = _LIMITS) -> AsyncIterator[Supervisor]:
    supervisor, ready = supervisor_of(data, *parts, limits=limits), asyncio.Event()
    running = asyncio.create_task(_run(supervisor, ready))
    waiting = asyncio.create_task(ready.wait())
    try:
        async with asyncio.timeout(20):
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        yield supervisor
    finally:
        waiting.cancel()
        supervisor.stop.set()
        await asyncio.gather(running, return_exceptions=True)
        assert stopping.running(data) == set()


def status_of(supervisor: Supervisor, name: str) -> PartStatus:
    return next(part for part in supervisor.snapshot.parts if part.name == name)


async def until(true: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"it did not come to this: {what}")


async def test_a_killed_part_is_started_again(tmp_path: Path) -> None:
    """At once, as it has lived for long enough: a pause would not end before the test's patience does."""
    limits = replace(_LIMITS, short_life_s=0, first_pause_s=600, longest_pause_s=600)
    async with up(tmp_path, part("steady", "sleep", "600"), limits=limits) as supervisor:
        status = status_of(supervisor, "steady")
        first = status.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(
            lambda: status.state == "healthy" and status.pid not in {None, first}, "another process, healthy"
        )
        assert status.deaths == 1


async def test_it_gives_up_after_five_deaths_and_the_others_stay(tmp_path: Path) -> None:
    dying = part("dying", "sleep", "0.3")
    async with up(tmp_path, part("steady", "sleep", "600"), dying) as supervisor:
        await until(lambda: status_of(supervisor, "dying").state == "failed", "the dying part is failed")
        assert "gave up after 5 deaths in 60 s: it ended with status 0" in status_of(supervisor, "dying").note
        assert status_of(supervisor, "steady").state == "healthy"
        written = state.read(supervisor.folder)
        assert written is not None
        assert not written.is_healthy


async def test_one_that_was_given_up_comes_back_when_what_killed_it_is_over(tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    mended.touch()
    ailing = part("ailing", "sh", "-c", f"while [ -e {mended} ]; do sleep 0.05; done")
    limits = replace(_LIMITS, again_s=0.5)
    async with up(tmp_path, ailing, limits=limits) as supervisor:
        status = status_of(supervisor, "ailing")
        mended.unlink()
        await until(lambda: status.state == "failed", "it is failed")
        mended.touch()
        await until(lambda: status.state == "healthy", "it is healthy again")


async def test_a_part_that_never_comes_up_fails_the_start_with_its_last_words(tmp_path: Path) -> None:
    async def refuse() -> None:
        raise Unhealthy("it does not answer")

    doomed = part("doomed", "sh", "-c", "echo the disk is on fire; exit 3", check=refuse)
    with pytest.raises(StartFailed, match=r"(?s)doomed: gave up.*status 3.*the disk is on fire"):
        async with up(tmp_path, part("steady", "sleep", "600"), doomed):
            pass


async def test_a_missing_program_is_a_death_as_well(tmp_path: Path) -> None:
    async def refuse() -> None:
        raise Unhealthy("it does not answer")

    with pytest.raises(StartFailed, match="no-such-program"):
        async with up(tmp_path, part("absent", "/no-such-program", check=refuse)):
            pass


async def test_a_part_that_stops_answering_is_unhealthy_until_it_answers(tmp_path: Path) -> None:
    complaints: list[str] = []

    async def check() -> None:
        if complaints:
            raise Unhealthy(complaints[0])

    async with up(tmp_path, part("moody", "sleep", "600", check=check)) as supervisor:
        status = status_of(supervisor, "moody")
        complaints.append("not now")
        await until(
            lambda: (status.state, status.note) == ("unhealthy", "not now"), "unhealthy, with its reason"
        )
        complaints.clear()
        await until(lambda: (status.state, status.note) == ("healthy", ""), "healthy again")


async def test_a_part_is_started_once_what_it_needs_is_healthy(tmp_path: Path) -> None:
    flag = tmp_path / "first-is-well"

    async def check() -> None:
        if not flag.is_file():
            raise Unhealthy("not yet")

    first = part("first", "sh", "-c", f"sleep 0.3; touch {flag}; sleep 600", check=check)
    second = part("second", "sh", "-c", f"test -f {flag} && sleep 600", after=("first",))
    async with up(tmp_path, first, second) as supervisor:
        assert status_of(supervisor, "second").deaths == 0


async def test_what_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    rule = stopping.StopRule(again_after_s=0.1, kill_after_s=0.2)
    stubborn = part("stubborn", "sh", "-c", "trap '' TERM; sleep 600 & wait; sleep 600", stop=rule)
    async with up(tmp_path, stubborn):
        pass  # the way out checks that no process is left


async def test_a_folder_has_one_appliance(tmp_path: Path) -> None:
    async with up(tmp_path, part("steady", "sleep", "600")) as supervisor:
        with pytest.raises(Taken, match="already runs"):
            take_lock(supervisor.folder)


async def test_a_killed_warden_is_replaced(tmp_path: Path) -> None:
    async with up(tmp_path, part("steady", "sleep", "600")):

        def wardens() -> list[int]:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            return [int(pid) for pid in children if b"warden" in Path(f"/proc/{pid}/cmdline").read_bytes()]

        await until(lambda: len(wardens()) == 1, "a warden")
        first = wardens()
        os.kill(first[0], signal.SIGKILL)
        await until(lambda: len(wardens()) == 1 and wardens() != first, "another warden")
