"""What a recording says that it lacks is what its pictures leave out: each of them carries a number."""

from pathlib import Path
from statistics import median

import pytest

from rtcstack.demo import sight
from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from rtcstack.domain.loss import read_recovered
from tests.integration.egress.dispatcher.harness import WorkerProcess, end_process
from tests.integration.egress.dispatcher.room import Room

pytestmark = pytest.mark.alone  # pictures are held against the clock
_MEDIA = Media()
_PART_S = 4.0
_NEAR_S = 0.3


@pytest.fixture
def worker(stopped_worker: WorkerProcess) -> WorkerProcess:
    """One that each test starts itself."""
    return stopped_worker


@pytest.mark.parametrize("dies", ["recorder", "worker"])
async def test_the_pictures_between_two_parts_are_the_time_that_is_told(
    room: Room, tmp_path: Path, dies: str
) -> None:
    room.worker.start()
    async with Participant(room.settings.livekit.ws_url, room.stage.token("ann"), 0, _MEDIA):
        egress_id = await room.record()
        await room.until_recorded(egress_id, part=1, seconds=_PART_S)
        _kill(room, egress_id, dies)
        await room.until_recorded(egress_id, part=2, seconds=_PART_S)
        await room.caller.stop(egress_id)
        made = await room.ended(egress_id, tmp_path)

    made.check_plays()
    [told] = read_recovered(made.info["details"]) or ()
    behind = _behind_s(made.file)
    before = [passed for at_s, passed in behind if at_s < told.at_ms / 1000 - _NEAR_S]
    after = [passed for at_s, passed in behind if at_s > told.at_ms / 1000 + _NEAR_S]
    missing_s = median(after) - median(before)
    assert missing_s > 0
    assert abs(missing_s - told.lost_ms / 1000) < _NEAR_S


def _kill(room: Room, egress_id: str, dies: str) -> None:
    if dies == "recorder":
        end_process(room.worker.recorder_pid(egress_id))
    else:
        room.worker.kill()
        room.worker.start()


def _behind_s(file: Path) -> list[tuple[float, float]]:
    """Return for each picture when it is shown, and how much more time has passed for whom it shows."""
    frames = [frame for frame in sight.look(file, [0]) if frame.seen]
    return [(frame.time_s, frame.seen[0].number / _MEDIA.framerate - frame.time_s) for frame in frames]
