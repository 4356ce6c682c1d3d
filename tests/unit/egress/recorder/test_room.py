"""What is left on the stage by a connection that is gone."""

from pathlib import Path
from typing import cast

import pytest

from rtcstack.egress.job import RecordingJob
from rtcstack.egress.recorder.director import Director
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.outages import Outages
from rtcstack.egress.recorder.room import RoomSession
from rtcstack.egress.recorder.stage import Scene, Stage
from rtcstack.egress.source import WHOLE_ROOM, Source, Video
from tests.unit.egress.recorder.test_outages import Feed


@pytest.mark.parametrize("source", [WHOLE_ROOM, Source(Video(identity="ann"))])
async def test_without_a_connection_the_stage_is_empty_and_otherwise_as_before(source: Source) -> None:
    """Logo, clock and text lie over pictures of rooms alone, also while there are no pictures."""
    job = RecordingJob("EG", "room", "", "", "", Path(), source=source, layout="grid-light")
    media, stage = Feed(), Stage()
    session = RoomSession(job, cast(Hub, media), Director(job), stage, lambda _: None, Outages(media))
    session.release()
    assert stage.scene == Scene(is_light=True, is_bare=source != WHOLE_ROOM)
