"""The process that stands by: it serves the next call, and goes with whoever it stands by for."""

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from rtcstack.adapters.media import children
from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.ports.media import MediaSource

_PATIENCE_S = 20

_PARENT = """
import asyncio, sys
from pathlib import Path
from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.ports.media import MediaSource
async def main():
    media = MediaProcesses()
    await media.probe(MediaSource(files=(Path(sys.argv[1]),)))
    print("ready", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def _children(pid: int) -> set[psutil.Process]:
    return {
        child
        for child in psutil.Process(pid).children()
        if child.status() != psutil.STATUS_ZOMBIE and child.cmdline()[-1:] == ["media"]
    }


async def _until(is_so: Callable[[], bool], told: str) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(told) from None


@pytest.fixture
def mine() -> Callable[[], set[psutil.Process]]:
    """Those of the test: what other tests share may stand by as well."""
    before = _children(os.getpid())
    return lambda: _children(os.getpid()) - before


@pytest.fixture
def local(file: Path) -> MediaSource:
    return MediaSource(files=(file,))


async def test_the_next_call_has_the_process_that_stood_by(
    mine: Callable[[], set[psutil.Process]], local: MediaSource
) -> None:
    media = MediaProcesses()
    assert mine() == set()
    await media.probe(local)
    (first,) = mine()
    await media.probe(local)
    (second,) = mine()
    assert first != second
    assert not first.is_running()


async def test_it_is_nice(mine: Callable[[], set[psutil.Process]], local: MediaSource) -> None:
    media = MediaProcesses()
    await media.probe(local)
    (process,) = mine()
    await _until(lambda: process.nice() == 10, "it does not step back")


async def test_one_that_has_died_is_replaced(
    mine: Callable[[], set[psutil.Process]], local: MediaSource
) -> None:
    media = MediaProcesses()
    before = await media.probe(local)
    (process,) = mine()
    process.kill()
    await _until(lambda: process.status() == psutil.STATUS_ZOMBIE, "it does not die")
    assert await media.probe(local) == before


async def test_it_is_ended_when_nobody_needs_it(
    mine: Callable[[], set[psutil.Process]], local: MediaSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "_STANDS_BY_S", 0.1)
    media = MediaProcesses()
    before = await media.probe(local)
    await _until(lambda: not mine(), "it stands by for ever")
    assert await media.probe(local) == before


async def test_it_goes_with_whom_it_stood_by_for(
    mine: Callable[[], set[psutil.Process]], local: MediaSource
) -> None:
    media = MediaProcesses()
    await media.probe(local)
    assert mine()
    del media
    gc.collect()
    assert mine() == set()


async def test_it_ends_with_a_killed_parent(file: Path) -> None:
    command = [sys.executable, "-c", _PARENT, str(file)]
    parent = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert parent.stdout
    assert await parent.stdout.readline() == b"ready\n"
    (process,) = _children(parent.pid)
    parent.kill()
    await parent.wait()
    await _until(
        lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "it outlives its parent"
    )
