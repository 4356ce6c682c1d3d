"""A recorder that has to be asked for twice, and how long one lived."""

import asyncio
import socket
from pathlib import Path

import msgspec
import pytest

from rtcstack.egress.dispatcher.nursery import Nursery, RecorderLink
from rtcstack.egress.dispatcher.take import Take
from rtcstack.egress.job import FromRecorder, Joined, Progress, RecordingJob
from rtcstack.egress.spool import RECORDER_LOCK, SpoolFolder

_IN_A_PAUSE = Progress(0, 0, 0)


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


class _Dying(Nursery):
    """A recorder that dies when it has said so much."""

    def __init__(self, said: list[FromRecorder]) -> None:
        super().__init__("info", "json")
        self._said = said

    async def record(self, job: RecordingJob) -> RecorderLink:
        (job.folder / RECORDER_LOCK).touch()  # it was alive
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(b"".join(msgspec.json.encode(message) + b"\n" for message in self._said))
        return RecorderLink(*await asyncio.open_connection(sock=ours))


@pytest.mark.parametrize(
    ("said", "has_lived"),
    [([], False), ([_IN_A_PAUSE] * 2, False), ([Joined()], False), ([Joined(), _IN_A_PAUSE], True)],
)
async def test_it_lived_from_joining_to_its_last_word_whatever_is_in_its_file(
    tmp_path: Path, said: list[FromRecorder], *, has_lived: bool
) -> None:
    job = RecordingJob("EG_1", "room", "", "", "", tmp_path, is_paused=True)
    take = Take(job, SpoolFolder(tmp_path), _Dying(said))
    await take.start()
    assert await take.follow(_ignore) is None
    assert (take.lived_s > 0) is has_lived
    assert take.recorded_ms == 0


async def test_what_was_paused_meanwhile_begins_paused(tmp_path: Path) -> None:
    nursery = _Deaf()
    take = Take(RecordingJob("EG_1", "room", "", "", "", tmp_path), SpoolFolder(tmp_path), nursery)
    await take.start()
    await take.set_paused(is_paused=True)
    assert await take.follow(_ignore) is None
    assert [job.is_paused for job in nursery.jobs] == [False, True, True]


async def _ignore(_: object) -> None:
    return
