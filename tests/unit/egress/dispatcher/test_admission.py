from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit.protocol import egress as pb

from rtcstack.adapters.psrpc.messages import StartEgressRequest
from rtcstack.egress.dispatcher.admission import Admission
from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.dispatcher.others import OtherWork
from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.egress.spool import Spool
from rtcstack.errors import DiskFull, Exhausted
from rtcstack.settings import load


class _SmallSpool(Spool):
    free = RESERVE_BYTES

    def free_bytes(self) -> int:
        return self.free


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[_SmallSpool]:
    spool = _SmallSpool(tmp_path)
    yield spool
    spool.close()


@pytest.fixture
def request_() -> StartEgressRequest:
    file = pb.EncodedFileOutput(filepath="a.mp4")
    composite = pb.RoomCompositeEgressRequest(room_name="room", file_outputs=[file])
    return StartEgressRequest(egress_id="EG_1", room_id="RM_1", room_composite=composite)


def _admission(tmp_path: Path, spool: Spool, **settings: str) -> Admission:
    named = {f"RTCSTACK_EGRESS__{name.upper()}": value for name, value in settings.items()}
    return Admission(
        load({"RTCSTACK_EGRESS__MIN_FREE_BYTES": "0", **named}, data=tmp_path), spool, OtherWork()
    )


@pytest.mark.parametrize(
    ("min_free_bytes", "needed_bytes"),
    [(1_000_000, RESERVE_BYTES), (RESERVE_BYTES * 2, RESERVE_BYTES * 2)],
)
def test_no_recording_is_begun_that_the_recorders_own_reserve_would_end(
    spool: _SmallSpool,
    tmp_path: Path,
    request_: StartEgressRequest,
    min_free_bytes: int,
    needed_bytes: int,
) -> None:
    admission = _admission(tmp_path, spool, min_free_bytes=str(min_free_bytes))

    spool.free = needed_bytes - 1
    with pytest.raises(DiskFull, match=f"with {needed_bytes >> 20} MiB or more"):
        admission.check([])
    nearly_full, told = admission.claim(request_, []), admission.capacity([])
    spool.free = needed_bytes
    admission.check([])
    with_room = admission.claim(request_, [])
    assert nearly_full is not None
    assert with_room is not None
    assert nearly_full.affinity < with_room.affinity
    assert (told.can_record, told.more) == (False, 0)
    assert "nearly full" in told.reason


def test_what_is_one_too_many_is_bid_for_last_and_refused_with_the_reason(
    spool: _SmallSpool, tmp_path: Path, request_: StartEgressRequest
) -> None:
    admission, running = _admission(tmp_path, spool, max_recordings="2"), [RecorderLoad(30), RecorderLoad(30)]

    admission.check(running[:1])
    with pytest.raises(Exhausted, match="the settings allow no more") as refused:
        admission.check(running)
    assert refused.value.word == "capacity"
    one, two = admission.claim(request_, running[:1]), admission.claim(request_, running)
    assert one is not None
    assert two is not None
    assert two.affinity < one.affinity == 1.0


def test_a_loaded_worker_bids_later_than_an_idle_one(
    spool: _SmallSpool, tmp_path: Path, request_: StartEgressRequest
) -> None:
    admission = _admission(tmp_path, spool)
    idle, loaded = admission.claim(request_, []), admission.claim(request_, [RecorderLoad(30)])
    assert idle is not None
    assert loaded is not None
    assert idle.delay_s < loaded.delay_s <= 0.040
