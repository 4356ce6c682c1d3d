"""What the next recorder of an egress is told of the ones before it."""

from pathlib import Path

import pytest

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.egress.dispatcher.course import Fitted
from rtcstack.egress.dispatcher.journal import Journal
from rtcstack.egress.dispatcher.nursery import Nursery, RecorderLink
from rtcstack.egress.dispatcher.parts import Parts
from rtcstack.egress.dispatcher.tools import Tools
from rtcstack.egress.job import Encoding, OverlayJob, RecordingJob
from rtcstack.egress.source import Source
from rtcstack.egress.spool import Order, Spool
from rtcstack.errors import PartUnavailable
from rtcstack.settings import load

_ORDER = Order(
    "EG_1", "RM_1", "room", "a.mp4", 1, Encoding(), "grid", True, True, source=Source(track_id="TR_1")
)


class _Asked(Nursery):
    """Notes what recorders are asked for, and has none."""

    def __init__(self) -> None:
        super().__init__("info", "json")
        self.jobs: list[RecordingJob] = []

    async def record(self, job: RecordingJob) -> RecorderLink:
        self.jobs.append(job)
        raise PartUnavailable("there is no zygote", part="egress")


@pytest.mark.parametrize("fitted", [None, Fitted(Encoding(640, 360), has_audio=False, has_video=True)])
async def test_a_later_part_is_fitted_to_its_track_unless_it_is_known_how_the_first_one_was(
    tmp_path: Path, fitted: Fitted | None
) -> None:
    """A worker that is killed just as the first recorder has joined leaves a part, and no word of what it is."""
    settings, spool, nursery = load({}, data=tmp_path), Spool(tmp_path / "spool"), _Asked()
    folder = spool.create(_ORDER)
    (folder.path / "part-1.mp4").write_bytes(b"x")
    journal = Journal(folder.journal)
    if fitted is not None:
        await journal.append(fitted)
    tools = Tools(settings.livekit, IOInfoClient(Bus(settings.redis)), nursery, OverlayJob())
    with pytest.raises(PartUnavailable):
        await Parts(_ORDER, folder, tools, journal).begin()
    (job,) = nursery.jobs
    assert (job.part, job.is_fitted) == (2, fitted is not None)
    if fitted is not None:
        assert (job.encoding, job.has_audio, job.has_video) == (fitted.encoding, False, True)
    spool.close()
