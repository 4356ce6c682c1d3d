from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit.protocol import egress as pb

from rtcstack.adapters.psrpc.messages import StartEgressRequest
from rtcstack.egress.dispatcher.admission import Admission
from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.egress.spool import Spool
from rtcstack.errors import DiskFull
from rtcstack.settings import load


class _SmallSpool(Spool):
    free = 0

    def free_bytes(self) -> int:
        return self.free


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[_SmallSpool]:
    spool = _SmallSpool(tmp_path)
    yield spool
    spool.close()


@pytest.mark.parametrize(
    ("min_free_bytes", "needed_bytes"),
    [(1_000_000, RESERVE_BYTES), (RESERVE_BYTES * 2, RESERVE_BYTES * 2)],
)
def test_no_recording_is_begun_that_the_recorders_own_reserve_would_end(
    spool: _SmallSpool, tmp_path: Path, min_free_bytes: int, needed_bytes: int
) -> None:
    settings = load({"RTCSTACK_EGRESS__MIN_FREE_BYTES": str(min_free_bytes)}, data=tmp_path)
    admission = Admission(settings, spool)
    file = pb.EncodedFileOutput(filepath="a.mp4")
    composite = pb.RoomCompositeEgressRequest(room_name="room", file_outputs=[file])
    request = StartEgressRequest(egress_id="EG_1", room_id="RM_1", room_composite=composite)

    spool.free = needed_bytes - 1
    with pytest.raises(DiskFull, match=f"with {needed_bytes >> 20} MiB or more"):
        admission.check_space()
    nearly_full = admission.claim(request, running=0)
    spool.free = needed_bytes
    admission.check_space()
    with_room = admission.claim(request, running=0)
    assert nearly_full is not None
    assert with_room is not None
    assert nearly_full.affinity < with_room.affinity
