"""A recorder that has to be asked for twice."""

import asyncio
import socket
from pathlib import Path

from rtcstack.egress.dispatcher.nursery import Nursery, RecorderLink
from rtcstack.egress.dispatcher.take import Take
from rtcstack.egress.job import RecordingJob
from rtcstack.egress.spool import SpoolFolder


class _Deaf(Nursery):
    """Each recorder that it is asked for dies before it has said a word."""

    def __init__(self) -> None:
        super().__init__("info", "json")
        self.jobs: list[RecordingJob] = []

    async def record(self, job: RecordingJob) -> RecorderLink:
        self.jobs.append(job)
        ours, theirs = socket.socketpair()
        theirs.close()
        return RecorderLink(*await asyncio.open_connection(sock=ours))


async def test_what_was_paused_meanwhile_begins_paused(tmp_path: Path) -> None:
    nursery = _Deaf()
    take = Take(RecordingJob("EG_1", "room", "", "", "", tmp_path), SpoolFolder(tmp_path), nursery)
    await take.start()
    await take.set_paused(is_paused=True)
    assert await take.follow(_ignore) is None
    assert [job.is_paused for job in nursery.jobs] == [False, True, True]


async def _ignore(_: object) -> None:
    return
