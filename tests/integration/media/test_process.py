"""The child processes themselves: they are nice, tell no secrets, and never outlive who asked for them."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from rtcstack.adapters.media import process
from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.errors import PartUnavailable
from rtcstack.ports.media import MediaSource
from tests.support.range_server import serving

_PATIENCE_S = 20

_PARENT = """
import asyncio, sys
from pathlib import Path
from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.ports.media import MediaSource
media = MediaProcesses(allow_loopback=True)
asyncio.run(media.poster(MediaSource(sys.stdin.readline().strip()), Path(sys.argv[1])))
"""


_others: set[int] = set()
"""What stood by before the test began, for other tests."""


@pytest.fixture(autouse=True)
def _of_others() -> None:
    _others.clear()
    _others.update(child.pid for child in _children(os.getpid()))


def _children(pid: int) -> list[psutil.Process]:
    found = psutil.Process(pid).children(recursive=True)
    running = [child for child in found if child.pid not in _others and child.is_running()]
    return [child for child in running if child.cmdline()[-1:] == ["media"]]


async def _child(pid: int) -> psutil.Process:
    async with asyncio.timeout(_PATIENCE_S):
        while not (found := _children(pid)):
            await asyncio.sleep(0.02)
    return found[0]


async def _gone(child: psutil.Process) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)


@contextmanager
def _hanging_store() -> Iterator[str]:
    """Listen, and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/object?X-Amz-Signature=canary"


async def test_a_cancelled_call_takes_its_process_along(tmp_path: Path) -> None:
    with _hanging_store() as url:
        media = MediaProcesses(allow_loopback=True)
        call = asyncio.create_task(media.poster(MediaSource(url), tmp_path / "poster.jpg"))
        child = await _child(os.getpid())
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert not child.is_running()


async def test_it_is_nice_and_its_command_line_carries_no_link(tmp_path: Path) -> None:
    with _hanging_store() as url:
        media = MediaProcesses(allow_loopback=True)
        call = asyncio.create_task(media.poster(MediaSource(url), tmp_path / "poster.jpg"))
        child = await _child(os.getpid())
        async with asyncio.timeout(_PATIENCE_S):
            while child.nice() != 10:
                await asyncio.sleep(0.02)
        assert "canary" not in " ".join(child.cmdline())
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_a_killed_parent_s_process_ends(tmp_path: Path) -> None:
    with _hanging_store() as url:
        command = [sys.executable, "-c", _PARENT, str(tmp_path / "poster.jpg")]
        parent = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE)
        assert parent.stdin
        parent.stdin.write(f"{url}\n".encode())
        await parent.stdin.drain()
        child = await _child(parent.pid)
        parent.kill()
        await parent.wait()
        await _gone(child)


async def test_a_killed_process_is_a_passing_fault(tmp_path: Path) -> None:
    with _hanging_store() as url:
        media = MediaProcesses(allow_loopback=True)
        call = asyncio.create_task(media.poster(MediaSource(url), tmp_path / "poster.jpg"))
        (await _child(os.getpid())).kill()
        with pytest.raises(PartUnavailable, match="-9"):
            await call


async def test_one_that_was_stopped_is_ended_and_is_a_passing_fault(tmp_path: Path) -> None:
    with _hanging_store() as url:
        media = MediaProcesses(allow_loopback=True, silence_s=1.0)
        call = asyncio.create_task(media.poster(MediaSource(url), tmp_path / "poster.jpg"))
        child = await _child(os.getpid())
        child.suspend()
        with pytest.raises(PartUnavailable, match="said nothing for 1 s"):
            await call
        assert not child.is_running()


async def test_one_that_lives_and_comes_no_further_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not silent: it says every few seconds that it lives."""
    monkeypatch.setattr(process, "_STALLED_AFTER_S", 1.0)
    with _hanging_store() as url:
        media = MediaProcesses(allow_loopback=True)
        with pytest.raises(PartUnavailable, match="comes no further"):
            await media.cut(MediaSource(url), 0, 1, "smart", tmp_path / "clip.mp4", lambda _: None)
    assert _children(os.getpid()) == []


def test_what_it_prints_carries_no_link(tmp_path: Path) -> None:
    with serving(b"") as server:
        server.answers = [0] * 9
        source = {"url": server.url, "index_url": server.url, "files": [], "allow_loopback": True}
        order = {"source": source, "task": {"type": "poster", "out": str(tmp_path / "poster.jpg")}}
        command = [sys.executable, "-m", "rtcstack", "media"]
        with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True) as child:
            assert child.stdin
            assert child.stdout
            assert child.stderr
            child.stdin.write(json.dumps(order) + "\n")
            child.stdin.flush()
            said, complained = child.stdout.read(), child.stderr.read()
    assert json.loads(said.splitlines()[-1])["kind"] == "PartUnavailable"
    assert "canary" not in said + complained
