"""The supervisor on commands that do what a test needs: die, hang, refuse."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rtcstack.appliance import state, stopping
from rtcstack.appliance.folder import DataFolder, Taken, take_lock
from rtcstack.appliance.parts.part import Part, Unhealthy
from rtcstack.appliance.runner import Limits
from rtcstack.appliance.state import PartStatus
from rtcstack.appliance.supervisor import StartFailed, Supervisor

_LIMITS = Limits(check_every_s=0.05, start_s=5, first_pause_s=0.01, longest_pause_s=0.05)
_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


async def _well() -> None:
    return


def _part(name: str, *argv: str, check: Callable[..., object] = _well, **more: object) -> Part:
    return Part(name=name, argv=argv, check=check, environment=_ENVIRONMENT, **more)  # type: ignore[arg-type]


def _supervisor(data: Path, *parts: Part) -> Supervisor:
    DataFolder(data).make()
    plan = stopping.StopPlan(data, data / "none.db", {part.name: part.stop for part in parts})
    return Supervisor(parts, plan, {}, lambda _snapshot: None, limits=_LIMITS)


async def _run(supervisor: Supervisor, ready: asyncio.Event) -> None:
    async def when_ready() -> None:
        ready.set()

    lock = take_lock(supervisor.folder)
    try:
        await supervisor.run(lock, lambda _text: None, when_ready)
    finally:
        os.close(lock)


@asynccontextmanager
async def _up(data: Path, *parts: Part) -> AsyncIterator[Supervisor]:
    supervisor, ready = _supervisor(data, *parts), asyncio.Event()
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


def _status(supervisor: Supervisor, name: str) -> PartStatus:
    return next(part for part in supervisor.snapshot.parts if part.name == name)


async def _until(true: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"it did not come to this: {what}")


async def test_a_killed_part_is_started_again(tmp_path: Path) -> None:
    async with _up(tmp_path, _part("steady", "sleep", "600")) as supervisor:
        status = _status(supervisor, "steady")
        first = status.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await _until(
            lambda: status.state == "healthy" and status.pid not in {None, first}, "another process, healthy"
        )
        assert status.deaths == 1


async def test_it_gives_up_after_five_deaths_and_the_others_stay(tmp_path: Path) -> None:
    dying = _part("dying", "sleep", "0.3")
    async with _up(tmp_path, _part("steady", "sleep", "600"), dying) as supervisor:
        await _until(lambda: _status(supervisor, "dying").state == "failed", "the dying part is failed")
        assert "gave up after 5 deaths in 60 s: it ended with status 0" in _status(supervisor, "dying").note
        assert _status(supervisor, "steady").state == "healthy"
        written = state.read(supervisor.folder)
        assert written is not None
        assert not written.is_healthy


async def test_a_part_that_never_comes_up_fails_the_start_with_its_last_words(tmp_path: Path) -> None:
    async def refuse() -> None:
        raise Unhealthy("it does not answer")

    doomed = _part("doomed", "sh", "-c", "echo the disk is on fire; exit 3", check=refuse)
    with pytest.raises(StartFailed, match=r"(?s)doomed: gave up.*status 3.*the disk is on fire"):
        async with _up(tmp_path, _part("steady", "sleep", "600"), doomed):
            pass


async def test_a_missing_program_is_a_death_as_well(tmp_path: Path) -> None:
    async def refuse() -> None:
        raise Unhealthy("it does not answer")

    with pytest.raises(StartFailed, match="no-such-program"):
        async with _up(tmp_path, _part("absent", "/no-such-program", check=refuse)):
            pass


async def test_a_part_that_stops_answering_is_unhealthy_until_it_answers(tmp_path: Path) -> None:
    complaints: list[str] = []

    async def check() -> None:
        if complaints:
            raise Unhealthy(complaints[0])

    async with _up(tmp_path, _part("moody", "sleep", "600", check=check)) as supervisor:
        status = _status(supervisor, "moody")
        complaints.append("not now")
        await _until(
            lambda: (status.state, status.note) == ("unhealthy", "not now"), "unhealthy, with its reason"
        )
        complaints.clear()
        await _until(lambda: (status.state, status.note) == ("healthy", ""), "healthy again")


async def test_a_part_is_started_once_what_it_needs_is_healthy(tmp_path: Path) -> None:
    flag = tmp_path / "first-is-well"

    async def check() -> None:
        if not flag.is_file():
            raise Unhealthy("not yet")

    first = _part("first", "sh", "-c", f"sleep 0.3; touch {flag}; sleep 600", check=check)
    second = _part("second", "sh", "-c", f"test -f {flag} && sleep 600", after=("first",))
    async with _up(tmp_path, first, second) as supervisor:
        assert _status(supervisor, "second").deaths == 0


async def test_what_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    rule = stopping.StopRule(again_after_s=0.1, kill_after_s=0.2)
    stubborn = _part("stubborn", "sh", "-c", "trap '' TERM; sleep 600 & wait; sleep 600", stop=rule)
    async with _up(tmp_path, stubborn):
        pass  # the way out checks that no process is left


async def test_a_folder_has_one_appliance(tmp_path: Path) -> None:
    async with _up(tmp_path, _part("steady", "sleep", "600")) as supervisor:
        with pytest.raises(Taken, match="already runs"):
            take_lock(supervisor.folder)


async def test_a_killed_warden_is_replaced(tmp_path: Path) -> None:
    async with _up(tmp_path, _part("steady", "sleep", "600")):

        def wardens() -> list[int]:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            return [int(pid) for pid in children if b"warden" in Path(f"/proc/{pid}/cmdline").read_bytes()]

        await _until(lambda: len(wardens()) == 1, "a warden")
        first = wardens()
        os.kill(first[0], signal.SIGKILL)
        await _until(lambda: len(wardens()) == 1 and wardens() != first, "another warden")
