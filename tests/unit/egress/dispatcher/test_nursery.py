"""Recorders that say nothing, and the process that should have made them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rtcstack.egress.dispatcher.nursery import Nursery, RecorderLink
from rtcstack.egress.zygote import FinishFailed
from rtcstack.errors import Internal, PartUnavailable
from tests.support.children import end_child
from tests.support.standstill import stop_still


async def test_a_recorder_that_never_says_a_word_is_not_waited_for_for_ever() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        link = RecorderLink(*await asyncio.open_connection(sock=ours), birth_s=0.05)
        assert [message async for message in link.messages()] == []
        assert link.is_silent
        await link.close()


async def test_one_that_is_gone_was_not_silent() -> None:
    ours, theirs = socket.socketpair()
    link = RecorderLink(*await asyncio.open_connection(sock=ours))
    theirs.close()
    assert [message async for message in link.messages()] == []
    assert not link.is_silent
    await link.close()


async def test_a_zygote_that_hangs_is_replaced_but_not_one_that_has_just_begun() -> None:
    nursery = Nursery("info", "json")
    nursery.start()
    try:
        first = nursery._process
        assert first is not None
        nursery.replace()
        assert nursery._process is first, "it has not had the time to hang"
        stop_still(first.pid)
        nursery._born_s = time.monotonic() - 60
        nursery.replace()
        assert await asyncio.to_thread(first.wait, 60) == -signal.SIGKILL
        assert nursery._process is not None
        os.kill(nursery._process.pid, 0)  # there is another one
    finally:
        nursery.close()


async def test_a_zygote_that_hangs_with_parts_to_join_is_replaced_and_the_next_one_joins_them(
    tmp_path: Path,
) -> None:
    part = tmp_path / "part-1.mp4"
    part.write_bytes(b"no MP4")
    nursery = Nursery("info", "json", birth_s=0.5)
    nursery.start()
    try:
        assert nursery._process is not None
        stop_still(nursery._process.pid)
        nursery._born_s = time.monotonic() - 60
        with pytest.raises(PartUnavailable, match="does not begin"):
            await nursery.finish("EG_1", (part,), tmp_path / "recording.mp4")
        nursery._birth_s = 60
        answer = await nursery.finish("EG_1", (part,), tmp_path / "recording.mp4")
        assert isinstance(answer, FinishFailed)
        assert "no media" in answer.error
    finally:
        nursery.close()


async def test_a_killed_process_says_nothing_of_the_parts_that_it_was_to_join(tmp_path: Path) -> None:
    part = tmp_path / "part-1.mp4"
    os.mkfifo(part)  # whoever reads it waits
    nursery = Nursery("info", "json")
    nursery.start()
    try:
        assert nursery._process is not None
        joining = asyncio.create_task(nursery.finish("EG_1", (part,), tmp_path / "recording.mp4"))
        await end_child(nursery._process.pid, b"zygote", joining)
        with pytest.raises(PartUnavailable, match="died"):
            await joining
    finally:
        nursery.close()


def test_a_forked_zygote_finishes_recordings_like_any_other(tmp_path: Path) -> None:
    """Forked in a process of its own: that has to be done before there is a thread or a loop."""
    code = (
        "import asyncio, sys; from pathlib import Path; from rtcstack.egress.zygote import Forked\n"
        "from rtcstack.egress.dispatcher.nursery import Nursery\n"
        "async def main(nursery):\n"
        "    nursery.start(); part = Path(sys.argv[1])\n"
        "    print((await nursery.finish('EG_1', (part,), part.with_name('out.mp4'))).error)\n"
        "    nursery.close()\n"
        "asyncio.run(main(Nursery('info', 'json', Forked())))"
    )
    part = tmp_path / "part-1.mp4"
    part.write_bytes(b"no MP4")
    ran = subprocess.run(
        [sys.executable, "-c", code, part], capture_output=True, text=True, check=True, timeout=120
    )
    assert "no media" in ran.stdout


async def test_more_than_the_zygote_reads_at_once_is_not_sent(tmp_path: Path) -> None:
    nursery = Nursery("info", "json")
    nursery.start()
    try:
        parts = tuple(tmp_path / f"part-{number}.mp4" for number in range(1, 10_000))
        with pytest.raises(Internal, match="too much"):
            await nursery.finish("EG_1", parts, tmp_path / "recording.mp4")
    finally:
        nursery.close()
